# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Files that are no data - of proc, sysfs, cgroups, devices - have paths as others have.
. /guest/lib.sh


attempts() {
	"$@" in-cgroup /web open-write /proc/sys/kernel/hostname
	"$@" in-cgroup /web open-read /proc/self/environ
	"$@" in-cgroup /web open-read /proc/thread-self/../../environ
	"$@" in-cgroup /web open-write /sys/kernel/uevent_seqnum
	"$@" in-cgroup /web change-mode /sys/kernel/uevent_seqnum
	"$@" in-cgroup /web make directory /sys/fs/cgroup/web/new
	"$@" in-cgroup /web open-write /sys/fs/cgroup/other/cgroup.procs
	"$@" in-cgroup /web open-rdwr /dev/zero
	"$@" in-cgroup /web open-read /dev/pts/ptmx
}

cgroup /web /other
chmod 666 /sys/kernel/uevent_seqnum /dev/pts/ptmx
attempts expect_allowed
rmdir /sys/fs/cgroup/web/new

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /proc/sys/**
	deny = read /proc/*/environ
	deny = write attr /sys/kernel/**
	deny = create /sys/fs/cgroup/**
	deny = write /sys/fs/cgroup/other/*
	deny = write /dev/zero
	deny = read /dev/pts/*
END
bailiff_start

attempts expect_denied
for rule in 'write /proc/sys' 'create /sys/fs' 'write /sys/fs' 'write /dev' 'read /dev'; do
	expect_records 1 verdict=deny enforced=true $(rule 10-web "deny = $rule")
done
expect_records 2 operation=open verdict=deny enforced=true $(rule 10-web 'deny = read /proc')
expect_records 2 verdict=deny enforced=true $(rule 10-web 'deny = write attr /sys/kernel')
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
expect_allowed in-cgroup /web open-read /proc/sys/kernel/hostname
expect_allowed in-cgroup /web open-read /proc/self/status
expect_allowed in-cgroup /web open-read /sys/kernel/uevent_seqnum
expect_allowed in-cgroup /web open-read /dev/zero
chmod 444 /sys/kernel/uevent_seqnum
