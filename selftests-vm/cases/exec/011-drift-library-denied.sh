# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# In a container with a root of its own, what did not come with the image is no library either, by whatever way it is
# mapped, also through the loader.
. /guest/lib.sh

readonly LOADER=/lib64/ld-linux-x86-64.so.2
readonly LIBRARIES=/lib/x86_64-linux-gnu

in_container() {
	local verdict=$1
	shift
	$verdict own-root /srv/root in-cgroup /web "$@"
}

attempts() {
	in_container "$1" run $LOADER /bin/written --version
	in_container "$1" run $LOADER --preload /tmp/libonig.so.5 /bin/dynamic --version
	in_container "$1" with LD_PRELOAD=/tmp/libonig.so.5 run /bin/dynamic --version
	in_container "$1" with LD_LIBRARY_PATH=/tmp run /bin/dynamic --version
	in_container "$1" map /tmp/libonig.so.5
	in_container "$1" protect /tmp/libonig.so.5
	in_container "$1" map-personality /tmp/libonig.so.5
}

cgroup /web
overlay /srv/root
mkdir -p /srv/root/sys/fs/cgroup
mount --bind /sys/fs/cgroup /srv/root/sys/fs/cgroup
mount -t proc proc /srv/root/proc
trap 'umount /srv/root/sys/fs/cgroup /srv/root/proc /srv/root' EXIT
cp /srv/root/bin/dynamic /srv/root/bin/written
cp $LIBRARIES/libonig.so.5 /srv/root/tmp/
attempts expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	drift = deny
END
bailiff_start

attempts expect_denied
expect_records 1 operation=map verdict=deny enforced=true object.path=/bin/written \
	permissions.denied='["drift"]' $(rule 10-web 'drift = deny')
expect_records 6 operation=map verdict=deny enforced=true object.path=/tmp/libonig.so.5 \
	permissions.denied='["drift"]' $(rule 10-web 'drift = deny')
expect_records 7 record=access
in_container expect_allowed run /bin/dynamic --version
in_container expect_allowed run $LOADER /bin/dynamic --version
in_container expect_allowed with LD_PRELOAD=$LIBRARIES/libonig.so.5 run /bin/dynamic --version
in_container expect_allowed protect /bin/program
in_container expect_allowed map /bin/program
in_container expect_allowed exec /bin/script
