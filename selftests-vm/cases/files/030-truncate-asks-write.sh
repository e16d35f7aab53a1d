# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Truncating writes, also by a descriptor that was opened elsewhere; reading and writing by one ask for nothing.
. /guest/lib.sh

rows() {
	asks write:truncate:file -- truncate @/file
	asks write:truncate:file -- truncate @/link
	asks write:truncate:file -- holding rw @/file truncate held
	asks -- holding r @/file read held
	asks -- holding w @/file write held
	asks -- holding rw @/file allocate held
	asks -- holding r @/full list held
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
