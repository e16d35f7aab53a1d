# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Sockets that were made outside and are inherited stay what they are: the container serves on them, and they are no
# peers of its own.
. /guest/lib.sh

# activated STATEMENT KIND ADDRESS...
activated() {
	rm -f /srv/activated
	"$1" socket unix-stream listen /srv/activated in-cgroup /web accept-held
	"$1" socket unix-packet listen @activated in-cgroup /web accept-held
	"$1" socket tcp4 listen 127.0.0.1 8080 in-cgroup /web accept-held
}

ip link set lo up
cgroup /web
mkdir -p /srv
activated expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	default = deny
	allow = accept unix /srv/activated @activated @held
	allow = accept tcp 127.0.0.1:8080
	allow = connect unix inside
END
bailiff_start

activated expect_allowed
# A listener that /web has, and the host made.
probe socket unix-stream listen @held in-cgroup /web waiting /run/case/waiting /run/case/go accept-held &
listener=$!
wait_until "the listener" test -e /run/case/waiting
expect_denied in-cgroup /web connect-abstract held
expect_records 1 operation=connect verdict=deny enforced=true object.name=held $(rule 10-web 'default = deny')
expect_allowed connect-abstract held
touch /run/case/go
expect_exit 0 $listener
expect_records 1 record=access
