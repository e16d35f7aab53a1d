# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What is mounted where mounts propagate appears under the peers' names, too, which may be any.
. /guest/lib.sh

is_mounted() {
	grep -q -F " $1 " /proc/mounts
}

# /srv/shared has a peer at /srv/peer, /srv/alone has none; /srv/private can be moved to either.
fresh() {
	local place
	for place in /srv/alone /srv/shared; do
		! is_mounted $place/private || umount $place/private
	done
	is_mounted /srv/private || mount -t tmpfs tmpfs /srv/private
	secret /srv/private/secret
}

# mounts STATEMENT PLACE: the names that gives below the place itself allow no more.
mounts() {
	fresh && "$1" in-cgroup /web move-tree /srv/private "$2/private"
	fresh && "$1" in-cgroup /web move-mount /srv/private "$2/private"
	fresh && "$1" in-cgroup /web bind /srv/private "$2/private"
	fresh && "$1" in-cgroup /web attach-tree /srv/private "$2/private"
}

cgroup /web
mkdir -p /srv/alone /srv/shared /srv/peer /srv/private
mount -t tmpfs tmpfs /srv/alone
mount -t tmpfs tmpfs /srv/shared
mount --make-shared /srv/shared
mount --bind /srv/shared /srv/peer
mkdir /srv/alone/private /srv/shared/private
mounts expect_allowed /srv/alone
mounts expect_allowed /srv/shared
expect_allowed in-cgroup /web open-read /srv/peer/private/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/private/**
	deny = read /srv/alone/private /srv/alone/private/**
	deny = read /srv/shared/private /srv/shared/private/**
END
bailiff_start

mounts expect_denied /srv/shared
expect_records 4 operation=mount verdict=deny enforced=true fail=alias rule=null \
	object.path=/srv/shared/private
expect_records 4 record=access
mounts expect_allowed /srv/alone
fresh
expect_allowed in-cgroup /web own-mounts move-tree /srv/private /srv/shared/private
expect_records 4 record=access
umount /srv/private /srv/peer /srv/shared /srv/alone
