# SPDX-License-Identifier: GPL-2.0-or-later
# A task born into the cgroup was never moved.
. /guest/lib.sh

cgroup /web /elsewhere
attack_set_up
attack_allowed fork-into-cgroup /web
attack_policy /web
bailiff_start

attack_denied fork-into-cgroup /web
cgroup /web/later
attack_denied fork-into-cgroup /web/later
attack_allowed fork-into-cgroup /elsewhere
