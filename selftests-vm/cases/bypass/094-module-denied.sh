# SPDX-License-Identifier: GPL-2.0-or-later
# A container's module does not become part of the kernel: from a file, from memory, from a file without a name, nor by having
# the kernel ask for one.
. /guest/lib.sh

MODULE=$(find /lib/modules -name msr.ko)

loads() {
	"$1" in-cgroup "$2" load-module "$MODULE"
	rmmod msr 2>/dev/null || true
	"$1" in-cgroup "$2" load-module-bytes "$MODULE"
	rmmod msr 2>/dev/null || true
	"$1" in-cgroup "$2" as /usr/bin/probe load-module /srv/copy.ko
	rmmod msr 2>/dev/null || true
}

cgroup /facility /capability
cp "$MODULE" /srv/copy.ko
loads expect_allowed /facility

policy 10-facility <<-'END'
	[policy]
	name = facility
	[select]
	cgroup = /facility
	[privilege]
	deny = module
END
policy 10-capability <<-'END'
	[policy]
	name = capability
	[select]
	cgroup = /capability
	[capability]
	deny = sys_module
END
bailiff_start

loads expect_denied /facility
expect_records 3 operation=privilege verdict=deny enforced=true object.name=module $(rule 10-facility 'deny = module')
loads expect_denied /capability
expect_denied in-cgroup /capability unload-module none
expect_records 4 operation=capability object.name=sys_module $(rule 10-capability 'deny = sys_module')
expect_allowed in-cgroup /facility open-read "$MODULE"
# What others have loaded stays of use.
modprobe tipc
expect_allowed in-cgroup /facility net tipc create
wait_until "tipc to be unused" rmmod tipc
wait_until "IPv6 tunnels to be unused" rmmod ip6_udp_tunnel
wait_until "tunnels to be unused" rmmod udp_tunnel
loads expect_allowed /
