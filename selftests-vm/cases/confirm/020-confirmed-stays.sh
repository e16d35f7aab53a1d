# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# What is confirmed in time stays: beyond that time, and when the daemon is killed.
. /guest/lib.sh

two_policies_set_up
two_policies before
bailiff_start
in_force before
generation=$(status_value .generation)
always_begins

two_policies after
expect_code 0 bailiff reload --confirm 20s
in_force after
expect_code 0 bailiff confirm
expect_output "Generation $((generation + 1)) is confirmed."
over_ms=$(($(uptime_ms) + 20000))
expect_records 1 record=confirm generation=$((generation + 1)) policies=1
expect_equal "what waits" "$(status_value .confirmation)" null
expect_equal "files that are kept" "$(find /var/lib/bailiff -type f | wc -l)" 0
expect_code 1 bailiff confirm
expect_output "nothing waits to be confirmed"
expect_code 1 bailiff confirm --return
expect_output "nothing waits to be confirmed"

is_over() {
	[ "$(uptime_ms)" -gt "$over_ms" ]
}
wait_until "the time to be over" is_over
in_force after
expect_equal "generation" "$(status_value .generation)" $((generation + 1))
bailiff_stop KILL
in_force after
bailiff_start
in_force after
expect_equal "kept" "$(status_value .policies_kept)" null
expect_equal "returns" "$(count_records record=return)" 0
always_ends
