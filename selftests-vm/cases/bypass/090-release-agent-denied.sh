# SPDX-License-Identifier: GPL-2.0-or-later
# A cgroup of version 1 has the kernel start a program on the host when it becomes empty. Neither can such a hierarchy be
# mounted, nor the program be named in one that is there.
# shellcheck disable=SC2016 # for the containers' shells
. /guest/lib.sh

readonly AGENT='
	mkdir -p /srv/v1/empty
	echo 1 >/srv/v1/empty/notify_on_release &&
	echo /../srv/agent >/srv/v1/release_agent &&
	sh -c "echo 0 >/srv/v1/empty/cgroup.procs"'

clean_v1() {
	rmdir /srv/v1/empty 2>/dev/null || true
	umount /srv/v1 2>/dev/null || true
}

cgroup /mounts /writes
mkdir /srv/v1
helper /srv/agent "/bin/touch /srv/escaped"
trap clean_v1 EXIT
expect_allowed in-cgroup /mounts mount-new cgroup /srv/v1 none,name=escape
expect_allowed in-cgroup /mounts run /bin/sh -c "$AGENT"
wait_until "the escape" test -e /srv/escaped
clean_v1
rm /srv/escaped

policy 10-mounts <<-'END'
	[policy]
	name = mounts
	[select]
	cgroup = /mounts
	[privilege]
	deny = mount
END
policy 20-writes <<-'END'
	[policy]
	name = writes
	[select]
	cgroup = /writes
	[file]
	deny = modify /**/release_agent
END
bailiff_start

expect_denied in-cgroup /mounts mount-new cgroup /srv/v1 none,name=escape
expect_denied in-cgroup /mounts new-context cgroup
expect_records 2 operation=privilege verdict=deny enforced=true object.name=mount $(rule 10-mounts 'deny = mount')
[ ! -e /srv/v1/release_agent ] || fail "the hierarchy is mounted"

mount -t cgroup -o none,name=other none /srv/v1
mkdir /srv/v1/empty
expect_denied in-cgroup /writes run /bin/sh -c "$AGENT"
expect_denied in-cgroup /writes open-write /srv/v1/release_agent
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/v1/release_agent \
	$(rule 20-writes 'deny = modify')
expect_equal "the agent" "$(cat /srv/v1/release_agent)" ""
expect_allowed in-cgroup /writes open-write /srv/v1/empty/notify_on_release
[ ! -e /srv/escaped ] || fail "the agent was started"
clean_v1
