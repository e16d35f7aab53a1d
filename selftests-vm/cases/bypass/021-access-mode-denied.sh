# SPDX-License-Identifier: GPL-2.0-or-later
# Access mode 3 asks for both reading and writing, O_TRUNC writes even where the file is opened for reading.
. /guest/lib.sh

cgroup /web
secret /srv/unread /srv/unwritten /srv/public
for name in unread unwritten; do
	expect_allowed in-cgroup /web open-ioctl /srv/$name
	expect_allowed in-cgroup /web open-trunc /srv/$name
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/unread
	deny = write /srv/unwritten
END
bailiff_start

expect_denied in-cgroup /web open-ioctl /srv/unread
expect_denied in-cgroup /web open-trunc /srv/unread
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/unread \
	permissions.asked='["read","write"]' permissions.denied='["read"]' $(rule 10-web 'deny = read')
expect_denied in-cgroup /web open-ioctl /srv/unwritten
expect_denied in-cgroup /web open-trunc /srv/unwritten
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/unwritten \
	permissions.asked='["read","write"]' permissions.denied='["write"]' $(rule 10-web 'deny = write')
expect_allowed in-cgroup /web open-read /srv/unwritten
expect_allowed in-cgroup /web open-write /srv/unread
expect_allowed in-cgroup /web open-ioctl /srv/public
