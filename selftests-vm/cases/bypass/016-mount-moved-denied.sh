# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A mount that is moved takes its tree to other names.
. /guest/lib.sh

moves() {
	for verb in move-mount move-tree; do
		"$@" in-cgroup /web own-mounts $verb /srv/private /srv/there
		"$@" in-cgroup /web own-mounts $verb /srv/here /srv/written
	done
}

cgroup /web
mkdir -p /srv/there /srv/written /srv/here /srv/private
mount -t tmpfs tmpfs /srv/private
mount -t tmpfs tmpfs /srv/here
trap 'umount /srv/private /srv/here' EXIT
secret /srv/private/secret /srv/here/file
moves expect_allowed

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

moves expect_denied
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/there rule=null
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/written rule=null
expect_allowed in-cgroup /web own-mounts move-tree /srv/here /srv/there
expect_allowed own-mounts move-mount /srv/private /srv/there
