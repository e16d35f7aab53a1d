# SPDX-License-Identifier: GPL-2.0-or-later
# To a bound socket the unspecified address is not loopback but its own address, and "::" is 127.0.0.1 if that is mapped.
. /guest/lib.sh

cgroup /web
ip addr add 203.0.113.7/32 dev lo
listen tcp4 203.0.113.7 9090 tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081 tcp6 ::1 8081
expect_allowed in-cgroup /web connect-tcp4-from 203.0.113.7 0.0.0.0 9090
expect_allowed in-cgroup /web connect-tcp6-from ::ffff:203.0.113.7 ::ffff:0.0.0.0 9090
expect_allowed in-cgroup /web connect-tcp6-from ::ffff:127.0.0.1 :: 8080
expect_allowed in-cgroup /web connect-tcp6-from ::ffff:203.0.113.7 :: 8080

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect tcp 203.0.113.7:*
	deny = connect tcp 127.0.0.1:8080
END
bailiff_start

expect_denied in-cgroup /web connect-tcp4-from 203.0.113.7 0.0.0.0 9090
expect_denied in-cgroup /web connect-tcp6-from ::ffff:203.0.113.7 ::ffff:0.0.0.0 9090
expect_records 2 operation=connect verdict=deny enforced=true object.address=203.0.113.7 object.port=9090 \
	$(rule 10-web 'deny = connect tcp 203.0.113.7')
expect_denied in-cgroup /web connect-tcp6-from ::ffff:127.0.0.1 :: 8080
expect_denied in-cgroup /web connect-tcp6-from ::ffff:203.0.113.7 :: 8080
expect_records 2 operation=connect verdict=deny enforced=true object.address=127.0.0.1 object.port=8080 \
	$(rule 10-web 'deny = connect tcp 127.0.0.1')
expect_allowed in-cgroup /web connect-tcp4-from 127.0.0.1 0.0.0.0 8081
expect_allowed in-cgroup /web connect-tcp6-from ::1 :: 8081
ip addr del 203.0.113.7/32 dev lo
