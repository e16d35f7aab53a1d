# SPDX-License-Identifier: GPL-2.0-or-later
# Under "default = deny" a rule that allows something allows what is needed for it, and nothing else.
. /guest/lib.sh

cgroup /web
modprobe vsock
ip link set lo up
listen tcp4 127.0.0.1 5432 tcp4 127.0.0.1 5433 unix /srv/app.sock unix /srv/other.sock
try_all() {
	"$1" in-cgroup /web net vsock create
	"$1" in-cgroup /web net packet create
	"$1" in-cgroup /web net netlink create
	"$1" in-cgroup /web net tcp4 connect 127.0.0.1 5433
	"$1" in-cgroup /web net tcp4 bind 127.0.0.1 8081
	"$1" in-cgroup /web net tcp4 listen-unbound
	"$1" in-cgroup /web net unix-stream connect /srv/other.sock
	"$1" in-cgroup /web net unix-stream bind @name
	"$1" in-cgroup /web net raw4 create
}
try_all expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	default = deny
	allow = connect tcp 127.0.0.1:5432
	allow = bind tcp *:8080
	allow = connect unix /srv/app.sock
	allow = connect any 127.0.0.2:443
END
bailiff_start

try_all expect_denied
expect_records 9 verdict=deny enforced=true $(rule 10-web 'default = deny')
expect_records 9 record=access
expect_allowed in-cgroup /web net tcp4 connect 127.0.0.1 5432
expect_allowed in-cgroup /web net tcp4 accept 127.0.0.1 8080
expect_allowed in-cgroup /web net tcp6 accept :: 8080
expect_allowed in-cgroup /web net unix-stream connect /srv/app.sock
expect_allowed in-cgroup /web net udp4 send 127.0.0.2 443
expect_allowed net raw4 create
