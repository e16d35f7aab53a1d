# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Connecting is decided by the address that is reached, over every protocol and however it is written.
. /guest/lib.sh

modprobe -a sctp smc vsock vsock_loopback
ip link set lo up
echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range
echo 3 >/proc/sys/net/ipv4/tcp_fastopen
cgroup /web
listen tcp4 127.0.0.1 8080 tcp6 ::1 8080 tcp4 127.0.0.1 8081

connects() {
	set -- "$@" in-cgroup /web net
	"$@" tcp4 connect 127.0.0.1 8080
	"$@" tcp4 connect 0.0.0.0 8080
	"$@" tcp6 connect ::1 8080
	"$@" tcp6 connect :: 8080
	"$@" tcp6 connect ::ffff:127.0.0.1 8080
	"$@" mptcp4 connect 127.0.0.1 8080
	"$@" smc4 connect 127.0.0.1 8080
	"$@" tcp4 send-fast-open 127.0.0.1 8080
	"$@" smc4 send-fallen-back 127.0.0.1 8080
	"$@" tcp4 connect-fast-open 127.0.0.1 8080
	"$@" udp4 connect 127.0.0.1 8080
	"$@" udp6 connect ::ffff:127.0.0.1 8080
	"$@" udp6 connect ::1 8080
	"$@" udplite4 connect 127.0.0.1 8080
	"$@" icmp4 connect 127.0.0.1 0
	"$@" raw4 connect 127.0.0.1 0
	"$@" netlink connect
}
connects expect_allowed
expect_allowed in-cgroup /web net udp4 dissolve 127.0.0.1 8081

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect tcp 127.0.0.1:8080 [::1]:8080
	deny = connect udp 127.0.0.1:8080 [::1]:8080
	deny = connect icmp 127.0.0.1
	deny = connect raw 127.0.0.1
	deny = connect netlink *
END
bailiff_start

connects expect_denied
expect_records 10 operation=connect verdict=deny enforced=true object.port=8080 object.protocol=tcp \
	permissions.denied='["connect"]' $(rule 10-web 'deny = connect tcp')
expect_records 8 object.protocol=tcp object.address=127.0.0.1
expect_records 2 object.protocol=tcp object.address=::1
expect_records 4 operation=connect object.protocol=udp $(rule 10-web 'deny = connect udp')
for protocol in icmp raw netlink; do
	expect_records 1 operation=connect object.protocol=$protocol $(rule 10-web "deny = connect $protocol")
done
expect_records 17 record=access
# Where that leads is the device's to say.
expect_denied in-cgroup /web net tcp4 connect-through-device 0.0.0.0 8080
expect_records 1 operation=connect fail=address rule=null
expect_allowed in-cgroup /web net tcp4 connect 127.0.0.1 8081
expect_allowed in-cgroup /web net tcp4 send-fast-open 127.0.0.1 8081
expect_allowed in-cgroup /web net udp4 dissolve 127.0.0.1 8081
expect_allowed net tcp4 connect 127.0.0.1 8080
