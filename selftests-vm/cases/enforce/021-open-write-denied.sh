# SPDX-License-Identifier: GPL-2.0-or-later
# Every way of opening for writing is a write: append, read and write, and truncation by a read-only open.
. /guest/lib.sh

cgroup /web
secret /srv/config /srv/scratch
for verb in open-write open-append open-rdwr open-trunc open-read; do
	expect_allowed in-cgroup /web $verb /srv/scratch
done
for verb in open-write open-append open-rdwr; do
	expect_allowed in-cgroup /web $verb /srv/config
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /srv/config
END
bailiff_start

count=0
for verb in open-write open-append open-rdwr open-trunc; do
	expect_denied in-cgroup /web $verb /srv/config
	count=$((count + 1))
	expect_records $count operation=open verdict=deny object.path=/srv/config \
		permissions.denied='["write"]' $(rule 10-web 'deny = write /srv/config')
	expect_allowed in-cgroup /web $verb /srv/scratch
done
test -s /srv/config || fail "the file was truncated"
expect_allowed in-cgroup /web open-read /srv/config
expect_allowed open-write /srv/config
