# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# Status tells what is in force also when no daemon runs, and says so; and that nothing is when nothing is.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
status=0
bailiff status >/run/case/before || status=$?
expect_equal "the exit code with nothing in force" "$status" 3
grep -q -F "nothing is in force" /run/case/before || fail "status says: $(cat /run/case/before)"

bailiff_start
attack_denied in-cgroup /web
bailiff status >/run/case/with
cat /run/case/with
grep -q -F "daemon running, pid $daemon" /run/case/with || fail "the daemon is not named"
grep -q -E '^ +6 +exec +enforced 1 ' /run/case/with || grep -q -F 'deny = /srv/denied' /run/case/with ||
	fail "the rule is not named"

bailiff_stop
attack_denied in-cgroup /web
bailiff status >/run/case/without
cat /run/case/without
grep -q -F "no daemon is running" /run/case/without || fail "that no daemon runs is not said"
grep -q -F "is in force" /run/case/without || fail "that something is in force is not said"
expect_equal "denials" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 10
expect_equal "daemon" "$(status_value .daemon)" null
