# SPDX-License-Identifier: GPL-2.0-or-later
# The default is audited like a rule, and named like one.
. /guest/lib.sh

cgroup /web
program /srv/allowed /srv/other
policy 10-web <<-'END'
	[policy]
	name = web
	mode = audit
	[select]
	cgroup = /web
	[exec]
	default = deny
	allow = /srv/allowed
END
bailiff_start

expect_allowed in-cgroup /web exec /srv/other
expect_allowed in-cgroup /web exec /srv/allowed
expect_records 1 operation=exec verdict=deny enforced=false mode=audit object.path=/srv/other \
	$(rule 10-web 'default = deny')
expect_records 0 object.path=/srv/allowed
