# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What may not be changed is not hidden either by what is mounted on a peer of the mount it is on.
. /guest/lib.sh

is_mounted() {
	grep -q -F " $1 " /proc/mounts
}

fresh() {
	! is_mounted /srv/shared/written || umount /srv/shared/written
	is_mounted /srv/here || mount -t tmpfs tmpfs /srv/here
}

replacements() {
	fresh && "$@" in-cgroup /web mount-new tmpfs /srv/shared/written
	fresh && "$@" in-cgroup /web move-tree /srv/here /srv/shared/written
}

cgroup /web
mkdir -p /srv/shared /srv/peer /srv/here
mount -t tmpfs tmpfs /srv/shared
mount --make-shared /srv/shared
mount --bind /srv/shared /srv/peer
secret /srv/shared/written/config
replacements expect_allowed
fresh

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = modify /srv/peer/written /srv/peer/written/**
END
bailiff_start

expect_denied in-cgroup /web open-write /srv/peer/written/config
expect_denied in-cgroup /web mount-new tmpfs /srv/peer/written
replacements expect_denied
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/shared/written rule=null
expect_allowed open-read /srv/peer/written/config
fresh
expect_allowed in-cgroup /web own-mounts mount-new tmpfs /srv/shared/written
umount /srv/here /srv/peer /srv/shared
