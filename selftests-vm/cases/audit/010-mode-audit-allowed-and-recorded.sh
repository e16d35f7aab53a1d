# SPDX-License-Identifier: GPL-2.0-or-later
# A policy in audit mode denies nothing; its records say what it would have denied.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_allowed in-cgroup /web
attack_policy /web audit
bailiff_start

attack_allowed in-cgroup /web
attack_records verdict=deny enforced=false mode=audit container.cgroup=/web policy=web
expect_records 0 enforced=true
expect_equal "would-be denials" "$(status_value '.containers[] | select(.cgroup == "/web").would')" 5
expect_equal "denials" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 0
