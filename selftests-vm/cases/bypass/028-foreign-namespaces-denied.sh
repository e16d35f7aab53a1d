# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A file of another mount namespace has no path here, and what is kept of it there is not found, however many there are.
. /guest/lib.sh

cgroup /web
secret /srv/public
expect_allowed in-cgroup /web foreign 1 /srv public

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

expect_denied in-cgroup /web foreign 300 /srv public
expect_records 300 operation=open verdict=deny enforced=true fail=foreign object=null rule=null
expect_records 300 record=access
expect_allowed in-cgroup /web open-read /srv/public
