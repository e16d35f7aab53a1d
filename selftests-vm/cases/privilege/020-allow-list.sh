# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Under "default = deny" what is listed is allowed, to whom it is listed, and nothing else; "all" is all of them.
. /guest/lib.sh

readonly SERVER=/srv/server/probe
readonly OTHERS="new-users:unshare perf:self key:join faults:call kernel-log:read set-time:clock raw:iopl quota:sync
	load-kernel"

cgroup /web /all
mkdir /srv/root
program $SERVER
for verb in $OTHERS make-ring bpf:map change-root:/srv/root; do
	expect_allowed in-cgroup /web $(echo "$verb" | tr : ' ')
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[privilege]
	default = deny
	allow = chroot
	allow = io_uring by /srv/server/*
	audit = bpf
END
policy 20-all <<-'END'
	[policy]
	name = all
	[select]
	cgroup = /all
	[privilege]
	allow = chroot
	deny = all log=off
END
bailiff_start

for verb in $OTHERS make-ring; do
	expect_denied in-cgroup /web $(echo "$verb" | tr : ' ')
	expect_denied in-cgroup /all $(echo "$verb" | tr : ' ')
done
expect_records 10 operation=privilege verdict=deny enforced=true $(rule 10-web 'default = deny')
expect_records 1 object.name=userns verdict=deny
expect_records 1 object.name=io_uring verdict=deny
expect_counted 10 10-web 'default = deny'
expect_counted 10 20-all 'deny = all'

expect_allowed in-cgroup /web change-root /srv/root
expect_allowed in-cgroup /all change-root /srv/root
expect_allowed in-cgroup /web as $SERVER make-ring
expect_denied in-cgroup /web as $SERVER perf self
expect_allowed in-cgroup /web bpf map
expect_records 1 operation=privilege verdict=audit enforced=false object.name=bpf $(rule 10-web 'audit = bpf')
expect_records 12 record=access
