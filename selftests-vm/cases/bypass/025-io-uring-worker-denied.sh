# SPDX-License-Identifier: GPL-2.0-or-later
# A thread that works for a ring and is older than the credentials it is told to use is confined with them too.
. /guest/lib.sh

cgroup /web
secret /srv/kept /srv/free /srv/other
expect_allowed in-cgroup /web ring-worker /srv/free /srv/kept

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = attr /srv/kept
END
bailiff_start

expect_denied in-cgroup /web ring-worker /srv/free /srv/kept
expect_records 1 operation=attr verdict=deny enforced=true object.path=/srv/kept $(rule 10-web 'deny = attr')
expect_allowed in-cgroup /web ring-worker /srv/free /srv/other
