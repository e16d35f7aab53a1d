# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# A capacity that does not suffice is named, and a start that failed leaves the kernel as it was.
. /guest/lib.sh

cgroup /web
for number in $(seq 600); do
	policy "$number" <<-END
		[policy]
		name = p$number
		[select]
		cgroup = /p$number
		[file]
		deny = read /srv/$number
	END
done
status=0
bailiff daemon --policies "$policies" --events "$events" >"$daemon_log" 2>&1 || status=$?
cat "$daemon_log"
expect_equal "the daemon's exit code" "$status" 1
grep -q -F 'more than 510 different combinations' "$daemon_log" || fail "the capacity is not named"
test ! -e /sys/fs/bpf/bailiff || fail "something was pinned"

# On a reload it changes nothing.
rm "$policies"/*.ini
attack_set_up
attack_policy /web
bailiff_start
attack_denied in-cgroup /web
for number in $(seq 600); do
	policy "$number" <<-END
		[policy]
		name = p$number
		[select]
		cgroup = /p$number
		[file]
		deny = read /srv/$number
	END
done
bailiff_reload
expect_records 1 record=reload outcome=refused
attack_denied in-cgroup /web
