# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A runtime that keeps its files in a place that was not there when the daemon shut itself in: the log says what to do, and
# after a restart the container is known.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web
	[file]
	deny = read /srv/secret
END
bailiff_start
where=/docker/$(hash 1)
docker_files "$(hash 1)" web nginx:1
cgroup "$where"
expect_log "what docker knows of the container in '$where' cannot be read: Permission denied; if the runtime was installed after the daemon was started, restart the daemon"
expect_allowed in-cgroup "$where" open-read /srv/secret
bailiff_stop
bailiff_start
expect_bound "$where" web
expect_denied in-cgroup "$where" open-read /srv/secret
