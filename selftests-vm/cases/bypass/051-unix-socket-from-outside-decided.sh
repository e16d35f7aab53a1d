# SPDX-License-Identifier: GPL-2.0-or-later
# A task with a mount namespace of its own, as every container has, reaches a socket that was bound outside of it: it
# is decided by the path it was bound to there.
. /guest/lib.sh

cgroup /web
mkdir -p /srv
listen unix /srv/denied unix /srv/allowed
expect_allowed in-cgroup /web own-mounts connect-unix /srv/denied

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	allow = connect unix /srv/allowed
	deny = connect unix *
END
bailiff_start

expect_denied in-cgroup /web own-mounts connect-unix /srv/denied
expect_records 1 operation=connect verdict=deny enforced=true object.path=/srv/denied \
	$(rule 10-web 'deny = connect unix')
expect_allowed in-cgroup /web own-mounts connect-unix /srv/allowed
