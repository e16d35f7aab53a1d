# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Settings of the kernel are files: sysctls, sysrq-trigger, sysfs, cgroups, file systems for debugging. Rules of [file] keep
# them as they are, for root as for others.
. /guest/lib.sh

readonly FILES="/proc/sys/kernel/modprobe /proc/sys/kernel/sysrq /proc/sys/vm/overcommit_memory /proc/sys/fs/file-max
	/proc/sys/net/ipv4/ip_forward /proc/sysrq-trigger /sys/kernel/profiling /sys/kernel/mm/ksm/run
	/sys/module/printk/parameters/time /sys/fs/cgroup/cgroup.subtree_control /sys/kernel/tracing/tracing_on"

cgroup /web
for file in $FILES; do
	[ -e "$file" ] || fail "there is no $file"
	expect_allowed in-cgroup /web open-write "$file"
done
expect_allowed in-cgroup /web run /bin/sh -c 'echo h >/proc/sysrq-trigger'

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = modify /proc/sys/** /proc/sysrq-trigger /sys/**
END
bailiff_start

for file in $FILES; do
	expect_denied in-cgroup /web open-write "$file"
	expect_denied in-cgroup /web change-mode "$file"
	expect_records 1 operation=open verdict=deny enforced=true object.path="$file" permissions.denied='["write"]' \
		$(rule 10-web 'deny = modify')
	expect_allowed open-write "$file"
done
expect_denied in-cgroup /web run /bin/sh -c 'echo h >/proc/sysrq-trigger'
expect_allowed in-cgroup /web open-read /proc/sys/kernel/modprobe
expect_allowed in-cgroup /web open-read /sys/kernel/mm/ksm/run
expect_allowed in-cgroup /web open-write /proc/self/comm
