# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC1091,SC2086 # words are split on purpose
# For cases with "# disk: debian": the system on the disk, in a mount namespace of its own whose root it is.

readonly debian_said=/run/case/said

# debian_start: $debian is a process in that namespace; when the case is over the namespace goes with it.
debian_start() {
	modprobe -a virtio_pci virtio_blk overlay || fail "no modules for the disk"
	wait_until "the disk" test -b /dev/vda
	unshare -m /bin/busybox sh /guest/debian-root.sh &
	debian=$!
	wait_until "the Debian system" test -e /run/case/debian
}

# in_debian COMMAND...: /run/case is the same there. Only by its path busybox starts the program and not its own.
in_debian() {
	nsenter -t "$debian" -m /usr/bin/env "$@"
}

# in_debian_cgroup CGROUP COMMAND...: with a shell that enters it first, unconfined.
in_debian_cgroup() {
	# shellcheck disable=SC2016 # for that shell
	in_debian /bin/sh -c 'echo $$ >"/sys/fs/cgroup$0/cgroup.procs" && exec "$@"' "$@"
}

# --- podman ---

readonly PODMAN="podman --cgroup-manager=cgroupfs"

# container_image NAME: of the archive on the disk.
container_image() {
	in_debian $PODMAN import --quiet /root/image.tar "$1" || fail "podman could not import the image"
}

# container_start NAME IMAGE [OPTION]...: a container that waits.
container_start() {
	local name=$1 image=$2
	shift 2
	in_debian $PODMAN run --detach --quiet --network=none --name "$name" "$@" "$image" sleep 100000 >"$debian_said" 2>&1 || {
		cat "$debian_said"
		fail "podman could not run $name"
	}
}

# in_container NAME COMMAND: a shell of the container runs it.
in_container() {
	in_debian $PODMAN exec "$1" sh -c "$2"
}

# How many records there are of containers. Entering one, crun tries to give its user the descriptors it hands over, which
# are files of the host, and goes on without.
container_records() {
	records record=access | jq -s 'map(select([.subject.comm, .operation, .fail] != ["crun", "attr", "foreign"])) | length'
}
