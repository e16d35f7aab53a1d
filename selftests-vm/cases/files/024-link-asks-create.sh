# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A hard link is created under its new name, however the file is told.
. /guest/lib.sh

rows() {
	asks create:link:new -- link @/file @/new
	asks create:link:new -- link @/link @/new
	asks create:link:full/new -- link-through @/file @/full/new
	asks create:link:new -- holding r @/file link held @/new
	asks create:link:new -- holding path @/file link-through held @/new
	asks create:link:new -- holding unnamed @/directory link held @/new
	asks create:link:new -- holding unnamed @/directory link-through held @/new
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
