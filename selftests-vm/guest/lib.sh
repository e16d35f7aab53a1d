# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2046 # words are split on purpose
# What the cases are written in. A case is a sequence of statements; the first that does not hold ends it.
set -eu
. /guest/clock.sh

readonly policies=/etc/bailiff/policies.d
readonly events=/run/case/events.jsonl
readonly daemon_log=/run/case/daemon.log
readonly notified=/run/case/notified
# The verifier takes its time with the programs, on a loaded host.
readonly DEADLINE_S=180

fail() {
	echo "FAIL: $*" >&2
	exit 1
}

# wait_until WHAT COMMAND...: polls until the command succeeds, or fails the case.
wait_until() {
	local what=$1 deadline_ms
	deadline_ms=$(($(uptime_ms) + DEADLINE_S * 1000))
	shift
	until "$@"; do
		[ "$(uptime_ms)" -lt "$deadline_ms" ] || fail "waited $DEADLINE_S s for: $what"
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

# process NAME [VERB]...: a process that stays until it is killed; $NAME is its number.
process() {
	local name=$1
	shift
	probe "$@" stay "/run/case/ready-$name" &
	eval "$name=$!"
	wait_until "the process $name" test -e "/run/case/ready-$name"
}

# helper PATH COMMAND: a program for the kernel to start, by the name /..PATH: its root is the one below ours.
helper() {
	printf '#!/../bin/busybox sh\nexec /../bin/busybox chroot /.. %s\n' "$2" >"$1"
	chmod 755 "$1"
}

# machine_spent: after this case the machine cannot be put back to where it was, and is not to be; another is started.
machine_spent() {
	: >/run/spent
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

# The process that reads executables for the daemon.
exe_reader() {
	tr -d ' ' <"/proc/$daemon/task/$daemon/children"
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

# expect_counted N NAME TEXT: so often that rule has denied, or allowed and recorded, as its counter says.
expect_counted() {
	expect_equal "the counter of '$3'" "$(status_value ".policies[] | select(.name == \"${2#*-}\").rules[] |
		select(.line == $(line_of "$2" "$3")).enforced")" "$1"
}

# expect_equal WHAT ACTUAL EXPECTED
expect_equal() {
	[ "$2" = "$3" ] || fail "$1 is '$2', not '$3'"
	echo "$1: $2"
}

# --- bailiff run ---

readonly run_log=/run/case/run.log

# run_policy NAME <<EOF: writes a policy that no daemon reads.
run_policy() {
	cat >"/srv/$1.ini"
}

# run_rule NAME TEXT: the fields by which a record names that rule.
run_rule() {
	local line
	line=$(grep -n -F -e "$2" "/srv/$1.ini" | cut -d: -f1)
	echo "rule.file=/srv/$1.ini rule.line=$line"
}

# expect_run CODE ARG...: "bailiff run ARG..." exits with that code; what it says is in the log.
expect_run() {
	local wanted=$1 status=0
	shift
	bailiff run "$@" 2>"$run_log" || status=$?
	[ "$status" -eq "$wanted" ] || fail "exit code $status, not $wanted: bailiff run $*"
	echo "exit code $wanted: bailiff run $*"
}

# run_start ARG...: the same in the background; $runner is bailiff's process.
run_start() {
	bailiff run "$@" 2>"$run_log" &
	# shellcheck disable=SC2034 # for the case
	runner=$!
}

run_said() {
	grep -q -F -e "$1" "$run_log" || fail "'$1' is not in what bailiff run said: $(cat "$run_log")"
	echo "said: $1"
}

# The cgroups of runs, from the root of the hierarchy.
run_cgroups() {
	find /sys/fs/cgroup -name 'bailiff.run-*' | sed 's|^/sys/fs/cgroup||'
}

run_goes_on() {
	[ -n "$(run_cgroups)" ]
}

run_is_gone() {
	[ -z "$(run_cgroups)" ] && [ -z "$(ls -A /run/bailiff/runs)" ] &&
		[ "$(status_value '[.policies[] | select(.name | contains("@"))] | length')" -eq 0 ]
}

# expect_run_gone: nothing of a run is left: no cgroup, no file, no policy in force.
expect_run_gone() {
	run_is_gone || fail "left: $(run_cgroups) $(ls -A /run/bailiff/runs) $(status_value '[.policies[].name]')"
	echo "nothing is left of the run"
}

# expect_code CODE COMMAND...: it ends with that exit code; what it printed is in /run/case/output.
expect_code() {
	local wanted=$1 status=0
	shift
	"$@" >/run/case/output 2>&1 || status=$?
	cat /run/case/output
	[ "$status" -eq "$wanted" ] || fail "exit code $status instead of $wanted: $*"
}

expect_output() {
	grep -q -F -e "$1" /run/case/output || fail "'$1' was not printed"
}

# --- a reload from one policy to another, of the same name ---

# Both deny /srv/always, the first also /srv/before, the second /srv/after.
two_policies_set_up() {
	cgroup /web
	secret /srv/always /srv/before /srv/after
	for_each "open-read:/srv/always open-read:/srv/before open-read:/srv/after" expect_allowed in-cgroup /web
}

# two_policies before|after: writes one of them.
two_policies() {
	policy 10-web <<-END
		; $1
		[policy]
		name = web
		[select]
		cgroup = /web
		[file]
		deny = read /srv/always
		deny = read /srv/$1
	END
}

# in_force before|after: which of them it is.
in_force() {
	local other=after
	[ "$1" = before ] || other=before
	expect_denied in-cgroup /web open-read "/srv/$1"
	expect_denied in-cgroup /web open-read /srv/always
	expect_allowed in-cgroup /web open-read "/srv/$other"
}

# Tries what both deny until always_ends, which expects that it was denied each time.
always_begins() {
	rm -f /run/case/stop
	probe in-cgroup /web hammer denied /run/case/stop open-read /srv/always &
	hammer=$!
}

always_ends() {
	touch /run/case/stop
	expect_exit 0 "$hammer"
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

# --- which permissions of [file] a call asks ---

readonly FILE_PERMISSIONS="read write create delete attr map"
readonly expected=/run/case/expected
rows=0
asking_of=none

# things DIR: one of each, to be acted on.
things() {
	mkdir -p "$1/directory" "$1/other-directory" "$1/full/inner"
	echo file >"$1/file"
	echo other >"$1/other"
	echo inner >"$1/full/file"
	ln -s file "$1/link"
}

# Below /srv/PERMISSION that one is denied, and nothing else.
asking_policy() {
	local permission
	{
		cat <<-'END'
			[policy]
			name = web
			[select]
			cgroup = /web
			[file]
		END
		for permission in $FILE_PERMISSIONS; do
			echo "deny = $permission /srv/$permission/**"
		done
	} | policy 10-web
	asking_of=$FILE_PERMISSIONS
}

# asked_at OPERATION:OBJECT WORD...: the permissions of the words that end so, as a record has them. A second name is
# asked for what the other one allows as well, which is another test's.
asked_at() {
	local end=$1 permission word list=
	shift
	case $end in
	rename:* | link:*)
		echo '*'
		return
		;;
	esac
	for permission in $FILE_PERMISSIONS; do
		for word; do
			[ "$word" != "$permission:$end" ] || list="$list,$permission"
		done
	done
	echo "${list#,}"
}

# asks [PERMISSION:OPERATION:OBJECT]... -- [holding MODE PATH] VERB...
# What the probe's verb asks for, and no more: it is tried where each of the permissions is denied, in a directory of
# its own that @ stands for. Before asking_policy it is tried once and has to work.
asks() {
	local words='' word permission dir denied
	while [ "$1" != -- ]; do
		words="$words $1"
		shift
	done
	shift
	rows=$((rows + 1))
	for permission in $asking_of; do
		dir=/srv/$permission/$rows
		things "$dir"
		denied=
		for word in $words; do
			case $word in
			"$permission":*) denied=${denied:-${word#*:}} ;;
			esac
		done
		# shellcheck disable=SC2086
		if [ -n "$denied" ]; then
			echo "${denied%%:*} $dir/${denied#*:} $(asked_at "$denied" $words) $permission" \
				"$(line_of 10-web "deny = $permission ")" >>"$expected"
			expect_denied $(asking_command "$dir" "$@")
		else
			expect_allowed $(asking_command "$dir" "$@")
		fi
	done
}

# What is held is opened before the cgroup is entered.
asking_command() {
	local dir=$1 before=
	shift
	if [ "$1" = holding ]; then
		before="holding $2 $3"
		shift 3
	fi
	echo "$before in-cgroup /web $*" | sed "s|@|$dir|g"
}

# Every denial of all that was asked has the record it should have, there are no others, and nothing was undecided.
expect_asked() {
	local wanted
	wanted=$(wc -l <"$expected")
	wait_until "$wanted records" has_records "$wanted" record=access
	jq -r 'select(.record == "access") | . as $record | range([1, .repeat] | max) | $record |
		"\(.operation) \(.object.path // .fail) " +
		"\(if .operation == "rename" or .operation == "link" then "*" else .permissions.asked | join(",") end) " +
		"\(.permissions.denied // ["-"] | join(",")) \(.rule.line)"' "$events" |
		sed 's|/#[0-9]*|/#NUMBER|' | sort >/run/case/recorded
	sort "$expected" | diff - /run/case/recorded >/run/case/difference || {
		cat /run/case/difference
		fail "the records differ: $(grep '^[<>]' /run/case/difference | head -n 4 | tr '\n' ' ')"
	}
	expect_equal "denied" "$(status_value '[.containers[].denied] | add')" "$wanted"
	expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
	echo "rows: $rows, records: $wanted"
}

# --- file systems ---

# module NAME...: loads them if they are not there.
module() {
	local name
	for name; do
		modprobe "$name" || fail "there is no module $name"
	done
}

# file_system TYPE DIR SIZE [OPTION]...: makes a file system in a file of that size and mounts it; the caller unmounts.
file_system() {
	local type=$1 dir=$2 image
	image=/run/case/$type.image
	module loop
	[ "$type" = ext4 ] || module "$type"
	truncate -s "$3" "$image"
	shift 3
	"mkfs.$type" "$@" "$image" >/dev/null 2>&1 || fail "mkfs.$type failed"
	mkdir -p "$dir"
	mount -t "$type" -o loop "$image" "$dir"
}

# container_image LOWER: what a small image has, in a directory: a program, a dynamic one with its libraries, a script.
container_image() {
	local name
	mkdir -p "$1/bin" "$1/lib/x86_64-linux-gnu" "$1/lib64" "$1/tmp" "$1/data" "$1/proc" "$1/sys" "$1/run"
	program "$1/bin/program" "$1/bin/other" "$1/bin/probe"
	cp /usr/bin/jq "$1/bin/dynamic"
	cp /lib64/ld-linux-x86-64.so.2 "$1/lib64/"
	for name in /lib/x86_64-linux-gnu/*; do
		[ ! -f "$name" ] || cp "$name" "$1/lib/x86_64-linux-gnu/"
	done
	printf '#!/bin/program\n' >"$1/bin/script"
	chmod 755 "$1/bin/script"
}

# overlay DIR [OPTIONS]: an overlay as container engines make it, of container_image's tree; the caller unmounts.
overlay() {
	module overlay
	mkdir -p /run/case/upper /run/case/work "$1"
	[ -d /run/case/image ] || container_image /run/case/image
	mount -t overlay -o "lowerdir=/run/case/image,upperdir=/run/case/upper,workdir=/run/case/work${2:+,$2}" \
		overlay "$1"
}
