# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# What is done through a ring asks for what the system call asks for, whichever thread does it.
. /guest/lib.sh

rows() {
	for how in here worker polled personality; do
		asks read:open:file -- ring $how open-read @/file
		asks create:create:new write:open:new -- ring $how open-new @/new
		asks delete:rename:file create:rename:new -- ring $how rename @/file @/new
		asks delete:delete:file -- ring $how unlink @/file
		asks delete:delete:directory -- ring $how rmdir @/directory
		asks create:create:new -- ring $how mkdir @/new
		asks create:create:new -- ring $how symlink @/new
		asks create:link:new -- ring $how link @/file @/new
		asks attr:attr:file -- ring $how set-attribute @/file trusted.name
		asks attr:attr:file -- holding r @/file ring $how set-attribute held trusted.name
	done
	asks -- ring here status @/file
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
