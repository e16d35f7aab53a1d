# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# The daemon dies and is started again while a command runs: it is denied throughout, and what is left goes with it; also
# when it ends while there is no daemon.
. /guest/lib.sh

secret /srv/secret
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
bailiff_start
run_start --policy /srv/try.ini -- probe hammer denied /run/case/stop open-read /srv/secret
wait_until "denials" has_records 2 operation=open
cgroup=$(run_cgroups)

bailiff_stop KILL
expect_run 125 --policy /srv/try.ini -- true
run_said "no daemon answers at '/run/bailiff/bailiff.sock'"
bailiff_start
expect_log "'$cgroup' goes on"
expect_equal "names" "$(status_value '[.policies[].name] | join(" ")')" "try@${cgroup#/}"
expect_denied in-cgroup "$cgroup" open-read /srv/secret
bailiff_reload
touch /run/case/stop
expect_exit 0 $runner
expect_run_gone

run_start --policy /srv/try.ini -- probe waiting /run/case/ready /run/case/go open-read /srv/secret
wait_until "the command" test -e /run/case/ready
bailiff_stop TERM
touch /run/case/go
expect_exit 1 $runner
run_said "no daemon answers"
expect_equal "cgroups" "$(run_cgroups)" ""
bailiff_start
wait_until "the run to be gone" run_is_gone
