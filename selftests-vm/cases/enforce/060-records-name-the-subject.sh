# SPDX-License-Identifier: GPL-2.0-or-later
# A record tells who tried: process, user, program, arguments and parent.
. /guest/lib.sh

cgroup /web
secret /srv/secret
expect_allowed in-cgroup /web in-fork open-read /srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret &
task=$!
has_recorded() {
	has_records 1 verdict=deny subject.pid=$task
}
wait_until "a record of the task" has_recorded
touch /run/case/stop
expect_exit 0 $task
found=$(records verdict=deny subject.pid=$task subject.tid=$task subject.uid=0 subject.comm=probe \
	subject.exe=/usr/bin/probe subject.parent.pid=$$ subject.parent.exe=/bin/busybox | wc -l)
[ "$found" -gt 0 ] || fail "no record has it all: $(tail -n 1 "$events")"
arguments='["probe","in-cgroup","/web","hammer","denied","/run/case/stop","open-read","/srv/secret"]'
found=$(records subject.arguments="$arguments" | wc -l)
[ "$found" -gt 0 ] || fail "no record has the arguments: $(tail -n 1 "$events")"
