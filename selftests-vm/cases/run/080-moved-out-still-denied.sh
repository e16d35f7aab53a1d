# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# A command that moves itself out of its cgroup is not rid of the policies, nor when the daemon starts anew, nor when
# whoever started it is killed.
. /guest/lib.sh

secret /srv/secret
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
bailiff_start
# shellcheck disable=SC2016 # for the command's shell
run_start --policy /srv/try.ini -- sh -c 'echo $$ >/sys/fs/cgroup/cgroup.procs &&
	exec probe hammer denied /run/case/stop open-read /srv/secret >/run/case/hammer.log'
wait_until "denials" has_records 2 operation=open
cgroup=$(run_cgroups)
expect_equal "processes in its cgroup" "$(cat "/sys/fs/cgroup$cgroup/cgroup.procs")" ""
expect_allowed open-read /srv/secret

# Long enough for the daemon to look more than twice.
for _ in 1 2 3 4; do
	expect_run 0 --policy /srv/try.ini -- true
done
bailiff_reload
bailiff_stop KILL
bailiff_start
bailiff_reload
kill -KILL "$runner"
wait "$runner" || true
for _ in 1 2 3 4; do
	expect_run 0 --policy /srv/try.ini -- true
done
expect_records 0 record=run outcome=ended cgroup="$cgroup"
expect_equal "names" "$(status_value '[.policies[].name] | join(" ")')" "try@${cgroup#/}"

touch /run/case/stop
wait_until "the run to be gone" run_is_gone
grep -q ' allowed=0 .* untried=0 otherwise=0' /run/case/hammer.log || fail "hammer said: $(cat /run/case/hammer.log)"
