# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# timeout: 180
# Attach, unload, attach: the second time is like the first, for tasks that were confined then, too.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
for round in 1 2 3; do
	attack_allowed in-cgroup /web
	probe in-cgroup /web waiting /run/case/ready-$round /run/case/go-$round open-read /srv/secret &
	task=$!
	wait_until "the task" test -e /run/case/ready-$round
	bailiff_start
	attack_denied in-cgroup /web
	touch /run/case/go-$round
	expect_exit 1 $task
	bailiff_stop
	bailiff unload
done
attack_allowed in-cgroup /web
