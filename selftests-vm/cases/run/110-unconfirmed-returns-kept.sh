# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# Commands that were started before a reload that waits to be confirmed, and while it waits, are held by their policies
# when what was in force before returns, and after a restart with what is kept. What waits goes on waiting while runs start.
. /guest/lib.sh

two_policies_set_up
secret /srv/secret
run_policy try <<-'END'
	[policy]
	name = try
	[file]
	deny = read /srv/secret
END

# held: both commands are, wherever they began.
held() {
	local cgroup
	for cgroup in "$first" "$second"; do
		expect_denied in-cgroup "$cgroup" open-read /srv/secret
	done
	expect_equal "names" "$(status_value '[.policies[].name | sub("@.*"; "@")] | join(" ")')" "web try@ try@"
}

two_policies before
bailiff_start
run_start --policy /srv/try.ini -- probe waiting /run/case/ready-1 /run/case/go open-read /srv/secret
first_runner=$runner
wait_until "the first command" test -e /run/case/ready-1
first=$(run_cgroups)

two_policies after
expect_code 0 bailiff reload --confirm 1h
in_force after
expect_denied in-cgroup "$first" open-read /srv/secret

run_start --policy /srv/try.ini -- probe waiting /run/case/ready-2 /run/case/go open-read /srv/secret
second_runner=$runner
wait_until "the second command" test -e /run/case/ready-2
second=$(run_cgroups | grep -v -x -F -e "$first")
in_force after
held
expect_equal "the time" "$(status_value .confirmation.within_ms)" 3600000

expect_code 0 bailiff confirm --return
in_force before
held
expect_equal "kept" "$(status_value .policies_kept)" true

bailiff_stop KILL
bailiff_start
expect_log "are put in force, not those of the configuration"
in_force before
held

expect_code 0 bailiff reload
in_force after
held
touch /run/case/go
expect_exit 1 "$first_runner"
expect_exit 1 "$second_runner"
expect_run_gone
in_force after
