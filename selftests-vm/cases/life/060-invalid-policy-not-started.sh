# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# A daemon that cannot read its policies does not start, names the place, and leaves the kernel as it was.
. /guest/lib.sh

cgroup /web
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read srv/secret
END
status=0
bailiff daemon --policies "$policies" --events "$events" >"$daemon_log" 2>&1 || status=$?
cat "$daemon_log"
expect_equal "the daemon's exit code" "$status" 1
grep -q -F "$policies/10-web.ini:6:" "$daemon_log" || fail "the place is not named"
test ! -e /sys/fs/bpf/bailiff || fail "something was pinned"
