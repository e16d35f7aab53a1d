# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# What [containers] said returns with the policies that it was read with: the default is one of them. So it does after a
# restart of the daemon.
. /guest/lib.sh
. /guest/containers.sh

web=/docker/$(hash 1)

# default_is NAME SECRET: the only policy, and the default of containers.
default_is() {
	rm -f "$policies"/*.ini
	policy "10-$1" <<-END
		[policy]
		name = $1
		[select]
		label = bailiff.policy=$1
		[file]
		deny = read $2
	END
	printf '[containers]\ndefault_policy = %s\n' "$1" >/run/case/bailiff.ini
}

# holds NAME DENIED ALLOWED
holds() {
	expect_bound "$web" "$1"
	expect_denied in-cgroup "$web" open-read "$2"
	expect_allowed in-cgroup "$web" open-read "$3"
}

secret /srv/before /srv/after
docker_files "$(hash 1)" web nginx:1
cgroup "$web"
expect_allowed in-cgroup "$web" open-read /srv/before
default_is before /srv/before
bailiff_start --config /run/case/bailiff.ini
holds before /srv/before /srv/after

default_is after /srv/after
expect_code 0 bailiff reload --confirm 1h
holds after /srv/after /srv/before
expect_code 0 bailiff confirm --return
holds before /srv/before /srv/after

bailiff_stop KILL
bailiff_start --config /run/case/bailiff.ini
expect_log "are put in force, not those of the configuration"
holds before /srv/before /srv/after
expect_code 0 bailiff reload
holds after /srv/after /srv/before
