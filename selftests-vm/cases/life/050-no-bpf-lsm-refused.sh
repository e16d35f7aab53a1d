# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# boot: lsm=lockdown,yama
# Without bpf among the active LSMs nothing would be enforced: the daemon says so and does not start.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
status=0
bailiff daemon --policies "$policies" --events "$events" >"$daemon_log" 2>&1 || status=$?
cat "$daemon_log"
expect_equal "the daemon's exit code" "$status" 3
grep -q 'lsm=' "$daemon_log" || fail "the remedy is not named"
test ! -e /sys/fs/bpf/bailiff || fail "something was pinned"
attack_allowed in-cgroup /web
