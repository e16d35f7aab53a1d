# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Signals that are sent to bailiff reach the command; what it had blocked or ignored is as it was.
. /guest/lib.sh

run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
bailiff_start

# The command signals its parent, as anybody might, and is sent that.
# shellcheck disable=SC2016 # for the command's shell
expect_run 42 --policy /srv/try.ini -- sh -c 'trap "exit 42" USR1; kill -USR1 $PPID; while :; do :; done'
expect_run_gone

run_start --policy /srv/try.ini -- probe stay /run/case/ready
wait_until "the command" test -e /run/case/ready
kill -TERM "$runner"
expect_exit 143 $runner
expect_run_gone

# Nothing is blocked, and of those above none ignored.
expect_run 0 --policy /srv/try.ini -- grep -q '^SigBlk:.0000000000000000' /proc/self/status
(
	trap '' USR2
	expect_run 0 --policy /srv/try.ini -- grep -q '^SigIgn:.0000000000000800' /proc/self/status
)
expect_run_gone
