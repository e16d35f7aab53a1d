# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 300
# Containers of podman and crun, of a Debian image, under "drift = deny": what came with the image runs, whatever was
# written or mounted later does not, neither as a program nor as a library.
# shellcheck disable=SC2016 # for the containers' shells
. /guest/lib.sh
. /guest/debian.sh

readonly IMAGE_PROGRAMS='
	set -e
	ls / | grep -q usr
	bash -c "echo \$((6 * 7))" | grep -q 42
	dpkg -l | grep -q "^ii  bash "
	perl -MList::Util=sum -e "exit(sum(1, 2) != 3)"
	tar -c /etc | gzip | tar -t -z | grep -q etc/passwd
	find /usr/bin -name tac | grep -q tac
	/lib64/ld-linux-x86-64.so.2 /bin/true
	LD_PRELOAD=/lib/x86_64-linux-gnu/libtinfo.so.6 true'

# What may be run: under new names, in the place of a program of the image, on a file system mounted later.
readonly WRITE='
	set -e
	for copy in /tmp/program /usr/bin/tac /scratch/program; do
		cp /bin/true $copy
	done
	cp /lib/x86_64-linux-gnu/libtinfo.so.6 /tmp/library
	printf "#!/bin/sh\n" >/tmp/script
	chmod +x /tmp/script'

# Each way to run it, with its exit code and the end of what it says.
readonly RUN='
	preload() {
		LD_PRELOAD=/tmp/library perl -e "open(M, q(/proc/self/maps)); exit(!grep(m{r-x.*/tmp/library}, <M>))"
	}
	# The exit code is the errno of mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, F, 0).
	map() {
		perl -e "open(F, q(/tmp/library)); exit(syscall(9, 0, 4096, 5, 2, fileno(F), 0) == -1 ? \$! : 0)"
	}
	try() {
		said=$("$@" 2>&1)
		echo "$* $? ${said##*: }"
	}
	try /tmp/program
	try /tmp/script
	try /usr/bin/tac
	try /scratch/program
	try /lib64/ld-linux-x86-64.so.2 /tmp/program
	try preload
	try map'

readonly ALL_RUN="\
/tmp/program 0 
/tmp/script 0 
/usr/bin/tac 0 
/scratch/program 0 
/lib64/ld-linux-x86-64.so.2 /tmp/program 0 
preload 0 
map 0 "

readonly ALL_REFUSED="\
/tmp/program 126 Operation not permitted
/tmp/script 126 Operation not permitted
/usr/bin/tac 126 Operation not permitted
/scratch/program 126 Operation not permitted
/lib64/ld-linux-x86-64.so.2 /tmp/program 127 failed to map segment from shared object
preload 1 ignored.
map 1 "

container() {
	container_start "$1" debian --tmpfs /scratch:rw,exec
}

image_runs() {
	in_container "$1" "$IMAGE_PROGRAMS" || fail "programs of the image do not run in $1"
	echo "$1: the image runs"
}

drift_written() {
	in_container "$1" "$WRITE" || fail "$1 could not write"
}

drift_is() {
	expect_equal "drift in $1" "$(in_container "$1" "$RUN")" "$2"
}

# drift_records N: what refusing all of it N times leaves.
drift_records() {
	local path rule
	rule=$(rule 10-web 'drift = deny')
	for path in /tmp/program /tmp/script /usr/bin/tac /scratch/program; do
		expect_records "$1" operation=exec verdict=deny enforced=true object.path=$path $rule
	done
	expect_records "$1" operation=map verdict=deny enforced=true object.path=/tmp/program $rule
	expect_records $(($1 * 2)) operation=map verdict=deny enforced=true object.path=/tmp/library $rule
	expect_equal "records" "$(count_records record=access)" $(($1 * 7))
	expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
}

debian_start
container_image debian
container before
image_runs before
drift_written before
drift_is before "$ALL_RUN"

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /libpod_parent/libpod-*
	[exec]
	drift = deny
END
bailiff_start

container after
image_runs after
drift_written after
drift_is after "$ALL_REFUSED"
drift_records 1

# A container that runs when the policy comes is no exception, nor what was written before.
image_runs before
drift_is before "$ALL_REFUSED"
drift_records 2

# Reading is not running: an interpreter of the image does what it is told.
in_container after 'sh /tmp/script' || fail "sh did not run what it may read"
in_debian $PODMAN rm --force --time 0 before after
