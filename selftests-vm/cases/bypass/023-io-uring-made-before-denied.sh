# SPDX-License-Identifier: GPL-2.0-or-later
# A ring, its thread and credentials registered with it may be older than the confinement: what is done through it is
# confined all the same.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
for how in here polled; do
	expect_allowed ring-made $how in-cgroup /web ring made open-read /srv/secret
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

for how in here polled; do
	expect_denied ring-made $how in-cgroup /web ring made open-read /srv/secret
	expect_allowed ring-made $how in-cgroup /web ring made open-read /srv/public
done
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/secret container.cgroup=/web \
	$(rule 10-web 'deny = read')
