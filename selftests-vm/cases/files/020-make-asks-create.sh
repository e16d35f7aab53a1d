# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Whatever kind of file is made, its name is asked for.
. /guest/lib.sh

rows() {
	for kind in file directory symlink fifo socket character-device block-device whiteout; do
		asks create:create:new -- make $kind @/new
		asks create:create:full/new -- make $kind @/full/new
	done
	asks create:create:new -- bind-unix @/new
	asks create:create:new -- in-directory @ bind-unix new
	asks create:create:new -- in-directory @/directory make directory ../new
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
