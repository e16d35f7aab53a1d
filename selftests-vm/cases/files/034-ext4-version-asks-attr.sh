# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# ext4 has a number of its own for setting an inode's version.
. /guest/lib.sh

rows() {
	asks attr:attr:file -- holding r @/file change-flags ext4-version
}

cgroup /web
file_system ext4 /srv 64M -b 4096 -O '^metadata_csum'
rows
asking_policy
bailiff_start
rows
expect_asked
bailiff_stop
umount /srv
