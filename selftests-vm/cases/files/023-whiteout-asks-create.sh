# SPDX-License-Identifier: GPL-2.0-or-later
# A rename that leaves a whiteout creates the old name again.
. /guest/lib.sh

cgroup /web
secret /srv/kept/a /srv/free/a /srv/there/a
expect_allowed in-cgroup /web rename-whiteout /srv/kept/a /srv/free/b
rm -rf /srv
secret /srv/kept/a /srv/free/a /srv/there/a

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = delete /srv/kept/*
	deny = create /srv/there/*
END
bailiff_start

expect_denied in-cgroup /web rename-whiteout /srv/kept/a /srv/free/b
expect_records 1 operation=rename verdict=deny enforced=true object.path=/srv/kept/a \
	permissions.denied='["delete"]' $(rule 10-web 'deny = delete')
expect_denied in-cgroup /web rename-whiteout /srv/there/a /srv/free/b
expect_records 1 operation=rename verdict=deny enforced=true object.path=/srv/there/a \
	permissions.denied='["create"]' $(rule 10-web 'deny = create')
expect_allowed in-cgroup /web rename-whiteout /srv/free/a /srv/free/c
