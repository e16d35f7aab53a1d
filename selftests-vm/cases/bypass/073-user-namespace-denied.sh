# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# As root of a user namespace of its own a task can mount what it could not: it is decided the same.
. /guest/lib.sh

attempts() {
	"$@" in-cgroup /web own-users bind-all /srv/private /srv/there
	"$@" in-cgroup /web own-users bind-all /srv/there /srv/written
	"$@" in-cgroup /web own-users mount-new tmpfs /srv/written
	"$@" in-cgroup /web own-users mount-new overlay /srv/there lowerdir=/srv/private:/srv/here
	"$@" in-cgroup /web own-users attach-tree /srv/private /srv/there
	"$@" in-cgroup /web own-users each bind-all /srv /srv also pivot /srv
	"$@" in-cgroup /web own-users open-read /srv/private/secret
	"$@" in-cgroup /web own-users in-root /srv open-read /private/secret
}

cgroup /web
mkdir -p /srv/there /srv/here /srv/written
secret /srv/private/secret
module overlay
attempts expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/private/**
	deny = modify /srv/written/**
END
bailiff_start

attempts expect_denied
expect_records 6 operation=mount verdict=deny enforced=true fail=alias rule=null
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/private/secret $(rule 10-web 'deny = read')
expect_records 8 record=access
expect_allowed in-cgroup /web own-users mount-new tmpfs /srv/there
expect_allowed own-users bind-all /srv/private /srv/there
