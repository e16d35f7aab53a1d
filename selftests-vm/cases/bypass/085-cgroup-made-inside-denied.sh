# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A container's cgroup that the container made itself, and that a policy names as well, is not being set up by a runtime:
# who is moved in, and was not seen before, may mount no more than elsewhere in the container.
. /guest/lib.sh

# sleeper NAME: a process that does nothing any hook is told of until it is sent for; $NAME is its number.
sleeper() {
	probe in-cgroup /web waiting "/run/case/ready-$1" "/run/case/go-$1" own-mounts mount-new tmpfs /srv/there &
	eval "$1=$!"
	wait_until "the process $1" test -e "/run/case/ready-$1"
}

# inside COMMAND: a shell of the container's runs it.
inside() {
	expect_allowed in-cgroup /web run /bin/sh -c "$1"
}

cgroup /web
mkdir -p /srv/there
sleeper before
inside 'mkdir -p /sys/fs/cgroup/web/inner/x-0'
inside "echo $before >/sys/fs/cgroup/web/inner/x-0/cgroup.procs"
: >/run/case/go-before
expect_exit 0 "$before"
sleeper stayed
sleeper moved

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	cgroup = /web/**/x-*
	[privilege]
	deny = mount
END
bailiff_start

inside 'mkdir -p /sys/fs/cgroup/web/inner/x-1'
inside "echo $moved >/sys/fs/cgroup/web/inner/x-1/cgroup.procs"
for process in stayed moved; do
	: >"/run/case/go-$process"
	eval "expect_exit 2 \$$process"
done
expect_records 2 operation=privilege verdict=deny enforced=true object.name=mount $(rule 10-web 'deny = mount')
# A runtime comes from outside, into a cgroup that is made outside.
cgroup /web/inner/x-2
expect_allowed in-cgroup /web/inner/x-2 own-mounts mount-new tmpfs /srv/there
