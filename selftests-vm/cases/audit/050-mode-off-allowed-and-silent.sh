# SPDX-License-Identifier: GPL-2.0-or-later
# A policy that is off is as if it were absent.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web off
bailiff_start

attack_allowed in-cgroup /web
sed -i 's/^mode = off/mode = enforce/' "$policies/10-web.ini"
bailiff_reload
attack_denied in-cgroup /web
expect_records 5 record=access
