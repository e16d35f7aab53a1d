# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# An overlay or an image that a confined task mounts itself is no image: its lower layer is what the task wrote.
. /guest/lib.sh

attempts() {
	local verdict=$1
	shift
	$verdict in-cgroup /web "$@" mount-new overlay /srv/there lowerdir=/srv/mine:/srv/empty \
		also exec /srv/there/program
	$verdict in-cgroup /web "$@" mount-new overlay /srv/there lowerdir=/srv/mine:/srv/empty \
		also map /srv/there/program
	$verdict in-cgroup /web "$@" attach-new overlay /srv/there source overlay lowerdir /srv/mine:/srv/empty \
		also exec /srv/there/program
	$verdict in-cgroup /web "$@" mount-new overlay /srv/there lowerdir=/srv/mine:/srv/empty \
		also own-mounts exec /srv/there/program
}

cgroup /web
module overlay erofs loop
mkdir -p /srv/there /srv/empty
program /srv/mine/program
overlay /srv/root
mkfs.erofs -x-1 /run/case/mine.image /srv/mine >/dev/null
losetup /dev/loop1 /run/case/mine.image
trap 'losetup -d /dev/loop1; umount /srv/root' EXIT
attempts expect_allowed own-mounts each
attempts expect_allowed own-users each
expect_allowed in-cgroup /web own-mounts each mount-new erofs /srv/there "" /dev/loop1 \
	also exec /srv/there/program

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	drift = deny
END
bailiff_start

attempts expect_denied own-mounts each
attempts expect_denied own-users each
expect_denied in-cgroup /web own-mounts each mount-new erofs /srv/there "" /dev/loop1 \
	also exec /srv/there/program
expect_records 7 operation=exec verdict=deny enforced=true object.path=/srv/there/program \
	permissions.denied='["drift-mount"]' $(rule 10-web 'drift = deny')
expect_records 2 operation=map verdict=deny enforced=true object.path=/srv/there/program \
	permissions.denied='["drift-mount"]' $(rule 10-web 'drift = deny')
expect_allowed in-cgroup /web own-mounts mount-new overlay /srv/there lowerdir=/srv/mine:/srv/empty
expect_allowed in-cgroup /web exec /srv/root/bin/program
expect_allowed in-cgroup /web own-mounts exec /srv/root/bin/program
