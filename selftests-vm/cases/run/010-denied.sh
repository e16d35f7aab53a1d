# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A command in a cgroup of its own: what its policy denies is denied from its first instruction on, nobody else is held
# by it, and afterwards nothing is left.
. /guest/lib.sh

secret /srv/secret /srv/public
program /srv/program
run_policy try <<-'END'
	[policy]
	name = try
	[exec]
	deny = /srv/program
	[file]
	deny = read /srv/secret
END

# Without: everything works.
expect_allowed open-read /srv/secret
expect_allowed exec /srv/program

bailiff_start
expect_run 0 --policy /srv/try.ini -- probe open-read /srv/public
expect_run_gone
expect_records 0 record=access

expect_run 1 --policy /srv/try.ini -- probe open-read /srv/secret
run_said "denied: 1;"
expect_run_gone
expect_records 1 operation=open verdict=deny enforced=true policy="$(jq -r 'select(.policy).policy' "$events")" \
	object.path=/srv/secret $(run_rule try 'deny = read /srv/secret')
cgroup=$(jq -r 'select(.record == "access").container.cgroup' "$events")
expect_records 1 record=run outcome=ended cgroup="$cgroup"
case $cgroup in
/bailiff.run-??????) ;;
*) fail "the record names the cgroup '$cgroup'" ;;
esac
jq -e -s --arg name "try@${cgroup#/}" 'any(.policy == $name)' "$events" >/dev/null || fail "the policy has another name"

# The execution of the command itself is decided.
expect_run 126 --policy /srv/try.ini -- /srv/program
run_said "'/srv/program' cannot be executed: Operation not permitted"
expect_records 1 operation=exec verdict=deny enforced=true object.path=/srv/program $(run_rule try 'deny = /srv/program')
expect_run_gone

# Neighbours are not held, while it runs.
run_start --policy /srv/try.ini -- probe waiting /run/case/ready /run/case/go open-read /srv/secret
wait_until "the command" test -e /run/case/ready
expect_allowed open-read /srv/secret
cgroup /web
expect_allowed in-cgroup /web open-read /srv/secret
cgroup=$(run_cgroups)
expect_equal "policies" "$(status_value ".containers[] | select(.cgroup == \"$cgroup\").policies | join(\" \")")" \
	"try@${cgroup#/}"
expect_denied in-cgroup "$cgroup" open-read /srv/secret
expect_equal "the rule's counter" "$(status_value ".policies[] | select(.name == \"try@${cgroup#/}\").rules[] |
	select(.text == \"deny = read /srv/secret\").enforced")" 1
touch /run/case/go
expect_exit 1 $runner
run_said "denied: 2;"
expect_run_gone

# Exit codes are the command's own, or say what was wrong.
expect_run 7 --policy /srv/try.ini -- sh -c 'exit 7'
expect_run 143 --policy /srv/try.ini -- sh -c 'kill -TERM $$'
expect_run 127 --policy /srv/try.ini -- nix
run_said "'nix' cannot be executed: No such file or directory"
expect_run 125 --policy /srv/nix.ini -- true
run_said "/srv/nix.ini: error: cannot read it"
expect_run_gone
