# SPDX-License-Identifier: GPL-2.0-or-later
# A cgroup below the selected one belongs to it, however deep, also when it is made while the policy is in force.
. /guest/lib.sh

cgroup /web /elsewhere/web
attack_set_up
attack_allowed in-cgroup /web
attack_policy /web
bailiff_start

cgroup /web/later /web/later/deeper
attack_denied in-cgroup /web/later
attack_denied in-cgroup /web/later/deeper
expect_records 10 verdict=deny container.cgroup=/web
attack_allowed in-cgroup /elsewhere/web
