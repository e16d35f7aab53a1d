# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who comes into a new container from outside sets it up: mounts, namespaces, capabilities. What it executes there may not,
# nor may who comes into one that was there before.
. /guest/lib.sh

set_up() {
	"$1" in-cgroup "$2" own-mounts mount-new tmpfs /srv/there
	"$1" in-cgroup "$2" own-mounts attach-tree /srv/tree /srv/there
	"$1" in-cgroup "$2" own-root /srv open-read /there
}

cgroup /web-before
mkdir -p /srv/there /srv/tree
set_up expect_allowed /web-before

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web-*
	[privilege]
	deny = mount userns
END
bailiff_start
cgroup /web-new

set_up expect_allowed /web-new
expect_records 0 record=access
expect_allowed in-cgroup /web-new run /bin/sh -c 'probe mount-new tmpfs /srv/there; [ $? = 1 ]'
expect_denied in-cgroup /web-new as /usr/bin/probe new-users unshare
expect_denied in-cgroup /web-before mount-new tmpfs /srv/there
expect_records 2 operation=privilege verdict=deny enforced=true object.name=mount $(rule 10-web 'deny = mount')
expect_records 1 operation=privilege verdict=deny enforced=true object.name=userns $(rule 10-web 'deny = mount')
