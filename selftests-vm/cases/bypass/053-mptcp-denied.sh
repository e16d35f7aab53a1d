# SPDX-License-Identifier: GPL-2.0-or-later
# Multipath TCP is TCP.
. /guest/lib.sh

cgroup /web
listen tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081
expect_allowed in-cgroup /web connect-mptcp4 127.0.0.1 8080

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect tcp 127.0.0.1:8080
END
bailiff_start

expect_denied in-cgroup /web connect-mptcp4 127.0.0.1 8080
expect_denied in-cgroup /web connect-mptcp4 0.0.0.0 8080
expect_records 2 operation=connect verdict=deny enforced=true object.address=127.0.0.1 object.port=8080 \
	object.protocol=tcp $(rule 10-web 'deny = connect')
expect_allowed in-cgroup /web connect-mptcp4 127.0.0.1 8081
