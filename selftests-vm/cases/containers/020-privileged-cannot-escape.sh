# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 400
# A privileged container of podman - all capabilities, the host's processes, /dev and /sys - gets out of it by none of the known
# ways under the shipped policy 30-baseline, and runs the programs of its image all the same.
# shellcheck disable=SC2016 # for the containers' shells
. /guest/lib.sh
. /guest/debian.sh

readonly PROBE=/run/case/bin/probe
readonly IMAGE_PROGRAMS='
	set -e
	bash -c "echo \$((6 * 7))" | grep -q 42
	dpkg -l | grep -q "^ii  bash "
	perl -MList::Util=sum -e "exit(sum(1, 2) != 3)"
	tar -c -C / etc | gzip | tar -t -z | grep -q etc/passwd
	su nobody -s /bin/sh -c "id -un" | grep -q nobody
	touch /tmp/file
	chown nobody /tmp/file
	sleep 1000 &
	kill $!
	cat /proc/[0-9]*/stat 2>/dev/null | grep -q sleep'

# One way in a line: its name, what the kernel refuses it with, what is tried. HOST is a process of the host.
readonly WAYS='
release-agent EPERM mount-new cgroup /mnt none,name=escape
disk-mounted EPERM mount-new ext4 /mnt rw /dev/vda
proc-mounted EPERM mount-new proc /mnt
devices-mounted EPERM mount-new devtmpfs /mnt
proc-bound EPERM bind /proc /mnt
tree-cloned EPERM new-tree /
mount-made EPERM new-mount tmpfs
core-pattern EPERM open-write /proc/sys/kernel/core_pattern
modprobe EPERM open-write /proc/sys/kernel/modprobe
sysrq-trigger EPERM open-write /proc/sysrq-trigger
other-cgroup EPERM open-write /sys/fs/cgroup/cgroup.procs
sysfs EPERM open-write /sys/kernel/mm/ksm/run
disk EPERM open-write /dev/vda
memory EPERM open-read /dev/mem
kernel-log EPERM open-read /dev/kmsg
kernel-memory EPERM open-read /proc/kcore
node EPERM make block-device /tmp/disk
module EPERM load-module /run/case/msr.ko
module-removed EPERM unload-module msr
module-bytes EPERM load-module-bytes /run/case/msr.ko
bpf-map EPERM bpf map
bpf-program EPERM bpf program
perf EPERM perf everybody
host-root EACCES open-read /proc/HOST/root/srv/secret
host-directory EACCES open-write /proc/HOST/cwd/srv/secret
host-descriptor EACCES open-read /proc/HOST/fd/100
host-memory EACCES open-rdwr /proc/HOST/mem
host-environment EACCES read-file /proc/HOST/environ
ptrace EPERM trace attach HOST
seize EPERM trace seize HOST
process-vm EPERM memory write HOST
pidfd-getfd EPERM take HOST 100
namespaces EPERM join HOST
signal EPERM signal kill CONT HOST
signal-descriptor EPERM signal descriptor CONT HOST
users EPERM new-users unshare
users-cloned EPERM new-users clone3
handle EPERM open-inode /data 2
kexec EPERM load-kernel
ports EPERM raw iopl
reboot EPERM use sys_boot
clock EPERM set-time clock'

container() {
	container_start "$1" debian --privileged --pid=host --cgroupns=host \
		--cgroup-parent="$2" -v /dev:/dev -v /sys:/sys -v /srv:/data \
		-v /run/case:/run/case
}

# ways_of CONTAINER: each with the exit code of the probe: 0 it did it, 1 it was refused with that error.
ways_of() {
	{
		echo "$WAYS" | sed -n "s|HOST|$host|; s|^\([a-z-]*\) \([A-Z]*\) \(.*\)|$PROBE refused-as \2 \3; echo \1 \$?|p"
	} >/run/case/ways
	in_container "$1" 'sh /run/case/ways 2>/run/case/said-of-ways'
	rmmod msr 2>/dev/null || true
}

# each_way_is CODE: what all of them should say.
each_way_is() {
	echo "$WAYS" | sed -n "s|^\([a-z-]*\) .*|\1 $1|p"
}

image_runs() {
	in_container "$1" "$IMAGE_PROGRAMS" || fail "programs of the image do not run in $1"
	echo "$1: the image runs"
}

debian_start
container_image debian
mkdir /run/case/bin
cp /usr/bin/probe $PROBE
cp "$(find /lib/modules -name msr.ko)" /run/case/msr.ko
secret /srv/secret
process host holding r /srv/secret
container before /free
image_runs before
ways_of before >/run/case/results
each_way_is 0 | diff - /run/case/results || fail "some ways did not lead out before"

# podman without systemd takes no slice.
sed "s|^cgroup = /machine.slice/libpod|cgroup = /confined/libpod|" /guest/policies/30-baseline.ini | policy 30-baseline
bailiff_start
container after /confined
image_runs after
expect_equal "records" "$(container_records)" 0
ways_of after >/run/case/results
each_way_is 1 | diff - /run/case/results || {
	cat /run/case/said-of-ways
	fail "some ways lead out"
}
kill -0 "$host"
expect_equal "the secret" "$(cat /srv/secret)" secret
for word in mount userns bpf module perf rawio settime; do
	wait_until "the record of $word" has_records 1 operation=privilege verdict=deny enforced=true object.name=$word
done
expect_records 2 operation=signal verdict=deny object.pid="$host" object.relation=outside
wait_until "the records of the process" has_records 8 operation=ptrace verdict=deny object.pid="$host"
image_runs after

# Another one under the same policy is the outside, too.
container other /confined
in_container other "echo \$\$ >/run/case/other; exec $PROBE stay /run/case/ready-other" >/dev/null 2>&1 &
wait_until "the other's process" test -e /run/case/ready-other
host=$(cat /run/case/other)
ways_of after | grep -E '^(ptrace|seize|process-vm|pidfd-getfd|signal|host-root)' >/run/case/results
grep -v ' 1$' /run/case/results && fail "another container was reached"
in_debian $PODMAN rm --force --time 0 before after other
