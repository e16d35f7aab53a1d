# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Another spelling of a name is no way to its attributes, to a mount point there, or to being another program.
. /guest/lib.sh

forget() {
	umount /srv/ext4
	mount -t ext4 -o loop /run/case/ext4.image /srv/ext4
}

attempts() {
	forget && "$@" in-cgroup /web change-mode /srv/ext4/SECRET
	forget && "$@" in-cgroup /web change-times /srv/ext4/SECRET
	forget && "$@" in-cgroup /web set-attribute /srv/ext4/SECRET trusted.name
	forget && "$@" in-cgroup /web own-mounts mount-new tmpfs /srv/ext4/WRITTEN
	forget && "$@" in-cgroup /web as /srv/ext4/TOOL open-read /srv/data
}

cgroup /web
file_system ext4 /srv/ext4 64M -O casefold
rmdir /srv/ext4/lost+found
probe holding r /srv/ext4 change-flags casefold
secret /srv/ext4/secret /srv/ext4/written/file /srv/data
program /srv/ext4/tool
attempts expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = attr /srv/ext4/secret
	deny = modify /srv/ext4/written /srv/ext4/written/**
	deny = read /srv/data by /srv/ext4/tool
END
bailiff_start

forget
expect_denied in-cgroup /web change-times /srv/ext4/secret
expect_denied in-cgroup /web own-mounts mount-new tmpfs /srv/ext4/written
expect_denied in-cgroup /web as /srv/ext4/tool open-read /srv/data
attempts expect_denied
expect_records 4 operation=attr verdict=deny enforced=true fail=folded rule=null
expect_records 2 operation=mount verdict=deny enforced=true fail=alias rule=null
expect_records 2 operation=open object.path=/srv/data $(rule 10-web 'deny = read')
expect_records 8 record=access
expect_allowed in-cgroup /web open-read /srv/data
umount /srv/ext4
