# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The host's disks and memory are not reached through device nodes: those of /dev by rules of [file], others because none can
# be made or come with a mount.
. /guest/lib.sh

cgroup /web
module loop
file_system ext4 /srv/disk 8M
trap 'umount /srv/disk' EXIT
device=$(sed -n 's|^\(/dev/loop[0-9]*\) /srv/disk .*|\1|p' /proc/mounts)
number=$(stat -c '0x%t 0x%T' "$device")
mkdir /srv/dev
makes() {
	"$1" in-cgroup /web make block-device /srv/block
	"$1" in-cgroup /web make character-device /srv/character
	rm -f /srv/block /srv/character
	"$1" in-cgroup /web run /bin/mknod /srv/block b $((${number% *})) $((${number#* }))
	"$1" in-cgroup /web own-users make block-device /srv/dev/block
}
opens() {
	"$1" in-cgroup /web open-read "$device"
	"$1" in-cgroup /web open-write "$device"
	"$1" in-cgroup /web open-read /dev/mem
	"$1" in-cgroup /web open-read /dev/kmsg
}
expect_allowed in-cgroup /web run /bin/mknod /srv/block b $((${number% *})) $((${number#* }))
expect_allowed in-cgroup /web open-write /srv/block
expect_allowed in-cgroup /web make character-device /srv/character
expect_allowed in-cgroup /web own-mounts mount-new devtmpfs /srv/dev
rm /srv/block /srv/character
opens expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = read write /dev/{null,zero,full,random,urandom,tty,ptmx} /dev/{pts,shm}/**
	deny  = read write /dev/**
	[privilege]
	deny = mount
	[capability]
	deny = mknod
END
bailiff_start

for kind in block character; do
	expect_denied in-cgroup /web make $kind-device /srv/$kind
	expect_denied in-cgroup /web make $kind-device /dev/shm/$kind
done
expect_denied in-cgroup /web run /bin/mknod /srv/block b $((${number% *})) $((${number#* }))
expect_denied in-cgroup /web as /usr/bin/probe own-users make block-device /srv/block
expect_records 5 operation=capability verdict=deny enforced=true object.name=mknod $(rule 10-web 'deny = mknod')
opens expect_denied
expect_records 2 operation=open verdict=deny enforced=true object.path="$device" $(rule 10-web 'deny  = read write /dev')
expect_denied own-mounts in-cgroup /web mount-new devtmpfs /srv/dev
# What an image or a volume has, and what there was before, has another name: it has to be kept out of them, or be mounted
# with nodev.
expect_allowed in-cgroup /web make fifo /srv/fifo
expect_allowed in-cgroup /web make whiteout /srv/whiteout
expect_allowed in-cgroup /web open-write /dev/null
expect_allowed open-write "$device"
