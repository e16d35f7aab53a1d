# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who comes into a new container from outside mounts what it is to have. What it executes there may not, nor may anybody
# in a container that was there before it was bound.
. /guest/lib.sh

cgroup /web-before
secret /srv/private/secret
mkdir -p /srv/there
expect_allowed in-cgroup /web-before own-mounts bind /srv/private /srv/there

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web-*
	[file]
	deny = read /srv/private/**
END
bailiff_start
cgroup /web-new

expect_allowed in-cgroup /web-new own-mounts bind /srv/private /srv/there
expect_denied in-cgroup /web-new open-read /srv/private/secret
expect_allowed in-cgroup /web-new run /bin/sh -c \
	'probe own-mounts bind /srv/private /srv/there; [ $? = 1 ]'
expect_denied in-cgroup /web-before own-mounts bind /srv/private /srv/there
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/there
