# SPDX-License-Identifier: GPL-2.0-or-later
# Opening a file that does not exist yet, for writing, is a write to it.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/denied /srv/allowed
expect_allowed in-cgroup /web open-create /srv/denied/old

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /srv/denied/**
END
bailiff_start

expect_denied in-cgroup /web open-create /srv/denied/old
expect_denied in-cgroup /web open-create /srv/denied/fresh
expect_records 1 operation=open verdict=deny object.path=/srv/denied/fresh \
	$(rule 10-web 'deny = write /srv/denied/**')
expect_allowed in-cgroup /web open-create /srv/allowed/fresh
