# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 300
# A container that is selected by what its runtime knows is held without a gap while policies are reloaded, containers
# come and go, and the daemon is killed and started again.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret /srv/mail
web=/system.slice/docker-$(hash 1).scope
mail=/system.slice/docker-$(hash 2).scope

# Without records: they would keep the daemon busy for long.
web_policy() {
	policy 10-web <<-END
		[policy]
		name = web
		[select]
		container = $1
		[file]
		deny = read /srv/secret log=off
	END
}

docker_files "$(hash 1)" web nginx:1
docker_files "$(hash 2)" mail exim:4
cgroup "$web" "$mail"
web_policy web
bailiff_start
expect_denied in-cgroup "$web" open-read /srv/secret
expect_allowed in-cgroup "$mail" open-read /srv/secret

probe in-cgroup "$web" hammer denied /run/case/stop open-read /srv/secret >/run/case/hammer.log &
hammer=$!
for round in 1 2 3 4 5 6 7 8; do
	id=$(hash $((100 + round)))
	docker_files "$id" "web-$round" nginx:1
	cgroup "/system.slice/docker-$id.scope"
	bailiff_reload
	rmdir "/sys/fs/cgroup/system.slice/docker-$id.scope"
done
# What is known outlives the daemon, and the files it was read from.
rm -r "/var/lib/docker/containers/$(hash 1)"
bailiff_stop KILL
bailiff_start
expect_bound "$web" web
touch /run/case/stop
expect_exit 0 $hammer

# What is selected follows.
web_policy mail
bailiff_reload
expect_allowed in-cgroup "$web" open-read /srv/secret
expect_denied in-cgroup "$mail" open-read /srv/secret
expect_bound "$web" ""

# Who was there before a policy is no runtime that sets the container up.
mkdir -p /srv/there
probe in-cgroup "$web" waiting /run/case/ready /run/case/go mount-new tmpfs /srv/there &
mounting=$!
wait_until "the task" test -e /run/case/ready
policy 20-mounts <<-'END'
	[policy]
	name = mounts
	[select]
	image = nginx:1
	[privilege]
	deny = mount
END
bailiff_reload
touch /run/case/go
expect_exit 1 $mounting
expect_records 1 policy=mounts operation=privilege container.name=web
