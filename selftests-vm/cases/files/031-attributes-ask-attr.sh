# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Mode, owner, times and extended attributes, by name, by descriptor and of symbolic links.
. /guest/lib.sh

rows() {
	for verb in change-mode change-mode-at change-owner change-times; do
		asks attr:attr:file -- $verb @/file
		asks attr:attr:directory -- $verb @/directory
	done
	for verb in change-mode change-owner change-times; do
		asks attr:attr:file -- holding r @/file $verb held
	done
	asks attr:attr:link -- change-owner-at @/link
	asks attr:attr:link -- touch-at @/link
	asks attr:attr:file -- holding path @/file change-owner-at held
	asks attr:attr:link -- holding link @/link change-owner-at held
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
