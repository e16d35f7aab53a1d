# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What may not be changed is not hidden behind a new file system either; and one whose files have other names elsewhere
# gives nothing another name.
. /guest/lib.sh

mounts() {
	"$@" in-cgroup /web own-mounts mount-new tmpfs /srv/written
	"$@" in-cgroup /web own-mounts mount-new ramfs /srv/written/inner
	"$@" in-cgroup /web own-mounts mount-new tmpfs /srv
	"$@" in-cgroup /web own-mounts mount-new proc /srv/there
	"$@" in-cgroup /web own-mounts mount-new overlay /srv/there lowerdir=/srv/private:/srv/here
}

cgroup /web
mkdir -p /srv/there /srv/here /srv/written/inner
secret /srv/private/secret
module overlay
mounts expect_allowed

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

mounts expect_denied
expect_records 1 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/written rule=null
expect_records 1 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/written/inner rule=null
expect_records 1 operation=mount verdict=deny enforced=true fail=alias object.path=/srv rule=null
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/there rule=null
expect_allowed in-cgroup /web own-mounts mount-new tmpfs /srv/there
expect_allowed in-cgroup /web own-mounts mount-new ramfs /srv/here
expect_allowed own-mounts mount-new tmpfs /srv/written
