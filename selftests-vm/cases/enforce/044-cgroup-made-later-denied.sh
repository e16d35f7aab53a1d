# SPDX-License-Identifier: GPL-2.0-or-later
# A cgroup that matches a selector and is made while the policy is in force.
. /guest/lib.sh

attack_set_up
cgroup /web-0
attack_allowed in-cgroup /web-0
rmdir /sys/fs/cgroup/web-0
attack_policy '/web-*'
bailiff_start

cgroup /web-1 /mail-1
attack_denied in-cgroup /web-1
attack_denied fork-into-cgroup /web-1
expect_records 10 verdict=deny container.cgroup=/web-1
attack_allowed in-cgroup /mail-1
