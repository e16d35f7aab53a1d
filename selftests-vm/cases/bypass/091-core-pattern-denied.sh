# SPDX-License-Identifier: GPL-2.0-or-later
# The kernel starts the program that core_pattern names on the host. It is not changed, by whatever way it is reached.
# shellcheck disable=SC2016 # for the containers' shells
. /guest/lib.sh

readonly PATTERN=/proc/sys/kernel/core_pattern
readonly CRASH='ulimit -c unlimited; echo "|/../srv/agent" >$0 && kill -SEGV $$'
before=$(cat $PATTERN)

crash() {
	try in-cgroup /web run /bin/sh -c "$CRASH" "$1"
}

cgroup /web
mkdir /srv/proc
helper /srv/agent "/bin/touch /srv/escaped"
trap 'echo "$before" >$PATTERN' EXIT
crash $PATTERN
wait_until "the escape" test -e /srv/escaped
expect_allowed in-cgroup /web own-mounts mount-new proc /srv/proc
echo "$before" >$PATTERN
rm /srv/escaped

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = modify /proc/sys/**
END
bailiff_start

crash $PATTERN
expect_equal "the outcome" $probe_status 1
crash /proc/self/root$PATTERN
expect_equal "the outcome" $probe_status 1
crash /proc/1/root$PATTERN
expect_equal "the outcome" $probe_status 1
expect_denied in-cgroup /web in-directory /proc/sys/kernel open-rdwr core_pattern
expect_denied in-cgroup /web open-again-write $PATTERN
expect_denied in-cgroup /web truncate $PATTERN
expect_records 5 operation=open verdict=deny enforced=true object.path=$PATTERN $(rule 10-web 'deny = modify')
# Under another name.
expect_denied in-cgroup /web own-mounts mount-new proc /srv/proc
expect_denied in-cgroup /web own-mounts bind /proc/sys /srv/proc
expect_denied in-cgroup /web own-mounts bind-all /proc /srv/proc
expect_records 3 operation=mount verdict=deny enforced=true fail=alias
expect_equal "the pattern" "$(cat $PATTERN)" "$before"
[ ! -e /srv/escaped ] || fail "the program was started"
expect_allowed in-cgroup /web open-read $PATTERN
expect_allowed in-cgroup /web open-write /proc/self/oom_score_adj
expect_allowed open-write $PATTERN
