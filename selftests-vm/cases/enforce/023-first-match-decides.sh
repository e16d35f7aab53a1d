# SPDX-License-Identifier: GPL-2.0-or-later
# In a section the first rule that matches decides, separately for each permission.
. /guest/lib.sh

cgroup /web
secret /srv/data/public /srv/data/other
expect_allowed in-cgroup /web open-rdwr /srv/data/other

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = read /srv/data/public
	deny = read write /srv/data/*
	allow = read write /srv/**
END
bailiff_start

expect_allowed in-cgroup /web open-read /srv/data/public
expect_denied in-cgroup /web open-write /srv/data/public
expect_denied in-cgroup /web open-read /srv/data/other
expect_records 2 verdict=deny $(rule 10-web 'deny = read write /srv/data/*')
