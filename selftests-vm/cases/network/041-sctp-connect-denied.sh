# SPDX-License-Identifier: GPL-2.0-or-later
# SCTP has its own ways to connect: to several addresses at once, and by sending.
. /guest/lib.sh

modprobe sctp
ip link set lo up
cgroup /web
ip addr add 127.0.0.2/8 dev lo
ip addr add 127.0.0.3/8 dev lo
probe net-listen /run/case/listening sctp4-many 0.0.0.0 8080 &
wait_until "the listener" test -e /run/case/listening

connects() {
	"$1" in-cgroup /web net sctp4-many send 127.0.0.2 8080
	"$1" in-cgroup /web net sctp4-many connect-many 127.0.0.2 8080
	"$1" in-cgroup /web net sctp4-many connect 127.0.0.2 8080
}
connects expect_allowed
expect_allowed in-cgroup /web net sctp4-many send-more 127.0.0.2 8080

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect sctp 127.0.0.2
END
bailiff_start

connects expect_denied
expect_records 3 verdict=deny enforced=true object.address=127.0.0.2 object.port=8080 object.protocol=sctp \
	$(rule 10-web 'deny = connect sctp')
expect_denied in-cgroup /web net sctp4-many send-more 127.0.0.2 8080
expect_records 1 operation=send verdict=deny enforced=true fail=address rule=null
expect_records 4 record=access
expect_allowed in-cgroup /web net sctp4-many send 127.0.0.3 8080
expect_allowed in-cgroup /web net sctp4-many connect-many 127.0.0.3 8080
expect_allowed net sctp4-many send 127.0.0.2 8080
ip addr del 127.0.0.2/8 dev lo
ip addr del 127.0.0.3/8 dev lo
