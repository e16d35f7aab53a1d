# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A datagram goes nowhere a rule denies to connect or to send to; over a connected socket nothing is asked again.
. /guest/lib.sh

ip link set lo up
echo "0 2147483647" >/proc/sys/net/ipv4/ping_group_range
cgroup /web

# Over IPv6, an address without a family is none.
sends() {
	set -- "$@" in-cgroup /web net
	"$@" udp4 send 127.0.0.1 5353
	"$@" udp4 send-message 127.0.0.1 5353
	"$@" udp4 send-messages 127.0.0.1 5353
	"$@" udp4 send-ring 127.0.0.1 5353
	"$@" udp4 send-unspecified 127.0.0.1 5353
	"$@" udp4 send 0.0.0.0 5353
	"$@" udp6 send ::ffff:127.0.0.1 5353
	"$@" udp6 send 127.0.0.1 5353
	"$@" udp6 send ::1 5353
	"$@" udplite4 send 127.0.0.1 5353
	"$@" icmp4 send 127.0.0.1 0
	"$@" raw4 send 127.0.0.1 0
	"$@" raw4 send-unspecified 127.0.0.1 0
	"$@" packet send
	"$@" netlink send
	"$@" netlink send-unnamed
}
sends expect_allowed
expect_allowed in-cgroup /web net udp4 send-connected 127.0.0.1 5353

# write_policy PERMISSION
write_policy() {
	policy 10-web <<-END
		[policy]
		name = web
		[select]
		cgroup = /web
		[network]
		deny = $1 udp 127.0.0.1:5353 [::1]:5353
		deny = $1 icmp 127.0.0.1
		deny = $1 raw 127.0.0.1
		deny = $1 packet *
		deny = $1 netlink *
	END
}

expect_recorded() {
	expect_records $((10 * $2)) operation=send verdict=deny enforced=true object.port=5353 object.protocol=udp \
		permissions.denied='["send"]'
	expect_records $((9 * $2)) object.protocol=udp object.address=127.0.0.1
	expect_records $((2 * $2)) operation=send object.protocol=raw
	expect_records $((16 * $2)) record=access
	expect_records $((10 * $2)) operation=send $(rule 10-web "deny = $1 udp")
}

write_policy connect
bailiff_start
sends expect_denied
expect_recorded connect 1

write_policy send
bailiff_reload
sends expect_denied
expect_recorded send 2
expect_allowed in-cgroup /web net udp4 send-connected 127.0.0.1 5353
expect_allowed in-cgroup /web net udp4 connect 127.0.0.1 5353
expect_allowed in-cgroup /web net udp4 send 127.0.0.1 5354
expect_allowed in-cgroup /web net udp4 send-messages 127.0.0.2 5353
expect_allowed net udp4 send 127.0.0.1 5353
