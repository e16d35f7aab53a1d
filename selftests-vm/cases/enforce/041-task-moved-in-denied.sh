# SPDX-License-Identifier: GPL-2.0-or-later
# A task that exists is confined from the moment it is moved into the cgroup.
. /guest/lib.sh

cgroup /web /elsewhere
attack_set_up
attack_policy /web
bailiff_start

probe waiting /run/case/ready /run/case/go open-read /srv/secret &
task=$!
wait_until "the task" test -e /run/case/ready
echo $task >/sys/fs/cgroup/web/cgroup.procs
touch /run/case/go
expect_exit 1 $task

attack_denied in-cgroup /web
attack_allowed in-cgroup /elsewhere
