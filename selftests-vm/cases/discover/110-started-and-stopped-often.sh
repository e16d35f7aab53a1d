# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 400
# Containers that come and go leave nothing behind: neither bindings nor what the daemon knows of them.
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
docker_files "$(hash 1)" web nginx:1
mkdir -p /sys/fs/cgroup/docker
bailiff_start

where=/docker/$(hash 1)
for _ in $(seq 100); do
	cgroup "$where"
	rmdir "/sys/fs/cgroup$where"
done
cgroup "$where"
expect_bound "$where" web
expect_denied in-cgroup "$where" open-read /srv/secret
expect_equal "containers in ps" "$(bailiff ps --json | jq '.containers | length')" 1
rmdir "/sys/fs/cgroup$where"
# A reload removes what is not needed any more.
bailiff_reload
expect_equal "containers" "$(status_value '.containers | length')" 0
bailiff_stop
