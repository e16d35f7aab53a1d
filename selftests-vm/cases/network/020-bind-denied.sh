# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Binding is decided by the address and port that are bound to, however they are written.
. /guest/lib.sh

modprobe -a sctp vsock vsock_loopback
ip link set lo up
ip -6 addr add fe80::1/64 dev lo
cgroup /web

binds() {
	set -- "$@" in-cgroup /web net
	"$@" tcp4 bind 127.0.0.1 8080
	"$@" tcp4 bind 0.0.0.0 8080
	"$@" tcp4 bind-unspecified 0.0.0.0 8080
	"$@" mptcp4 bind 127.0.0.1 8080
	"$@" tcp6 bind ::1 8080
	"$@" tcp6 bind :: 8080
	"$@" tcp6 bind ::ffff:127.0.0.1 8080
	"$@" tcp6 bind fe80::1 8080
	"$@" udp4 bind 127.0.0.1 5353
	"$@" udp6 bind ::ffff:0.0.0.0 5353
	"$@" udp4 bind 127.0.0.1 0
	"$@" sctp4 bind 127.0.0.1 8080
	"$@" sctp4-many bind-many 127.0.0.2 0
	"$@" packet bind
	"$@" netlink bind
	"$@" vsock bind
	"$@" unix-datagram bind @denied
	"$@" unix-datagram bind none
}
binds expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = bind tcp *:8080
	deny = bind udp *:5353
	deny = bind udp 127.0.0.1:0
	deny = bind sctp 127.0.0.1:8080 127.0.0.2
	deny = bind packet *
	deny = bind netlink *
	deny = bind vsock *
	allow = bind unix @allowed /**
	deny = bind unix *
END
bailiff_start

binds expect_denied
expect_records 8 operation=bind verdict=deny enforced=true object.port=8080 object.protocol=tcp \
	permissions.denied='["bind"]' $(rule 10-web 'deny = bind tcp')
expect_records 3 operation=bind object.protocol=tcp object.address=127.0.0.1
expect_records 2 operation=bind object.protocol=tcp object.address=0.0.0.0
expect_records 1 operation=bind object.protocol=tcp object.address=::
expect_records 1 operation=bind object.address=0.0.0.0 object.port=5353 $(rule 10-web 'deny = bind udp *')
expect_records 1 operation=bind object.port=0 $(rule 10-web 'deny = bind udp 127')
expect_records 2 operation=bind object.protocol=sctp $(rule 10-web 'deny = bind sctp')
for protocol in packet netlink vsock; do
	expect_records 1 operation=bind object.kind=socket object.protocol=$protocol $(rule 10-web "deny = bind $protocol")
done
expect_records 1 operation=bind object.kind=unix object.name=denied $(rule 10-web 'deny = bind unix')
expect_records 1 operation=bind object.kind=socket object.protocol=unix $(rule 10-web 'deny = bind unix')
expect_records 18 record=access

expect_allowed in-cgroup /web net tcp4 bind 127.0.0.1 8081
expect_allowed in-cgroup /web net udp6 bind :: 0
expect_allowed in-cgroup /web net sctp4-many bind-many 127.0.0.3 0
expect_allowed in-cgroup /web net unix-datagram bind @allowed
expect_allowed in-cgroup /web net unix-stream bind /srv/allowed
expect_allowed net tcp4 bind 127.0.0.1 8080
ip -6 addr del fe80::1/64 dev lo
