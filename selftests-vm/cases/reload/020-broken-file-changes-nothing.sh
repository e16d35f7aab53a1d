# SPDX-License-Identifier: GPL-2.0-or-later
# A reload is all or nothing: one broken file, and what was in force stays in force.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_allowed in-cgroup /web
attack_policy /web
bailiff_start
attack_denied in-cgroup /web
generation=$(status_value .generation)

# The first file would lift everything; the second is what is wrong.
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/public
END
policy 20-broken <<-'END'
	[policy]
	name = broken
	[select]
	cgroup = /web
	[file]
	refuse = read /srv/public
END
bailiff_reload

expect_log "$policies/20-broken.ini:6:1: "
expect_records 1 record=reload outcome=refused
expect_equal "generation" "$(status_value .generation)" "$generation"
attack_denied in-cgroup /web

rm "$policies/20-broken.ini"
bailiff_reload
expect_records 1 record=reload outcome=applied
expect_denied in-cgroup /web open-read /srv/public
expect_allowed in-cgroup /web open-read /srv/secret
