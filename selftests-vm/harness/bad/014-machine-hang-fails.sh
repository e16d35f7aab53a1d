# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 2
# The runner itself is stopped: only the harness can notice.
. /guest/lib.sh
cgroup /frozen
echo 1 >/sys/fs/cgroup/frozen/cgroup.procs
echo 1 >/sys/fs/cgroup/frozen/cgroup.freeze
