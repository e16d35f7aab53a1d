# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A tree that is mounted nowhere could be any: where something is denied it is not attached, nor is a new
# file system, which could have been filled meanwhile.
. /guest/lib.sh

attaches() {
	"$@" in-cgroup /web own-mounts attach-tree /srv/private /srv/there
	"$@" in-cgroup /web own-mounts attach-tree / /srv/there
	"$@" in-cgroup /web own-mounts attach-new proc /srv/there
	"$@" in-cgroup /web own-mounts attach-new tmpfs /srv/there
	"$@" in-cgroup /web own-mounts attach-new overlay /srv/there source overlay lowerdir /srv/private:/srv/here
}

cgroup /web /free
mkdir -p /srv/there /srv/written
secret /srv/private/secret /srv/here/file
module overlay
attaches expect_allowed
expect_allowed in-cgroup /web make-detached tmpfs new

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/private/**
	deny = modify /srv/written/**
END
policy 20-free <<-'END'
	[policy]
	name = free
	[select]
	cgroup = /free
	[file]
	audit = read /srv/private/**
END
bailiff_start

attaches expect_denied
expect_records 5 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/there rule=null
expect_denied in-cgroup /web make-detached tmpfs new
expect_records 1 operation=create verdict=deny enforced=true fail=detached object=null rule=null
expect_allowed in-cgroup /web own-mounts mount-new tmpfs /srv/there
expect_allowed in-cgroup /free own-mounts attach-tree /srv/private /srv/there
expect_allowed in-cgroup /free own-mounts attach-new tmpfs /srv/there
expect_allowed own-mounts attach-tree /srv/private /srv/there
