# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Whom a policy confines starts no run: the directory it would have to write to is the engine's own. It says so, nothing is
# left of it, and everybody else goes on.
. /guest/lib.sh

secret /srv/secret
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
run_policy other <<-'END'
	[policy]
	name = other
	[file]
	deny = read /srv/other
END
expect_allowed open-read /srv/secret

bailiff_start
expect_run 0 --policy /srv/other.ini -- true
expect_run 125 --policy /srv/try.ini -- bailiff run --policy /srv/other.ini -- true
run_said "the run cannot be written to '/run/bailiff/runs': Operation not permitted; whom policies confine cannot run a command under others"
expect_run_gone
expect_records 1 operation=create verdict=deny enforced=true fail=engine
expect_records 2 record=run outcome=started

expect_run 1 --policy /srv/try.ini -- probe open-read /srv/secret
expect_run_gone
