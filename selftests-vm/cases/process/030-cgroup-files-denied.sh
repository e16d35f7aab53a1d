# SPDX-License-Identifier: GPL-2.0-or-later
# What cgroup.kill and cgroup.freeze do to processes is a write to a file, which a rule of [file] denies.
. /guest/lib.sh

cgroup /web /peer /own-before
process peer in-cgroup /peer
process before in-cgroup /own-before
expect_allowed in-cgroup /web open-write /sys/fs/cgroup/peer/cgroup.kill
expect_allowed in-cgroup /web open-write /sys/fs/cgroup/peer/cgroup.freeze
expect_allowed in-cgroup /web run /bin/sh -c 'echo 1 >/sys/fs/cgroup/own-before/cgroup.kill'
expect_exit 137 $before

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = modify /sys/fs/cgroup/**
	[process]
	signal = inside
END
bailiff_start

for file in kill freeze procs; do
	expect_denied in-cgroup /web open-write /sys/fs/cgroup/peer/cgroup.$file
	expect_records 1 operation=open verdict=deny enforced=true object.path=/sys/fs/cgroup/peer/cgroup.$file \
		permissions.denied='["write"]' $(rule 10-web 'deny = modify')
done
expect_denied in-cgroup /web make directory /sys/fs/cgroup/peer/new
expect_allowed in-cgroup /web open-read /sys/fs/cgroup/peer/cgroup.procs
kill -0 $peer || fail "the process was killed"
echo 1 >/sys/fs/cgroup/peer/cgroup.kill
expect_exit 137 $peer
