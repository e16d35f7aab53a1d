# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# Where the kernel hides its addresses no path could be decided: the daemon says so and does not start.
. /guest/lib.sh

readonly restrict=/proc/sys/kernel/kptr_restrict

cgroup /web
secret /srv/secret /srv/public
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
before=$(cat $restrict)
trap 'echo "$before" >$restrict' EXIT
echo 2 >$restrict
status=0
bailiff daemon --policies "$policies" --events "$events" >"$daemon_log" 2>&1 || status=$?
cat "$daemon_log"
expect_equal "the daemon's exit code" "$status" 3
grep -q 'sysctl kernel.kptr_restrict=1' "$daemon_log" || fail "the remedy is not named"
test ! -e /sys/fs/bpf/bailiff || fail "something was pinned"
expect_allowed in-cgroup /web open-read /srv/secret

echo 1 >$restrict
bailiff_start
expect_denied in-cgroup /web open-read /srv/secret
expect_allowed in-cgroup /web open-read /srv/public
