# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Flags of inodes are changed by a descriptor that need only be open for reading. A tmpfs has no such flags on 6.1, and
# nowhere verity: here it is ext4.
. /guest/lib.sh

rows() {
	asks attr:attr:file -- holding r @/file change-flags flags
	asks attr:attr:file -- holding r @/file change-flags attributes
	asks attr:attr:file -- holding r @/file change-flags version
	asks attr:attr:file -- holding r @/file change-flags verity
	asks attr:attr:full -- holding r @/full change-flags flags
	asks attr:attr:file -- set-attribute @/file user.name
	asks attr:attr:file -- holding r @/file set-attribute held user.name
	asks attr:attr:file -- set-attribute @/file system.posix_acl_access
	asks read:open:file attr:attr:file -- each open-read @/file also change-mode @/file
}

cgroup /web
file_system ext4 /srv 64M -b 4096 -O 'verity,^metadata_csum'
rows
asking_policy
bailiff_start
rows
expect_asked
bailiff_stop
umount /srv
