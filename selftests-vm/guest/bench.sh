# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2154
# Measures one configuration of the benchmark: bench.sh none|idle|attached|confined|many|memory|apparmor. What to
# confine with is in /root/policies or /root/bench.profile.
. /guest/lib.sh

readonly ledger=/srv/data/customers/c-04999/records/ledger-2024-12.dat

mkdir -p /run/case "$policies"
cgroup /bench
secret "$ledger" /srv/data/customers/c-04999/records/private.key

available_kb() {
	sync
	echo 3 >/proc/sys/vm/drop_caches
	sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo
}

case $1 in
attached | confined | many | memory)
	cp /root/policies/* "$policies/"
	if [ "$1" = many ]; then
		seq 999 | while read -r number; do
			cgroup "/bench-$number"
		done
	fi
	[ "$1" != memory ] || available=$(available_kb)
	begin=$(uptime_ms)
	bailiff_start
	echo "start $(($(uptime_ms) - begin))"
	;;
apparmor)
	cat /root/bench.profile >/sys/kernel/security/apparmor/.load
	;;
esac

case $1 in
attached)
	echo "verified $(probe bpf-verified | sort -k 3 -n | tail -n 1 | cut -d ' ' -f 3)"
	;;
memory)
	# What stays when the daemon has gone is in the kernel.
	bailiff_stop
	echo "memory $((available - $(available_kb)))"
	exit
	;;
esac

# In another cgroup nobody is confined; AppArmor knows the program by its path.
case $1 in
confined | many) where=/bench ;;
*) where=/ ;;
esac

measure() {
	probe in-cgroup "$where" exec /usr/bin/measure "$@" >/run/case/measured
	grep . /run/case/measured || fail "no result for: measure $*"
}

measure open "$ledger"
measure exec
measure connect 127.0.0.1 8080

# That what was measured was confined at all.
case $1 in
confined | many) expect_denied in-cgroup /bench open-read /srv/data/customers/c-04999/records/private.key ;;
apparmor) grep -q . /sys/kernel/security/apparmor/profiles || fail "no profile is loaded" ;;
esac
