# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# A daemon that is killed while something waits to be confirmed leaves it in force; the next one goes on counting, or
# returns if the time is over or the machine was booted meanwhile. The files decide nothing of that.
. /guest/lib.sh

two_policies_set_up
two_policies before
bailiff_start
in_force before
always_begins

two_policies after
expect_code 0 bailiff reload --confirm 1h
in_force after
left=$(status_value .confirmation.left_ms)
bailiff_stop KILL
in_force after
expect_code 0 bailiff status
expect_output "only a daemon can return to what was in force before: start one"
[ "$(status_value .confirmation.left_ms)" -lt "$left" ] || fail "the time does not go on without a daemon"

echo nonsense >"$policies/10-web.ini"
bailiff_start
expect_records 1 record=start confirmation.within_ms=3600000
in_force after
[ "$(status_value .confirmation.left_ms)" -lt "$left" ] || fail "the time began anew"

# The time is over meanwhile: no daemon, no return; but the next one does nothing else first.
expect_code 0 bailiff confirm --return
expect_records 1 record=return reason=asked
in_force before
two_policies after
expect_code 0 bailiff reload --confirm 10s
over_ms=$(($(uptime_ms) + 10000))
bailiff_stop KILL
in_force after
is_over() {
	[ "$(uptime_ms)" -gt "$over_ms" ]
}
wait_until "the time to be over" is_over
in_force after
bailiff_start
in_force before
expect_records 1 record=return reason=restart
expect_equal "kept" "$(status_value .policies_kept)" true

# Another boot, by what the kernel calls it.
expect_code 0 bailiff reload --confirm 1h
in_force after
bailiff_stop KILL
jq -c '.boot = "00000000-0000-0000-0000-000000000000"' /var/lib/bailiff/kept.json >/run/case/kept.json
cat /run/case/kept.json >/var/lib/bailiff/kept.json
bailiff_start
in_force before
expect_records 1 record=return reason=reboot
always_ends
