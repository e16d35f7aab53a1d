# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Sockets are not created whose protocol or family is denied, whatever they are called when they are asked for.
. /guest/lib.sh

# What is created, and the protocol that rules and records call it by.
readonly kinds="tcp4=tcp tcp6=tcp mptcp4=tcp smc4=tcp udp4=udp udp6=udp udplite4=udp icmp4=icmp raw4=raw raw6=raw
	sctp4=sctp sctp4-many=sctp sctp4-implied=sctp packet=packet netlink=netlink vsock=vsock alg=alg xdp=xdp unix-stream=unix
	unix-datagram=unix unix-packet=unix"
readonly protocols="tcp udp icmp raw sctp packet netlink vsock alg xdp unix"

modprobe -a sctp smc vsock af_alg
echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range
cgroup /web /other
for kind in $kinds; do
	expect_allowed in-cgroup /web net "${kind%=*}" create
done
expect_allowed in-cgroup /web net unix-stream pair

{
	printf '[policy]\nname = web\n[select]\ncgroup = /web\n[network]\n'
	printf 'deny = create %s\n' $protocols
} | policy 10-web
policy 20-other <<-'END'
	[policy]
	name = other
	[select]
	cgroup = /other
	[network]
	deny = create other
	deny = create raw
END
bailiff_start

for kind in $kinds; do
	expect_denied in-cgroup /web net "${kind%=*}" create
done
for protocol in $protocols; do
	count=0
	for kind in $kinds; do
		[ "${kind#*=}" != "$protocol" ] || count=$((count + 1))
	done
	expect_records $count operation=create verdict=deny enforced=true object.kind=socket object.protocol=$protocol \
		permissions.denied='["create"]' $(rule 10-web "deny = create $protocol")
done
expect_denied in-cgroup /web net unix-stream pair
expect_records 22 record=access
expect_equal "denied" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 22

for kind in alg xdp raw4; do
	expect_denied in-cgroup /other net $kind create
done
for kind in tcp4 udp6 packet netlink vsock unix-stream; do
	expect_allowed in-cgroup /other net $kind create
	expect_allowed net $kind create
done
expect_allowed in-cgroup /other net unix-datagram pair
