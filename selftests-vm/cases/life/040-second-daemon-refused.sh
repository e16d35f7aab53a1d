# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# There is one daemon: another says so and changes nothing.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
bailiff_start
attack_denied in-cgroup /web

rm "$policies/10-web.ini"
status=0
bailiff daemon --policies "$policies" --events /run/case/second.jsonl >/run/case/second.log 2>&1 || status=$?
expect_equal "the second daemon's exit code" "$status" 4
grep -q -F "a daemon is running already, pid $daemon" /run/case/second.log ||
	fail "the second daemon says: $(cat /run/case/second.log)"
attack_denied in-cgroup /web
