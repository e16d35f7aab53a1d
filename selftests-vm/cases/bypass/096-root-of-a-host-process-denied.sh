# SPDX-License-Identifier: GPL-2.0-or-later
# Where the container sees the host's processes, their roots, working directories and descriptors lead to the host's files. They
# are closed to it, the files of its own processes are not.
. /guest/lib.sh

cgroup /web
secret /srv/host/secret /srv/image/secret
ways() {
	"$1" in-cgroup /web refused-as EACCES open-read "/proc/$2/root/srv/host/secret"
	"$1" in-cgroup /web refused-as EACCES open-write "/proc/$2/root/srv/host/secret"
	"$1" in-cgroup /web refused-as EACCES open-read "/proc/$2/cwd/srv/host/secret"
	"$1" in-cgroup /web refused-as EACCES open-read "/proc/$2/fd/100"
	"$1" in-cgroup /web refused-as EACCES open-write "/proc/$2/task/$2/root/srv/host/secret"
	"$1" in-cgroup /web refused-as EACCES change-directory "/proc/$2/root"
	"$1" in-cgroup /web refused-as EACCES exec "/proc/$2/root/usr/bin/probe"
	"$1" in-cgroup /web take "$2" 100
	"$1" in-cgroup /web join "$2"
}
process host own-mounts holding r /srv/host/secret
process own in-cgroup /web holding r /srv/host/secret
ways expect_allowed $host

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[process]
	ptrace = inside
END
bailiff_start

ways expect_denied $host
expect_records 9 operation=ptrace verdict=deny enforced=true object.relation=outside object.pid=$host \
	$(rule 10-web 'ptrace = inside')
ways expect_allowed $own
expect_allowed in-cgroup /web open-read /proc/self/root/srv/host/secret
