# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What another process has open has a name: opening it again, executing or mapping it is decided by that.
. /guest/lib.sh

holder() {
	probe holding "$1" "$2" waiting "/run/case/ready-$1" /run/case/never open-read /srv/public &
	pid=$!
	wait_until "the holder" test -e "/run/case/ready-$1"
}

cgroup /web
secret /srv/secret /srv/public
program /srv/denied /srv/allowed
holder r /srv/secret
reads=$pid
holder path /srv/denied
has_path=$pid
expect_allowed in-cgroup /web open-read /proc/$reads/fd/100
expect_allowed in-cgroup /web exec /proc/$has_path/fd/100
expect_allowed holding path /srv/denied in-cgroup /web exec-descriptor held
expect_allowed holding r /srv/denied in-cgroup /web map held

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	[file]
	deny = read /srv/secret
END
bailiff_start

expect_denied in-cgroup /web open-read /proc/$reads/fd/100
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/secret $(rule 10-web 'deny = read')
expect_denied in-cgroup /web exec /proc/$has_path/fd/100
expect_denied holding path /srv/denied in-cgroup /web exec-descriptor held
expect_denied holding path /srv/denied in-cgroup /web exec-through held
expect_records 3 operation=exec verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["execute"]' $(rule 10-web 'deny = /srv/denied')
expect_denied holding r /srv/denied in-cgroup /web map held
expect_denied holding r /srv/denied in-cgroup /web protect held
expect_records 2 operation=map verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/denied')
expect_allowed holding path /srv/allowed in-cgroup /web exec-descriptor held
expect_allowed holding r /srv/secret in-cgroup /web read held
