# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 300
# Containers of podman and crun are known by their names, images and annotations: one that runs when the daemon starts,
# and one that is started later, which crun sets up undisturbed.
. /guest/lib.sh
. /guest/debian.sh
. /guest/containers.sh

# Where podman has put the container.
cgroup_of() {
	echo "/libpod_parent/libpod-$(in_debian $PODMAN container inspect --format '{{.Id}}' "$1")"
}

debian_start
# The same disk for the daemon, which is not in that namespace: podman's storage is where it is on any machine.
mkdir -p /run/case/storage /var/lib/containers
mount -t ext4 /dev/vda /run/case/storage
mkdir -p /run/case/storage/var/lib/containers
mount --bind /run/case/storage/var/lib/containers /var/lib/containers
container_image debian
container_start web-1 debian
in_container web-1 'cat /etc/debian_version' >/dev/null || fail "web-1 could not read before"

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	container = web-*
	image = *debian:*
	[exec]
	drift = deny
	[file]
	deny = read /etc/debian_version
	[privilege]
	deny = mount
END
policy 20-front <<-'END'
	[policy]
	name = front
	[select]
	label = tier=front
	[exec]
	drift = deny
	[privilege]
	deny = mount
END
bailiff_start
web=$(cgroup_of web-1)
expect_bound "$web" web
status=0
in_container web-1 'cat /etc/debian_version' >/dev/null 2>"$debian_said" || status=$?
expect_equal "exit code of cat" $status 1
grep -q 'Operation not permitted' "$debian_said" || fail "cat said something else"
in_container web-1 'cat /etc/passwd' >/dev/null || fail "web-1 could not read its neighbour"
expect_records 1 operation=open verdict=deny enforced=true object.path=/etc/debian_version container.runtime=podman \
	container.name=web-1 container.image=localhost/debian:latest container.cgroup="$web" \
	$(rule 10-web 'deny = read')

container_start other debian --annotation tier=front
other=$(cgroup_of other)
expect_bound "$other" front
in_container other 'cat /etc/debian_version' >/dev/null || fail "other could not read what web-1 may not"
status=0
in_container other 'cp /bin/true /tmp/program && /tmp/program' >/dev/null 2>&1 || status=$?
expect_equal "exit code of a program that was written" $status 126
expect_records 1 operation=exec verdict=deny container.name=other container.labels.tier=front \
	$(rule 20-front 'drift = deny')
expect_records 1 record=container outcome=started container.name=other 'policies=["front"]'
bailiff ps | grep -q '^web-1  *podman  *localhost/debian:latest  *web  *enforce  *[0-9][0-9]*  *1$' || {
	bailiff ps
	fail "ps does not list web-1"
}
in_debian $PODMAN rm --force --time 0 web-1 other
expect_records 1 record=container outcome=stopped container.name=web-1
bailiff_stop
umount /var/lib/containers /run/case/storage
