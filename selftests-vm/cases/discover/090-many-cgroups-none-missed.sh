# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# More cgroups are made than the daemon can be told of while it does not read: it looks again, and containers among them
# are bound; those that are gone are forgotten.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web-*
	[file]
	deny = read /srv/secret
END
docker_files "$(hash 1)" web-1 nginx:1
docker_files "$(hash 2)" web-2 nginx:1
cgroup "/docker/$(hash 1)"
bailiff_start
expect_denied in-cgroup "/docker/$(hash 1)" open-read /srv/secret

kill -STOP "$daemon"
cgroup /many
for number in $(seq 1100); do
	mkdir "/sys/fs/cgroup/many/$number"
done
rmdir "/sys/fs/cgroup/docker/$(hash 1)"
cgroup "/docker/$(hash 2)"
expect_allowed in-cgroup "/docker/$(hash 2)" open-read /srv/secret
kill -CONT "$daemon"
expect_bound "/docker/$(hash 2)" web
expect_denied in-cgroup "/docker/$(hash 2)" open-read /srv/secret
is_forgotten() {
	[ -z "$(known "/docker/$(hash 1)")" ]
}
wait_until "the container to be forgotten" is_forgotten
expect_records 1 record=container outcome=stopped container.name=web-1
