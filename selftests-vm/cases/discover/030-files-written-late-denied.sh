# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A runtime that writes what it knows of a container after it made the cgroup: what runs there by then is confined, with
# its threads, without a reload. What is no such file is not believed.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	image = */web:*
	[file]
	deny = read /srv/secret
END
mkdir -p /var/lib/docker/containers
bailiff_start

late=/docker/$(hash 1)
broken=/docker/$(hash 2)
cgroup "$late"
tasks=
for way in waiting in-thread; do
	rm -f /run/case/ready
	probe in-cgroup "$late" $way /run/case/ready /run/case/go open-read /srv/secret &
	tasks="$tasks $!"
	wait_until "the task" test -e /run/case/ready
done
expect_allowed in-cgroup "$late" open-read /srv/secret
docker_files "$(hash 1)" late registry/web:1
expect_bound "$late" web
touch /run/case/go
for task in $tasks; do
	expect_exit 1 "$task"
done
expect_denied in-cgroup "$late" open-read /srv/secret
expect_records 3 verdict=deny container.name=late
expect_records 1 record=container outcome=started container.name=late

# Nothing that is not a file of bounded size with the JSON that is expected.
mkdir -p "/var/lib/docker/containers/$(hash 2)"
head -c 3000000 /dev/zero | tr '\0' x >"/var/lib/docker/containers/$(hash 2)/config.v2.json"
mkdir -p "/var/lib/docker/containers/$(hash 3)"
mkfifo "/var/lib/docker/containers/$(hash 3)/config.v2.json"
mkdir -p "/var/lib/docker/containers/$(hash 4)"
echo '{"Name":"/x","Config":{"Image":["registry/web:1"],"Labels":{"a":{}}}}' \
	>"/var/lib/docker/containers/$(hash 4)/config.v2.json"
for number in 2 3 4; do
	cgroup "/docker/$(hash $number)"
done
expect_log "what docker knows of the container in '$broken' cannot be read: File too large"
expect_log "what docker knows of the container in '/docker/$(hash 3)' cannot be read: Invalid argument"
expect_log "what docker knows of the container in '/docker/$(hash 4)' cannot be read: Invalid argument"
expect_bound "$broken" ""
expect_bound "/docker/$(hash 4)" ""
