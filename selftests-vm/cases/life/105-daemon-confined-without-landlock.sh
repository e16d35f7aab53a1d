# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# boot: lsm=lockdown,yama,bpf
# Without Landlock the daemon says that its files are not restricted, and all else of its sandbox holds.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
export LD_PRELOAD=/guest/inside.so
bailiff_start
unset LD_PRELOAD
expect_log "Landlock is not active"
bailiff probe | grep -A 1 '^landlock .*missing .*optional' | grep -q -F 'lsm=' || fail "the remedy is not named"
kill -USR2 "$daemon"
wait_until "the attempts to end" grep -q 'inside: call execve ' "$daemon_log"
sed -n 's/^inside: call //p' "$daemon_log" >/run/case/tried
! grep -v ' EPERM$' /run/case/tried || fail "these were not refused"
expect_equal "what was refused" "$(grep -c -E '^(execve|clone|ptrace|socket-inet|mount|mmap-exec) ' /run/case/tried)" 6
dmesg -c >/dev/null

attack_denied in-cgroup /web
attack_records
bailiff_reload
attack_denied in-cgroup /web
