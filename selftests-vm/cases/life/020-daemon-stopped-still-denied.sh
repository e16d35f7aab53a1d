# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# SIGTERM ends the daemon, not the enforcement; "bailiff unload" does, and leaves nothing.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
bailiff_start
attack_denied in-cgroup /web
bailiff_stop TERM
expect_equal "the daemon's exit code" "$daemon_status" 0
attack_denied in-cgroup /web
expect_records 1 record=stop

bailiff unload
test ! -e /sys/fs/bpf/bailiff || fail "pins are left"
attack_allowed in-cgroup /web
same_objects() {
	probe bpf-list | cut -d ' ' -f 1,3 | sort | cmp -s - /run/objects-fresh
}
wait_until "all programs, maps and links to be gone" same_objects
