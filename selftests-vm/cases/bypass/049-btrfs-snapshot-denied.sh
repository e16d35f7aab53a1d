# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# btrfs makes and removes names by calls of its own; a snapshot gives all files of a subvolume another.
. /guest/lib.sh

calls() {
	"$@" in-cgroup /web snapshot /srv/private /srv/public snapshot
	"$@" in-cgroup /web subvolume create /srv/kept new
	"$@" in-cgroup /web subvolume remove /srv/kept old
}

cgroup /web
file_system btrfs /srv 200M
mkdir /srv/public /srv/kept
probe subvolume create /srv private
probe subvolume create /srv/kept old
secret /srv/private/secret
calls expect_allowed
probe subvolume remove /srv/public snapshot
probe subvolume remove /srv/kept new
probe subvolume create /srv/kept old

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/private/**
	deny = create delete /srv/kept/**
END
bailiff_start

calls expect_denied
# The name is in memory that can still be changed, so the directory it is made in is judged, like a mount point.
expect_records 1 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/public
expect_records 2 operation=mount verdict=deny enforced=true fail=alias object.path=/srv/kept
expect_records 3 record=access
expect_allowed in-cgroup /web subvolume create /srv/public plain
expect_allowed in-cgroup /web subvolume remove /srv/public plain
bailiff_stop
umount /srv
