# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# While a runtime enters a container, its program can be opened through /proc by who is inside, and be overwritten when it has
# ended: the next container is started by that. It is a file of another mount namespace, and of the host.
. /guest/lib.sh

readonly IMAGE=/srv/image

program /srv/runtime/probe $IMAGE/usr/bin/probe
mkdir -p $IMAGE/proc $IMAGE/run/case $IMAGE/sys/fs/cgroup
mount --bind /proc $IMAGE/proc
mount --bind /run/case $IMAGE/run/case
trap 'umount $IMAGE/proc $IMAGE/run/case' EXIT

# overwrite NAME CGROUP: who is inside holds it while the runtime runs, and opens it for writing when that has ended.
overwrite() {
	local name=$1 cgroup=$2 attacker
	process "$name" become /srv/runtime/probe in-cgroup "$cgroup" own-root $IMAGE
	eval "runtime=\$$name"
	probe in-cgroup "$cgroup" own-root $IMAGE become /usr/bin/probe holding path "/proc/$runtime/exe" \
		waiting "/run/case/ready-$name-attack" "/run/case/go-$name" open-again-write held &
	attacker=$!
	wait_until "the attacker" test -e "/run/case/ready-$name-attack"
	kill -9 "$runtime"
	wait "$runtime" 2>/dev/null || true
	touch "/run/case/go-$name"
	overwritten=0
	wait "$attacker" || overwritten=$?
}

cgroup /before /quiet
overwrite before /before
expect_equal "the outcome" "$overwritten" 0

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /none
END
policy 20-quiet <<-'END'
	[policy]
	name = quiet
	[select]
	cgroup = /quiet
	[process]
	ptrace = inside
END
bailiff_start

cgroup /web
overwrite after /web
expect_equal "the outcome" "$overwritten" 1
expect_records 1 operation=open verdict=deny enforced=true fail=foreign container.cgroup=/web
# A program that is inside already is its own.
expect_allowed in-cgroup /web own-root $IMAGE read-link /proc/self/exe
expect_allowed in-cgroup /web own-root $IMAGE open-write /usr/bin/probe
expect_allowed in-cgroup /web own-root $IMAGE exec /usr/bin/probe

# And a runtime that has not entered yet is outside.
process outside become /srv/runtime/probe
expect_denied in-cgroup /quiet refused-as EACCES open-read "/proc/$outside/exe"
expect_records 1 operation=ptrace verdict=deny object.pid=$outside $(rule 20-quiet 'ptrace = inside')
