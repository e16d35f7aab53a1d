# SPDX-License-Identifier: GPL-2.0-or-later
# With the policy that is shipped, the addresses at which clouds hand out credentials are not reached, be it by a
# connection or by a datagram.
. /guest/lib.sh

ip link set lo up
ip addr add 169.254.169.254/32 dev lo
ip -6 addr add fd00:ec2::254/128 dev lo
cgroup /machine.slice/web
listen tcp4 169.254.169.254 80 tcp6 fd00:ec2::254 80 tcp4 127.0.0.1 80

reaches() {
	set -- "$@" in-cgroup /machine.slice/web net
	"$@" tcp4 connect 169.254.169.254 80
	"$@" tcp6 connect ::ffff:169.254.169.254 80
	"$@" tcp6 connect fd00:ec2::254 80
	"$@" udp4 send 169.254.169.254 53
	"$@" udp6 send ::ffff:169.254.169.254 53
	"$@" udp6 send fd00:ec2::254 53
	"$@" udp4 connect 169.254.169.254 53
}
reaches expect_allowed

cp /guest/policies/22-cloud-metadata.ini "$policies/"
bailiff_start

reaches expect_denied
expect_records 7 verdict=deny enforced=true policy=cloud-metadata \
	$(rule 22-cloud-metadata 'deny = connect any @metadata')
expect_records 7 record=access
expect_allowed in-cgroup /machine.slice/web net tcp4 connect 127.0.0.1 80
expect_allowed in-cgroup /machine.slice/web net udp4 send 127.0.0.1 53
expect_allowed net tcp4 connect 169.254.169.254 80
ip addr del 169.254.169.254/32 dev lo
ip -6 addr del fd00:ec2::254/128 dev lo
