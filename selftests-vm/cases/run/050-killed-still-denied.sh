# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Whoever started the command is killed, or the command ends before its children: what is left in the cgroup stays
# confined, and when nobody is left the policy goes by itself.
. /guest/lib.sh

secret /srv/secret
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END
bailiff_start
run_start --policy /srv/try.ini -- probe waiting /run/case/ready /run/case/go open-read /srv/secret
wait_until "the command" test -e /run/case/ready
kill -KILL "$runner"
wait "$runner" || true
cgroup=$(run_cgroups)
bailiff_reload
expect_denied in-cgroup "$cgroup" open-read /srv/secret
touch /run/case/go
wait_until "the run to be gone" run_is_gone
expect_records 1 record=run outcome=ended cgroup="$cgroup"
expect_records 2 operation=open container.cgroup="$cgroup"

# The command ends before its child.
rm /run/case/go
expect_run 0 --policy /srv/try.ini -- sh -c 'probe waiting /run/case/later /run/case/go open-read /srv/secret &'
cgroup=$(run_cgroups)
run_said "processes of the command still run, of '$cgroup'"
mkdir "/sys/fs/cgroup$cgroup/below"
expect_denied in-cgroup "$cgroup/below" open-read /srv/secret
touch /run/case/go
wait_until "the run to be gone" run_is_gone
expect_records 1 record=run outcome=ended cgroup="$cgroup"

# One of which only the file is left goes at the next start.
bailiff_stop KILL
echo '{"cgroup":"/gone","cgroup_id":1,"policies":[{"file":"/x","text":"[policy]\nname = x\n"}]}' \
	>/run/bailiff/runs/gone.json
bailiff_start
wait_until "the run to be gone" run_is_gone
