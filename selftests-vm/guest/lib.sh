# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2046 # words are split on purpose
# What the cases are written in. A case is a sequence of statements; the first that does not hold ends it.
set -eu
. /guest/clock.sh

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

# rule NAME TEXT: the fields by which a record names that rule.
rule() {
	local line
	line=$(line_of "$1" "$2")
	echo "rule.file=$policies/$1.ini rule.line=$line"
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

has_notified_times() {
	[ "$(grep -c -x -F "$1" "$notified")" -ge "$2" ]
}

# Has the daemon read its policies again, and returns when it is done with them, one way or the other.
bailiff_reload() {
	local before
	before=$(grep -c -x -F READY=1 "$notified")
	kill -HUP "$daemon"
	wait_until "the daemon to finish the reload" has_notified_times READY=1 $((before + 1))
}

# Ends the daemon with a signal and waits for it; $daemon_status is its exit code.
bailiff_stop() {
	kill "-${1:-TERM}" "$daemon"
	daemon_status=0
	# shellcheck disable=SC2034 # for the case
	wait "$daemon" 2>/dev/null || daemon_status=$?
	kill "$notifier"
	wait "$notifier" 2>/dev/null || true
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

# expect_exit CODE PROCESS: waits for a child of ours.
expect_exit() {
	local status=0
	wait "$2" || status=$?
	[ "$status" -eq "$1" ] || fail "process $2 exited with $status, not $1"
	echo "exit code $1"
}

# records KEY=VALUE...: those records of the events file in which every field has that value.
records() {
	[ -e "$events" ] || return 0
	# shellcheck disable=SC2016 # jq's variables
	jq -c '. as $record | select(all($ARGS.positional[];
		index("=") as $i | .[:$i] as $key | .[$i + 1:] as $value |
		($record | getpath($key | split("."))) | tostring == $value))' "$events" --args "$@"
}

# How often what these records tell happened: one that came again within a second is told by a number.
count_records() {
	records "$@" | jq -s 'map(if .repeat > 0 then .repeat else 1 end) | add // 0'
}

has_records() {
	local wanted=$1
	shift
	found=$(count_records "$@")
	[ "$found" -ge "$wanted" ]
}

# expect_records N KEY=VALUE...: it was recorded exactly N times, once it was N times.
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

# --- five things that are often tried together: execute, read, write, connect over tcp and to a unix socket ---

readonly ATTACKS="exec:/srv/denied open-read:/srv/secret open-write:/srv/config
	connect-tcp4:127.0.0.1:8080 connect-unix:/srv/socket"
readonly CONTROLS="exec:/srv/allowed open-read:/srv/public open-write:/srv/scratch
	connect-tcp4:127.0.0.1:8081 connect-unix:/srv/other-socket"

attack_set_up() {
	program /srv/denied /srv/allowed
	secret /srv/secret /srv/config /srv/public /srv/scratch
	listen tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081 unix /srv/socket unix /srv/other-socket
}

# attack_policy CGROUP [MODE]: writes the policy against the attacks, in 10-web.ini.
attack_policy() {
	policy 10-web <<-END
		[policy]
		name = web
		mode = ${2:-enforce}
		[select]
		cgroup = $1
		[exec]
		deny = /srv/denied
		[file]
		deny = read /srv/secret
		deny = write /srv/config
		[network]
		deny = connect tcp 127.0.0.1:8080
		deny = connect unix /srv/socket
	END
}

# for_each WORDS STATEMENT [WHERE]...: makes the statement on each "verb:argument[:argument]".
for_each() {
	local attack words=$1 statement=$2
	shift 2
	for attack in $words; do
		"$statement" "$@" $(echo "$attack" | tr : ' ')
	done
}

# attack_allowed WHERE...: nothing is denied there.
attack_allowed() {
	for_each "$ATTACKS $CONTROLS" expect_allowed "$@"
}

# attack_denied WHERE...: the attacks are denied, all else is allowed.
attack_denied() {
	for_each "$ATTACKS" expect_denied "$@"
	for_each "$CONTROLS" expect_allowed "$@"
}

# attack_records KEY=VALUE...: one record for each of the attacks, naming its rule.
attack_records() {
	expect_records 1 operation=exec object.path=/srv/denied "$@" $(rule 10-web 'deny = /srv/denied')
	expect_records 1 operation=open object.path=/srv/secret "$@" $(rule 10-web 'deny = read /srv/secret')
	expect_records 1 operation=open object.path=/srv/config "$@" $(rule 10-web 'deny = write /srv/config')
	expect_records 1 operation=connect object.address=127.0.0.1 object.port=8080 "$@" \
		$(rule 10-web 'deny = connect tcp')
	expect_records 1 operation=connect object.path=/srv/socket "$@" $(rule 10-web 'deny = connect unix')
}
