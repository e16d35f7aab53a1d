# SPDX-License-Identifier: GPL-2.0-or-later
# A process of the host is not made to do what the container wants: by tracing it, by writing to its memory, by its
# descriptors; not from a thread, a child, another program, a user namespace or after leaving the cgroup either.
. /guest/lib.sh

ways() {
	local statement=$1 process=$2
	shift 2
	"$statement" "$@" trace attach "$process"
	"$statement" "$@" trace seize "$process"
	"$statement" "$@" memory write "$process"
	"$statement" "$@" memory read "$process"
	"$statement" "$@" take "$process" 0
	"$statement" "$@" refused-as EACCES open-rdwr "/proc/$process/mem"
}

cgroup /web /elsewhere
touch /run/case/go
process host
process own in-cgroup /web
ways expect_allowed $host in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[process]
	ptrace = inside
END
bailiff_start

ways expect_denied $host in-cgroup /web
ways expect_denied $host in-cgroup /web in-fork in-vfork
ways expect_denied $host in-cgroup /web in-thread /run/case/ready /run/case/go
ways expect_denied $host in-cgroup /web as /usr/bin/probe
ways expect_denied $host in-cgroup /web in-cgroup /elsewhere
ways expect_denied $host in-cgroup /web in-fork in-cgroup /
expect_records 36 operation=ptrace verdict=deny enforced=true object.pid=$host object.relation=outside \
	$(rule 10-web 'ptrace = inside')
expect_records 36 record=access
ways expect_allowed $own in-cgroup /web in-fork
ways expect_allowed $own
