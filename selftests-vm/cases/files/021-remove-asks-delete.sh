# SPDX-License-Identifier: GPL-2.0-or-later
# What is removed is asked for by its own name, a symbolic link by the link's.
. /guest/lib.sh

rows() {
	asks delete:delete:file -- unlink @/file
	asks delete:delete:link -- unlink @/link
	asks delete:delete:directory -- rmdir @/directory
	asks delete:delete:full/file -- in-directory @/full unlink file
	asks delete:delete:full/inner -- in-directory @/full rmdir ./inner
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
