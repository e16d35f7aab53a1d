# SPDX-License-Identifier: GPL-2.0-or-later
# The file system with the pins stays mounted: neither it nor what it is mounted on is unmounted by a confined task that
# may mount. A copy in a mount namespace of its own is its own, unless it is shared with everybody's.
. /guest/lib.sh

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
cgroup /web
mkdir -p /srv/upon
mount -t tmpfs none /srv/upon
mkdir /srv/upon/bpf
expect_allowed in-cgroup /web unmount /srv/upon
mount -t tmpfs none /srv/upon
mkdir /srv/upon/bpf
mount --bind /sys/fs/bpf /srv/upon/bpf
bailiff_start

expect_denied in-cgroup /web unmount /sys/fs/bpf
expect_denied in-cgroup /web unmount /srv/upon/bpf
expect_denied in-cgroup /web unmount /srv/upon
expect_denied in-cgroup /web unmount /sys
expect_denied in-cgroup /web in-shared-mounts unmount /sys/fs/bpf
expect_records 5 operation=mount verdict=deny enforced=true fail=engine container.cgroup=/web
grep -q " /sys/fs/bpf " /proc/mounts || fail "it is unmounted"
[ -e /sys/fs/bpf/bailiff/links/bl_file_open ] || fail "it is gone"

expect_allowed in-cgroup /web own-mounts unmount /sys/fs/bpf
expect_allowed in-cgroup /web own-mounts unmount /sys
mount --make-rprivate /
umount /srv/upon/bpf
expect_allowed in-cgroup /web unmount /srv/upon
expect_records 5 record=access
