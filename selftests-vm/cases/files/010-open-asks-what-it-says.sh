# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Opening, in every way, asks for what the descriptor may do, and to create what is not there.
. /guest/lib.sh

rows() {
	asks read:open:file -- open-read @/file
	asks read:open:file -- open-read @/link
	asks read:open:directory -- open-read @/directory
	asks write:open:file -- open-write @/file
	asks write:open:file -- open-append @/file
	asks read:open:file write:open:file -- open-rdwr @/file
	asks read:open:file write:open:file -- open-trunc @/file
	asks read:open:file write:open:file -- open-ioctl @/file
	asks write:open:file -- open-create @/file
	asks create:create:new write:open:new -- open-create @/new
	asks create:create:new write:open:new -- open-new @/new
	asks create:create:new read:open:new -- open-new-read @/new
	asks read:open:file -- open-new-read @/file
	asks create:open:directory/#NUMBER read:open:directory/#NUMBER write:open:directory/#NUMBER -- \
		open-unnamed @/directory
	asks create:open:directory/#NUMBER write:open:directory/#NUMBER -- open-unnamed-write @/directory
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
