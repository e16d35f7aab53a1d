# SPDX-License-Identifier: GPL-2.0-or-later
# The dry run: with --audit every policy is in audit mode, whatever it says.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web enforce
bailiff_start --audit

attack_allowed in-cgroup /web
attack_records verdict=deny enforced=false mode=audit container.cgroup=/web
expect_records 0 enforced=true
expect_equal "audit_forced" "$(status_value .audit_forced)" true

# The same policies, without the option: the same things are denied.
bailiff_stop
bailiff_start
attack_denied in-cgroup /web
attack_records verdict=deny enforced=true mode=enforce container.cgroup=/web
