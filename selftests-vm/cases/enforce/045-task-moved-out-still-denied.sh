# SPDX-License-Identifier: GPL-2.0-or-later
# Leaving the cgroup does not leave the policy; neither do children born outside.
. /guest/lib.sh

cgroup /web /web/worker /elsewhere
attack_set_up
attack_allowed in-cgroup /web in-cgroup /elsewhere
attack_policy /web
bailiff_start

attack_denied in-cgroup /web in-cgroup /elsewhere
attack_denied in-cgroup /web in-cgroup / in-fork in-fork
attack_denied in-cgroup /web/worker in-cgroup /elsewhere
attack_denied in-cgroup /web fork-into-cgroup /elsewhere
attack_allowed in-cgroup /elsewhere
