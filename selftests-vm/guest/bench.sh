# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2154
# Measures one configuration of the benchmark: bench.sh none|idle|attached|confined|many|memory|apparmor. What to
# confine with is in /root/policies or /root/bench.profile.
. /guest/lib.sh

readonly customer=/srv/data/customers/c-04999
readonly ledger=$customer/records/ledger-2024-12.dat

mkdir -p /run/case "$policies"
cgroup /bench
secret "$ledger" "$customer/records/private.key"
# For "cold": more than are opened, by nobody yet.
seq 10000 10399 | sed "s|.*|$customer/r-&|" | xargs mkdir
seq 10000 10399 | sed "s|.*|$customer/r-&/ledger-2024-12.dat|" | xargs touch

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
	echo "verified $(probe bpf-list | grep '^prog' | sort -k 4 -n | tail -n 1 | cut -d ' ' -f 4)"
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

# measure NAME OPERATION ARGUMENT...
measure() {
	local name=$1
	shift
	probe in-cgroup "$where" exec /usr/bin/measure "$@" >/run/case/measured
	grep -q . /run/case/measured || fail "no result for: measure $*"
	echo "$name $(cat /run/case/measured)"
}

# shellcheck disable=SC2046 # the names of libraries
/usr/bin/measure hold /usr/bin/measure /usr/bin/measure-dynamic $(cat /root/libraries) >/run/case/holding &
wait_until "the libraries to be mapped" test -s /run/case/holding

measure open open "$ledger"
measure open-cold cold "$customer"
measure stat stat "$ledger"
measure create+unlink create "$customer/records/ledger-2025-01.dat"
measure rename rename "$ledger" "$customer/records/ledger-2025-01.dat"
measure read read "$ledger"
measure write write "$ledger"
# What an execution costs depends on where its pages and objects come from: by 2,000 instructions from one configuration
# to another, if what came before has left them scattered. And after the first some hundreds each costs 1,100 more.
echo 8 >/proc/sys/vm/percpu_pagelist_high_fraction
for cache in /sys/kernel/slab/*/shrink; do
	echo 1 >"$cache"
done
echo 1 >/proc/sys/vm/compact_memory
probe in-cgroup "$where" exec /usr/bin/measure exec /usr/bin/measure >/dev/null
measure exec-static exec /usr/bin/measure
measure exec-dynamic exec /usr/bin/measure-dynamic
measure connect connect 127.0.0.1 8080
measure connect-unix connect-unix /srv/data/bench.sock
measure send-to send-to 127.0.0.1 8080
measure send send 127.0.0.1 8080
measure signal signal
measure capable capable

# That what was measured was confined at all.
case $1 in
confined | many) expect_denied in-cgroup /bench open-read "$customer/records/private.key" ;;
apparmor) grep -q . /sys/kernel/security/apparmor/profiles || fail "no profile is loaded" ;;
esac
