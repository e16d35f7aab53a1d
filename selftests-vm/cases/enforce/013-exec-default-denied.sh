# SPDX-License-Identifier: GPL-2.0-or-later
# What no rule allows is denied by the default, and the record names the default's line.
. /guest/lib.sh

cgroup /web
program /srv/allowed /srv/bin/other
expect_allowed in-cgroup /web exec /srv/bin/other

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	default = deny
	allow = /srv/allowed
END
bailiff_start

expect_denied in-cgroup /web exec /srv/bin/other
expect_records 1 operation=exec verdict=deny object.path=/srv/bin/other \
	$(rule 10-web 'default = deny')
expect_allowed in-cgroup /web exec /srv/allowed
expect_allowed exec /srv/bin/other
