# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# To be mapped executable is asked for when it is mapped so, and when a mapping becomes so.
. /guest/lib.sh

rows() {
	for verb in map map-shared map-writable map-personality protect protect-personality protect-key protect-written; do
		asks read:open:file map:map:file -- $verb @/file
	done
	asks read:open:file write:open:file map:map:file -- remap-personality @/file
	asks map:map:file -- holding r @/file map held
	asks map:map:file -- holding rw @/file map-shared held
	asks map:map:file -- holding r @/file protect held
	asks delete:delete:file read:open:file map:map:file -- map-deleted @/file
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
