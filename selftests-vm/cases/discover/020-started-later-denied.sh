# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Containers that are started while the daemon runs are found and bound at once, and forgotten when they end. Who comes
# in to set one up may mount until it executes the container's program.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
# As they are once the runtimes are installed.
mkdir -p /srv/there /var/lib/containers /var/lib/docker
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web-*
	[file]
	deny = read /srv/secret
	[privilege]
	deny = mount
END
bailiff_start

# start NUMBER NAME CGROUP KIND
start() {
	"$4_files" "$(hash "$1")" "$2" nginx:1.25
	cgroup "$3"
}

podman=/machine.slice/libpod-$(hash 1).scope
docker=/docker/$(hash 2)
other=/system.slice/docker-$(hash 3).scope
start 1 web-1 "$podman" podman
start 2 web-2 "$docker" docker
start 3 mail "$other" docker
for where in "$podman" "$docker"; do
	expect_bound "$where" web
	expect_allowed in-cgroup "$where" own-mounts mount-new tmpfs /srv/there
	expect_allowed in-cgroup "$where" run /bin/sh -c 'probe mount-new tmpfs /srv/there; [ $? = 1 ]'
	expect_denied in-cgroup "$where" open-read /srv/secret
	expect_denied fork-into-cgroup "$where" open-read /srv/secret
done
# The image is no name.
expect_bound "$other" ""
expect_allowed in-cgroup "$other" open-read /srv/secret
expect_records 4 operation=open verdict=deny container.image=nginx:1.25 $(rule 10-web 'deny = read')
expect_records 1 record=container outcome=started container.name=web-1 container.cgroup="$podman" 'policies=["web"]'
expect_records 1 record=container outcome=started container.name=mail 'policies=[]'
bailiff events --file "$events" | grep -q -F "started: podman web-1 of nginx:1.25 in $podman; policies web" ||
	fail "events does not tell of the start"

# Cgroups that a container makes are its own, whatever they are called.
cgroup "$podman/container/init.scope" "$podman/libpod-$(hash 3)"
expect_denied in-cgroup "$podman/container/init.scope" open-read /srv/secret
expect_denied in-cgroup "$podman/libpod-$(hash 3)" open-read /srv/secret
expect_records 4 operation=open container.name=web-1 container.cgroup="$podman"

rmdir "/sys/fs/cgroup$podman/container/init.scope" "/sys/fs/cgroup$podman/container" \
	"/sys/fs/cgroup$podman/libpod-$(hash 3)" "/sys/fs/cgroup$podman"
expect_records 1 record=container outcome=stopped container.name=web-1
is_forgotten() {
	[ -z "$(known "$podman")" ]
}
wait_until "the container to be forgotten" is_forgotten
