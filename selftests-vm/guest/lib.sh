# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# What the cases are written in. A case is a sequence of statements; the first that does not hold ends it.
set -eu

readonly policies=/etc/bailiff/policies.d
readonly events=/run/case/events.jsonl
readonly daemon_log=/run/case/daemon.log
readonly notified=/run/case/notified
readonly DEADLINE_S=20

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# wait_until WHAT COMMAND...: polls until the command succeeds, or fails the case.
wait_until() {
	local what=$1 tries=$((DEADLINE_S * 20))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || fail "waited $DEADLINE_S s for: $what"
		sleep 0.05
	done
}

# --- set-up ---

# cgroup PATH...: makes cgroups, named from the root of the hierarchy.
cgroup() {
	local path
	for path; do
		mkdir -p "/sys/fs/cgroup$path"
	done
}

# policy NAME <<EOF: writes a policy file.
policy() {
	cat >"$policies/$1.ini"
}

# line_of NAME TEXT: the number of the only line of a policy that contains the text.
line_of() {
	local lines
	lines=$(grep -n -F -e "$2" "$policies/$1.ini" | cut -d: -f1)
	case $lines in
	'' | *[!0-9]*) fail "'$2' is not in exactly one line of $1.ini" ;;
	esac
	echo "$lines"
}

# secret PATH...: files with something in them.
secret() {
	local path
	for path; do
		mkdir -p "$(dirname "$path")"
		echo secret >"$path"
	done
}

# program PATH...: programs that run in any root and do nothing.
program() {
	local path
	for path; do
		mkdir -p "$(dirname "$path")"
		cp /usr/bin/probe "$path"
	done
}

# listen ADDRESS...: listeners as "probe listen" takes them; returns when they listen.
listen() {
	rm -f /run/case/listening
	probe listen /run/case/listening "$@" &
	wait_until "listeners on $*" test -e /run/case/listening
}

# --- the daemon ---

has_notified() {
	grep -q -x -F -e "$1" "$notified" && return
	kill -0 "$daemon" 2>/dev/null || {
		cat "$daemon_log"
		fail "the daemon died before it said $1"
	}
	return 1
}

# bailiff_start [ARG]...: starts the daemon and returns when it is ready; $daemon is its process.
bailiff_start() {
	rm -f /run/case/notify "$notified"
	: >"$notified"
	probe notify-listen /run/case/notify "$notified" &
	notifier=$!
	wait_until "the notify socket" test -S /run/case/notify
	NOTIFY_SOCKET=/run/case/notify bailiff daemon --policies "$policies" --events "$events" \
		"$@" >>"$daemon_log" 2>&1 &
	daemon=$!
	wait_until "the daemon to be ready" has_notified READY=1
}

# Ends the daemon with a signal and waits for it; $daemon_status is its exit code.
bailiff_stop() {
	kill "-${1:-TERM}" "$daemon"
	daemon_status=0
	# shellcheck disable=SC2034 # for the case
	wait "$daemon" || daemon_status=$?
	kill "$notifier"
	wait "$notifier" || true
}

log_count() {
	grep -c -F -e "$1" "$daemon_log" || true
}

log_grew() {
	[ "$(log_count "$1")" -gt "$2" ]
}

expect_log() {
	wait_until "'$1' in the daemon's log" grep -q -F -e "$1" "$daemon_log"
}

status_value() {
	bailiff status --json | jq -r "$1"
}

# --- statements ---

try() {
	probe_status=0
	probe "$@" || probe_status=$?
}

# expect_allowed VERB...: the probe did it.
expect_allowed() {
	try "$@"
	[ "$probe_status" -eq 0 ] || fail "not allowed (probe exit code $probe_status): $*"
	echo "allowed: $*"
}

# expect_denied VERB...: the probe was refused with EPERM, and nothing else.
expect_denied() {
	try "$@"
	[ "$probe_status" -eq 1 ] || fail "not denied (probe exit code $probe_status): $*"
	echo "denied: $*"
}

# records KEY=VALUE...: those records of the events file in which every field has that value.
records() {
	[ -e "$events" ] || return 0
	# shellcheck disable=SC2016 # jq's variables
	jq -c '. as $record | select(all($ARGS.positional[];
		index("=") as $i | .[:$i] as $key | .[$i + 1:] as $value |
		($record | getpath($key | split("."))) | tostring == $value))' "$events" --args "$@"
}

has_records() {
	wanted=$1
	shift
	found=$(records "$@" | wc -l)
	[ "$found" -ge "$wanted" ]
}

# expect_records N KEY=VALUE...: exactly N records have these fields, once N were written.
expect_records() {
	local wanted=$1
	wait_until "$wanted records with: $*" has_records "$@"
	[ "$found" -eq "$wanted" ] || fail "$found records instead of $wanted with: $*"
	echo "records: $*"
}

# expect_equal WHAT ACTUAL EXPECTED
expect_equal() {
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
	echo "$1: $2"
}
