# SPDX-License-Identifier: GPL-2.0-or-later
# The same place under other names: IPv4 mapped into IPv6, and the unspecified address for loopback.
. /guest/lib.sh

cgroup /web
listen tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081 tcp6 ::1 8080 tcp6 ::1 8081
for port in 8080 8081; do
	expect_allowed in-cgroup /web connect-tcp6 ::ffff:127.0.0.1 $port
	expect_allowed in-cgroup /web connect-tcp4 0.0.0.0 $port
	expect_allowed in-cgroup /web connect-tcp6 :: $port
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect tcp 127.0.0.1:8080
	deny = connect tcp [::1]:8080
END
bailiff_start

expect_denied in-cgroup /web connect-tcp6 ::ffff:127.0.0.1 8080
expect_denied in-cgroup /web connect-tcp4 0.0.0.0 8080
expect_records 2 operation=connect verdict=deny $(rule 10-web 'deny = connect tcp 127.0.0.1:8080')
expect_denied in-cgroup /web connect-tcp6 :: 8080
expect_records 1 operation=connect verdict=deny $(rule 10-web 'deny = connect tcp [::1]:8080')
expect_allowed in-cgroup /web connect-tcp6 ::ffff:127.0.0.1 8081
expect_allowed in-cgroup /web connect-tcp4 0.0.0.0 8081
expect_allowed in-cgroup /web connect-tcp6 :: 8081
