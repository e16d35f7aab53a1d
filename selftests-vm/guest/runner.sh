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
readonly CLEAN_TRIES=100

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

same_bpf_objects() {
	probe bpf-list | cmp -s - /run/bpf-list
}

# clean_up VERDICT: puts the machine back to where it was after boot; says what could not be.
clean_up() {
	local clean=0
	if ! eventually no_processes; then
		echo "not clean: these still run: $others"
		clean=1
	fi
	if [ -e /sys/fs/bpf/bailiff ] && ! bailiff unload; then
		echo "not clean: bailiff unload exited with $?"
		clean=1
	fi
	if [ -n "$(ls -A /sys/fs/bpf)" ]; then
		echo "not clean: pinned objects are left:" /sys/fs/bpf/*
		clean=1
	fi
	if ! eventually same_bpf_objects; then
		echo "not clean: BPF objects differ from those after boot:"
		probe bpf-list | diff /run/bpf-list -
		clean=1
	fi
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
	rm -rf /etc/bailiff /run/bailiff /var/log/bailiff /srv /tmp /root /run/case
	mkdir -p /tmp /root /run/case /srv /etc/bailiff/policies.d /var/log/bailiff
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
	if [ -e /sys/fs/bpf/bailiff ]; then
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
	if [ "$verdict" = failed ]; then
		show_state >>/run/output 2>&1
	fi
	if ! clean_up "$verdict" >>/run/output 2>&1; then
		echo "FAIL: the case left a trace" >>/run/output
		verdict=failed
		is_clean=no
	fi
	if [ "$verdict" = failed ]; then
		sed 's/^/| /' /run/output >/dev/ttyS1
	fi
	report "end $name $verdict $((end_ms - begin_ms))"
	if [ "$is_clean" = no ]; then
		report "stop $name left a trace"
		return 1
	fi
}

cd / || exit
probe bpf-list >/run/bpf-list
cp /proc/mounts /run/mounts
clean_up passed >/dev/ttyS1
while read -r name limit_s; do
	run_case "$name" "$limit_s" || break
done </guest/list
