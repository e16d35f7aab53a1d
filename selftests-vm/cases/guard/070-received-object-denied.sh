# SPDX-License-Identifier: GPL-2.0-or-later
# A descriptor of the engine's is not received either, whoever sends it. One of another map is.
. /guest/lib.sh

readonly PINS=/sys/fs/bpf/bailiff

# give NAME KIND PIN: sends it to whoever connects to /srv/NAME.
give() {
	probe holding-object "$2" "$3" pass "/run/case/ready-$1" "/srv/$1" &
	wait_until "who gives $1" test -e "/run/case/ready-$1"
}

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
cgroup /web
bailiff_start
give map map $PINS/maps/state
give program prog $PINS/progs/bl_enroll
give link link $PINS/links/bl_file_open
for name in map program link; do
	expect_allowed receive /srv/$name
	expect_denied in-cgroup /web receive /srv/$name
done
expect_records 3 operation=privilege verdict=deny enforced=true fail=engine object.name=bpf container.cgroup=/web
probe own-map kept /sys/fs/bpf/own
give other map /sys/fs/bpf/own
expect_allowed in-cgroup /web receive /srv/other
rm /sys/fs/bpf/own
