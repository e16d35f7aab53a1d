# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# Unloading under a running daemon is refused; it names the daemon and what to do.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
bailiff_start
status=0
bailiff unload >/run/case/unload.log 2>&1 || status=$?
expect_equal "the exit code" "$status" 4
grep -q -F "a daemon is running, pid $daemon; stop it first" /run/case/unload.log ||
	fail "unload says: $(cat /run/case/unload.log)"
attack_denied in-cgroup /web

bailiff_stop
bailiff unload
status=0
bailiff unload || status=$?
expect_equal "the exit code when nothing is there" "$status" 3
