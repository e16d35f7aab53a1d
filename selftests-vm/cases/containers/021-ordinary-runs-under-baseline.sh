# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 300
# An ordinary container of podman does its work under the shipped policy 30-baseline, and nothing is recorded of it: the programs
# of the image, entering it again, stopping and killing it from outside.
# shellcheck disable=SC2016 # for the containers' shells
. /guest/lib.sh
. /guest/debian.sh

readonly PROBE=/run/case/bin/probe
readonly IMAGE_PROGRAMS='
	set -e
	bash -c "echo \$((6 * 7))" | grep -q 42
	dpkg -l | grep -q "^ii  bash "
	perl -MPOSIX=uname -e "exit((uname)[0] ne q(Linux))"
	perl -e "my \$child = fork; if (!\$child) { sleep 1000 } kill 15, \$child; waitpid(\$child, 0); exit(\$? != 15)"
	perl -MSocket -e "socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or die; syswrite(A, q(x)); sysread(B, my \$x, 1) == 1 or die"
	tar -c -C / etc | gzip | tar -t -z | grep -q etc/passwd
	su nobody -s /bin/sh -c "id -un; cat /proc/self/environ; kill -0 \$\$" | grep -a -q nobody
	su nobody -s /bin/sh -c "exec sleep 1000" &
	kill $!
	mkfifo /tmp/fifo
	dd if=/dev/urandom of=/dev/shm/file bs=1k count=1 2>/dev/null
	grep -q overlay /proc/mounts
	cat /proc/1/cmdline /proc/1/environ /proc/1/maps >/dev/null
	ls -l /proc/1/exe /proc/1/fd >/dev/null
	nice -n 5 true
	chroot / true
	hostname >/dev/null'

image_runs() {
	in_container "$1" "$IMAGE_PROGRAMS" || fail "programs of the image do not run in $1"
	in_container "$1" "rm /tmp/fifo"
	echo "$1: the image runs"
}

container() {
	container_start "$1" debian --cgroup-parent="$2" -v /run/case:/run/case
}

debian_start
container_image debian
mkdir /run/case/bin
cp /usr/bin/probe $PROBE
container ordinary-before /free
image_runs ordinary-before

# podman without systemd takes no slice.
sed "s|^cgroup = /machine.slice/libpod|cgroup = /confined/libpod|" /guest/policies/30-baseline.ini | policy 30-baseline
bailiff_start
container ordinary /confined
image_runs ordinary
image_runs ordinary
in_debian $PODMAN exec --user nobody ordinary id -un | grep -q nobody
in_debian $PODMAN exec --privileged ordinary id -un | grep -q root
in_debian $PODMAN pause ordinary
in_debian $PODMAN unpause ordinary
in_debian $PODMAN top ordinary pid >/dev/null
expect_equal "records" "$(container_records)" 0

# That the policy is for this one.
in_container ordinary "$PROBE bpf map" && fail "the container is not confined"
in_container ordinary "$PROBE open-write /proc/sys/kernel/core_pattern" && fail "the container is not confined"

# From outside it is looked into, traced, and ended.
inside=$(in_debian $PODMAN inspect --format '{{.State.Pid}}' ordinary)
expect_allowed trace attach "$inside"
expect_allowed read-file "/proc/$inside/environ"
expect_allowed signal kill CONT "$inside"
in_debian $PODMAN kill ordinary
in_debian $PODMAN rm --force --time 0 ordinary-before ordinary
