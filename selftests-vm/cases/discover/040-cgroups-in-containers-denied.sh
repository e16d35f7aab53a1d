# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A cgroup in a container is held by the container's policies whatever its path selects besides, from its first
# instruction and also while no daemon runs; policies of its path are added.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret /srv/inner /srv/machine
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web
	[file]
	deny = read /srv/secret
END
policy 20-inner <<-'END'
	[policy]
	name = inner
	[select]
	cgroup = /**/inner*
	[file]
	deny = read /srv/inner
END
policy 30-machine <<-'END'
	[policy]
	name = machine
	[select]
	cgroup = /machine.slice
	[file]
	deny = read /srv/machine
END

web=/machine.slice/libpod-$(hash 1).scope
cgroup /machine.slice "$web/inner-1" /machine.slice/inner-0
podman_files "$(hash 1)" web nginx:1

all_denied() {
	expect_denied in-cgroup "$1" open-read /srv/secret
	expect_denied in-cgroup "$1" open-read /srv/machine
	"${2:-expect_denied}" in-cgroup "$1" open-read /srv/inner
}

bailiff_start
all_denied "$web" expect_allowed
all_denied "$web/inner-1"
expect_allowed in-cgroup /machine.slice/inner-0 open-read /srv/secret
expect_denied in-cgroup /machine.slice/inner-0 open-read /srv/inner

cgroup "$web/inner-2/below" "$web/other"
expect_denied in-cgroup "$web/inner-2" open-read /srv/secret
expect_denied in-cgroup "$web/inner-2" open-read /srv/machine
expect_bound "$web/inner-2" "web inner machine"
all_denied "$web/inner-2"
all_denied "$web/inner-2/below"
all_denied "$web/other" expect_allowed

bailiff_reload
all_denied "$web/inner-1"
all_denied "$web/inner-2/below"
all_denied "$web/other" expect_allowed

# The kernel alone cannot combine policies; it never takes the container's away.
bailiff_stop KILL
cgroup "$web/inner-3"
expect_denied in-cgroup "$web/inner-3" open-read /srv/secret
expect_denied in-cgroup "$web/inner-3" open-read /srv/machine
bailiff_start
all_denied "$web/inner-3"
all_denied "$web" expect_allowed
