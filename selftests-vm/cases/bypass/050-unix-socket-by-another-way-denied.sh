# SPDX-License-Identifier: GPL-2.0-or-later
# A unix socket is decided by its own path, whatever way leads there.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/run /srv/mounted
listen unix /srv/run/denied unix /srv/run/allowed
probe notify-listen /srv/run/datagram /run/case/datagrams &
wait_until "the datagram socket" test -S /srv/run/datagram
ln -s run /srv/link
ln -s run/denied /srv/allowed
ln /srv/run/denied /srv/hard
mount --bind /srv/run /srv/mounted
for path in /srv/link/denied /srv/allowed /srv/hard /srv/mounted/denied; do
	expect_allowed in-cgroup /web connect-unix $path
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect unix /srv/run/denied
	deny = connect unix /srv/run/datagram
END
bailiff_start

for path in /srv/link/denied /srv/allowed /srv/hard /srv/mounted/denied; do
	expect_denied in-cgroup /web connect-unix $path
done
expect_denied in-cgroup /web in-directory /srv connect-unix run/denied
expect_denied in-cgroup /web in-directory /srv/mounted connect-unix ../link/./denied
expect_denied in-cgroup /web in-root /srv connect-unix /run/denied
expect_records 7 operation=connect verdict=deny enforced=true object.kind=unix object.path=/srv/run/denied \
	$(rule 10-web 'deny = connect unix /srv/run/denied')
expect_denied in-cgroup /web connect-datagram /srv/link/datagram
expect_denied in-cgroup /web in-directory /srv/run send-datagram datagram
for operation in connect send; do
	expect_records 1 operation=$operation verdict=deny enforced=true object.path=/srv/run/datagram
done
expect_allowed in-cgroup /web connect-unix /srv/mounted/allowed
expect_allowed send-datagram /srv/run/datagram
umount /srv/mounted
