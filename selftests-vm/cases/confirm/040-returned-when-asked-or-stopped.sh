# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Who has seen enough need not wait; and a daemon that is told to end, and could not return later, returns before. So
# does the dry run that a reload has brought.
. /guest/lib.sh

two_policies_set_up
two_policies before
printf '[daemon]\naudit = no\n' >/run/case/bailiff.ini
bailiff_start --config /run/case/bailiff.ini
in_force before
generation=$(status_value .generation)

printf '[daemon]\naudit = yes\n' >/run/case/bailiff.ini
two_policies after
expect_code 0 bailiff reload --confirm 1h
expect_output "audit only, nothing is denied"
expect_allowed in-cgroup /web open-read /srv/always
expect_code 0 bailiff confirm --return
expect_output "Generation $((generation + 2)) is in force: what was before the reload has returned."
expect_records 1 record=return reason=asked from=$((generation + 1)) audit_forced=false
in_force before
always_begins

# From what has returned to what is to be confirmed, which fails first, and is then stopped.
printf '[daemon]\naudit = no\n' >/run/case/bailiff.ini
echo nonsense >"$policies/20-broken.ini"
expect_code 1 bailiff reload --confirm 1h
expect_equal "kept" "$(status_value .policies_kept)" true
rm "$policies/20-broken.ini"
expect_code 0 bailiff reload --confirm 1h
in_force after
expect_equal "kept" "$(status_value .policies_kept)" null
for signal in TERM INT; do
	bailiff_stop $signal
	expect_equal "the daemon's exit code" "$daemon_status" 0
	in_force before
	bailiff_start --config /run/case/bailiff.ini
	in_force before
	expect_code 0 bailiff reload --confirm 1h
	in_force after
done
expect_records 2 record=return reason=stop
always_ends
expect_code 0 bailiff confirm
in_force after
