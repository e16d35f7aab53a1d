# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A descriptor that was opened for nothing asks for nothing; what it is of is decided when it is opened again.
. /guest/lib.sh

rows() {
	asks -- open-path @/file
	asks -- open-path @/directory
	asks read:open:file -- open-again @/file
	asks write:open:file -- open-again-write @/file
	asks read:open:file -- holding path @/file open-again held
	asks write:open:file -- holding r @/file open-again-write held
	asks read:open:full/file -- holding path @/full open-at held file
	asks read:open:full/file -- holding r @/full open-at held file
	asks delete:delete:file read:open:file -- open-deleted @/file
	asks read:open:file -- open-handle @/file
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
