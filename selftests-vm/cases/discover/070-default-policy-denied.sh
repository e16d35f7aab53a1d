# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Containers that no policy selects get the default policy, but for those that are exempt; nothing else does. A default
# that is no policy changes nothing.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret /srv/web
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web
	[file]
	deny = read /srv/web
END
policy 90-fallback <<-'END'
	[policy]
	name = fallback
	[select]
	label = bailiff.policy=default
	[file]
	deny = read /srv/secret
END
cat >/etc/bailiff/bailiff.ini <<-'END'
	[containers]
	default_policy = fallback
	exempt = /kubepods.slice/kubepods-system.slice
	exempt = /lxc.payload.trusted
END

web=/docker/$(hash 1)
other=/docker/$(hash 2)
asking=/system.slice/docker-$(hash 3).scope
system=/kubepods.slice/kubepods-system.slice/crio-$(hash 4).scope
unknown=/machine.slice/libpod-$(hash 5).scope
later=/docker/$(hash 6)
mkdir -p /var/lib/containers
docker_files "$(hash 1)" web nginx:1
docker_files "$(hash 2)" other nginx:1
docker_files "$(hash 3)" asking nginx:1 bailiff.policy=default
crio_files "$(hash 4)"
cgroup "$web" "$other" "$asking" "$system" "$unknown" /lxc.payload.trusted /lxc.payload.guest /init.scope \
	/system.slice/containerd.service
expect_allowed in-cgroup "$other" open-read /srv/secret
bailiff_start --config /etc/bailiff/bailiff.ini

defaults() {
	local where
	for where in "$other" "$asking" "$unknown" /lxc.payload.guest; do
		expect_denied in-cgroup "$where" open-read /srv/secret
	done
	expect_denied in-cgroup "$web" open-read /srv/web
	for where in "$web" "$system" /lxc.payload.trusted /init.scope /system.slice/containerd.service /docker; do
		expect_allowed in-cgroup "$where" open-read /srv/secret
	done
}
defaults
docker_files "$(hash 6)" later nginx:1
cgroup "$later"
expect_bound "$later" fallback
expect_denied in-cgroup "$later" open-read /srv/secret
bailiff_reload
defaults

sed -i 's/= fallback/= nobody/' /etc/bailiff/bailiff.ini
bailiff_reload
expect_log "/etc/bailiff/bailiff.ini: 'default_policy' in [containers]: there is no policy 'nobody'"
defaults
sed -i 's/= nobody/= none/' /etc/bailiff/bailiff.ini
bailiff_reload
expect_allowed in-cgroup "$other" open-read /srv/secret
expect_denied in-cgroup "$asking" open-read /srv/secret
