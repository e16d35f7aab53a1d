# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# What is not confirmed in time goes, by itself and without a gap; what returns are the policies that were in force, not
# the files, which say something else. That lasts, also over a restart, until the files are read on request.
. /guest/lib.sh

two_policies_set_up
two_policies before
bailiff_start
in_force before
generation=$(status_value .generation)
expect_equal "kept" "$(status_value .policies_kept)" null
always_begins

two_policies after
expect_code 0 bailiff reload --confirm 20s
expect_output "Generation $((generation + 1)) is in force: 1 policies, 2 rules, 1 containers."
expect_output "in 20 s what was in force before returns, unless 'bailiff confirm' comes"
in_force after
expect_records 1 record=reload outcome=applied confirm_within_ms=20000 generation=$((generation + 1))
expect_equal "the time" "$(status_value .confirmation.within_ms)" 20000
[ "$(status_value .confirmation.left_ms)" -le 20000 ] || fail "more time is left than was given"
expect_code 0 bailiff status
expect_output "It waits to be confirmed: in "

expect_records 1 record=return reason=time from=$((generation + 1)) generation=$((generation + 2)) policies=1
in_force before
# The file says "after"; the record shows the rule that is in force.
expect_records 1 object.path=/srv/before generation=$((generation + 2)) "rule.text=deny = read /srv/before" \
	"rule.file=$policies/10-web.ini"
expect_equal "what waits" "$(status_value .confirmation)" null
expect_equal "kept" "$(status_value .policies_kept)" true
expect_code 1 bailiff confirm
expect_output "nothing waits to be confirmed; what was in force before has returned"

bailiff_stop
bailiff_start
expect_log "are put in force, not those of the configuration"
expect_records 1 record=start policies_kept=true
in_force before
expect_code 0 bailiff status
expect_output "The policies are those that were kept, not the files'"

expect_code 0 bailiff reload
in_force after
expect_equal "kept" "$(status_value .policies_kept)" null
bailiff_stop
bailiff_start
in_force after
always_ends
