# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091
# Runs the cases named in /guest/list, each from a clean state, and reports to the harness on ttyS1:
#
#	begin CASE
#	| a line that the case, the daemon or the kernel printed
#	end CASE passed|failed MILLISECONDS
#	stop REASON          the machine is not fit for another case
#
# Sourced by the first process: what "kill -1" does not reach is this and the kernel.

. /guest/clock.sh

readonly KERNEL_COMPLAINTS='BUG:|WARNING:|Oops|RCU stall|detected stall|blocked for more than|soft lockup'
# A system call that the daemon's sandbox refused: the list in enforcer/sandbox.c lacks it.
readonly REFUSED_CALLS='type=1326 .*comm="bailiff'
readonly CLEAN_TRIES=1000
readonly PINS=/sys/fs/bpf/bailiff

report() {
	echo "$*" >/dev/ttyS1
}

# Sets $others. No subshell: it would find itself.
find_user_processes() {
	local process
	others=
	for process in /proc/[0-9]*; do
		if [ "$process" != /proc/1 ] && [ -e "$process/exe" ]; then
			others="$others $(tr '\0' ' ' <"$process/cmdline")"
		fi
	done
}

# Repeats a check until it holds: removal of tasks, cgroups and programs takes the kernel a moment.
eventually() {
	local tries=$CLEAN_TRIES
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

no_processes() {
	kill -9 -1 2>/dev/null
	find_user_processes
	[ -z "$others" ]
}

no_cgroups() {
	find /sys/fs/cgroup -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null
	[ -z "$(find /sys/fs/cgroup -mindepth 1 -type d)" ]
}

# Without their numbers: those of the tables change with each generation.
bpf_objects() {
	probe bpf-list | cut -d ' ' -f 1,3 | sort
}

# The objects there should be: those after boot, or those of programs that are loaded with nothing in force.
same_bpf_objects() {
	bpf_objects | cmp -s - "/run/objects-$engine"
}

reset_files() {
	probe remove-tree /etc/bailiff /run/bailiff /var/lib/bailiff /var/log/bailiff /srv /tmp /root /run/case || return
	mkdir -p /tmp /root /run/case /srv /etc/bailiff/policies.d /var/lib /var/log/bailiff
}

# Has a daemon put a generation of no policies in force, and read what records there still are.
engine_idle() {
	timeout -s KILL 200 sh -c '. /guest/lib.sh && bailiff_start && bailiff_stop TERM' >/run/idle.log 2>&1 || {
		cat /run/idle.log /run/case/daemon.log
		return 1
	}
	reset_files
}

# engine_prepare fresh|loaded: $engine is which of it was done. Loading the programs is most of the time of a case that
# does it, so only those do that say so.
engine_prepare() {
	if [ "$1" = fresh ] && [ -e "$PINS" ]; then
		bailiff unload
	elif [ "$1" = loaded ] && [ ! -e "$PINS" ]; then
		engine_idle || return
		engine=loaded
		[ -e "/run/objects-$engine" ] || bpf_objects >"/run/objects-$engine"
	fi
	engine=$1
	eventually same_bpf_objects
}

# Takes what the case had in force out of it, or the programs out of the kernel if the case loaded them itself.
engine_clean() {
	if [ ! -e "$PINS" ]; then
		engine=fresh
	elif [ "$engine" = fresh ]; then
		bailiff unload
	else
		engine_idle
	fi
}

# clean_up VERDICT: puts the machine back to where it was after boot; says what could not be.
clean_up() {
	local clean=0
	# Nothing of what follows can be had with a daemon that will not go.
	if ! eventually no_processes; then
		echo "not clean: these still run: $others"
		return 1
	fi
	if [ -n "$(find /sys/fs/bpf -mindepth 1 -maxdepth 1 ! -path "$PINS")" ]; then
		echo "not clean: pinned objects are left:" /sys/fs/bpf/*
		clean=1
	fi
	# Before the BPF objects: runtimes attach programs to cgroups.
	if ! eventually no_cgroups; then
		echo "not clean: these cgroups are left: $(find /sys/fs/cgroup -mindepth 1 -type d)"
		clean=1
	fi
	# A case that failed had no chance to unmount what it mounted.
	if [ "$1" = failed ]; then
		grep -v -x -F -f /run/mounts /proc/mounts | cut -d ' ' -f 2 | sort -r | xargs -r umount
		ip addr flush dev lo scope global
	fi
	if ! cmp -s /proc/mounts /run/mounts; then
		echo "not clean: mounts differ from those after boot:"
		diff /run/mounts /proc/mounts
		clean=1
	fi
	if ! reset_files; then
		echo "not clean: files are left"
		clean=1
	fi
	if ! engine_clean; then
		echo "not clean: the engine could not be put back"
		clean=1
	fi
	if ! eventually same_bpf_objects; then
		echo "not clean: BPF objects differ from those before:"
		bpf_objects | diff "/run/objects-$engine" -
		clean=1
	fi
	return "$clean"
}

# Everything that helps to understand a failure, before the clean-up destroys it.
show_state() {
	local file
	for file in /run/case/*.log; do
		[ -s "$file" ] && echo "--- $file" && tail -n 60 "$file"
	done
	for file in /etc/bailiff/policies.d/*; do
		[ -f "$file" ] && echo "--- $file" && cat -n "$file"
	done
	if [ -s /run/case/events.jsonl ]; then
		echo "--- last records of $(wc -l </run/case/events.jsonl)"
		tail -n 20 /run/case/events.jsonl
	fi
	if [ -e "$PINS" ]; then
		echo "--- bailiff status"
		timeout -s KILL 5 bailiff status
	fi
	echo "--- processes"
	# shellcheck disable=SC2009 # all but the kernel's threads
	ps -o pid,ppid,stat,args | grep -v '\[.*\]$'
	echo "--- kernel messages"
	dmesg | tail -n 60
}

run_case() {
	local name=$1 limit_s=$2 verdict=failed is_clean=yes begin_ms end_ms status
	: >/run/output
	if ! engine_prepare "$3"; then
		report "stop $name: the engine could not be made $3"
		return 1
	fi
	dmesg -c >/dev/null
	report "begin $name"
	begin_ms=$(uptime_ms)
	timeout -s KILL "$limit_s" sh "/guest/cases/$name.sh" >/run/output 2>&1 </dev/null
	status=$?
	end_ms=$(uptime_ms)
	if [ "$status" -eq 0 ]; then
		verdict=passed
	elif [ "$((end_ms - begin_ms))" -ge "$((limit_s * 1000))" ]; then
		echo "FAIL: not finished after $limit_s s" >>/run/output
	else
		echo "FAIL: exit code $status" >>/run/output
	fi
	if dmesg | grep -E "$KERNEL_COMPLAINTS" >>/run/output; then
		echo "FAIL: the kernel complained" >>/run/output
		verdict=failed
	fi
	if dmesg | grep -E "$REFUSED_CALLS" >>/run/output; then
		echo "FAIL: the daemon made a system call that its sandbox refuses" >>/run/output
		verdict=failed
	fi
	# Told before the clean-up, which may not come back.
	if [ "$verdict" = failed ]; then
		show_state >>/run/output 2>&1
		sed 's/^/| /' /run/output >/dev/ttyS1
		: >/run/output
	fi
	if [ -e /run/spent ]; then
		is_clean=no
	elif ! clean_up "$verdict" >>/run/output 2>&1; then
		echo "FAIL: the case left a trace" >>/run/output
		verdict=failed
		is_clean=no
		sed 's/^/| /' /run/output >/dev/ttyS1
	fi
	report "end $name $verdict $((end_ms - begin_ms))"
	if [ -e /run/spent ]; then
		report "stop $name has spent the machine"
	elif [ "$is_clean" = no ]; then
		report "stop $name left a trace"
	fi
	[ "$is_clean" = yes ]
}

cd / || exit
engine=fresh
bpf_objects >/run/objects-fresh
cp /proc/mounts /run/mounts
clean_up passed >/dev/ttyS1
while read -r name limit_s wanted; do
	run_case "$name" "$limit_s" "$wanted" || break
done </guest/list
