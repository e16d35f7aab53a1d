# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# What was denied while no daemon ran waits in the kernel, and is recorded by the next one with its rule.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
bailiff_start
bailiff_stop KILL
attack_denied in-cgroup /web
expect_records 0 verdict=deny

bailiff_start
attack_records verdict=deny enforced=true policy=web container.cgroup=/web
expect_records 1 record=start adopted=true
