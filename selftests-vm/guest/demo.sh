# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2154
# The story of the README, told in a guest: a miner in a web container, before and after.
. /guest/lib.sh

mkdir -p /run/case "$policies" /srv
ip addr add 203.0.113.7/32 dev lo
cgroup /web
listen tcp4 203.0.113.7 3333
program /srv/upload

say() {
	printf '\n%s\n' "$*"
}

# in_web COMMAND: runs it in the container.
in_web() {
	echo "  web# $1"
	status=0
	probe in-cgroup /web exec /bin/sh -c "$1; echo \$? >/run/case/status" >/run/case/said 2>&1 || fail "no shell"
	sed 's/^/       /' /run/case/said
	status=$(cat /run/case/status)
	[ "$status" -ne 0 ] || echo "       done"
}

# step allowed|denied COMMAND OPERATION
step() {
	in_web "$2"
	case $1 in
	allowed) [ "$status" -eq 0 ] || fail "this should have worked: $(cat /run/case/said)" ;;
	denied)
		grep -q 'Operation not permitted' /run/case/said || fail "this should have been denied"
		wait_until "the record" has_records 1 operation="$3" verdict=deny enforced=true
		records operation="$3" | jq -r '"       -> \(.rule.file):\(.rule.line): \(.rule.text)"'
		;;
	esac
}

readonly WRITE='cat /srv/upload >/tmp/miner'
readonly EXEC='/tmp/miner'
readonly CONNECT='nc -w 5 203.0.113.7 3333 </dev/null'

say "A web container, without bailiff. Somebody got in."
step allowed "$WRITE" open
chmod +x /tmp/miner
step allowed "$EXEC" exec
step allowed "$CONNECT" connect

say "The same with bailiff and the policy it ships, policies/10-miner.ini."
cp /guest/policies/10-miner.ini "$policies/"
bailiff_start
sed -n 's/^/  /p' "$daemon_log"

say "1. The miner is written to a directory that anybody may write to:"
step denied "$WRITE" open

say "2. Had it got there, it would be executed:"
step denied "$EXEC" exec

say "3. Had it been executed, or come in as a script for a program that may be, it would connect to its pool:"
step denied "$CONNECT" connect

say "The three records:"
expect_records 3 record=access verdict=deny enforced=true >/dev/null
grep '"record":"access"' "$events"

say "The daemon is killed. Nothing changes:"
bailiff_stop KILL
in_web "$EXEC"
grep -q 'Operation not permitted' /run/case/said || fail "this should have been denied"

say "Every step was stopped."
