# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A file sends signals on behalf of who named their receiver, whoever it is that writes to it.
. /guest/lib.sh

cgroup /web /peer
mkfifo /srv/fifo
# receiver NAME [WHERE]...
receiver() {
	local name=$1
	shift
	process "$name" "$@" blocking USR1
}
got() {
	expect_allowed pending USR1 "$1"
}
got_nothing() {
	if probe pending USR1 "$1"; then
		fail "$1 got a signal"
	fi
	echo "$1 got nothing"
}
# A group of a process outside, $member, and of one of the container, which names the group.
group_is_told() {
	# shellcheck disable=SC2016 # for that shell
	setsid sh -c 'probe blocking WINCH stay "/run/case/ready-$0" &
		echo $! >/run/case/member
		until [ -e "/run/case/ready-$0" ]; do :; done
		probe in-cgroup /web holding rw /srv/fifo owned process WINCH "-$$" write held' "$1"
	member=$(cat /run/case/member)
}
write="write held"
receiver before
expect_allowed in-cgroup /web holding rw /srv/fifo owned process USR1 $before $write
got $before
receiver before_thread
expect_allowed in-cgroup /web holding rw /srv/fifo owned thread USR1 $before_thread $write
got $before_thread
group_is_told group-before
expect_allowed pending WINCH "$member"

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	cgroup = /peer
	[process]
	signal = inside
END
receiver host
receiver peer in-cgroup /peer
receiver own in-cgroup /web
receiver own_thread in-cgroup /web
receiver told in-cgroup /peer
bailiff_start

# Named by the container: it may be refused to name it, or nothing is sent.
for how in process thread; do
	for who in $host $peer; do
		try in-cgroup /web holding rw /srv/fifo owned $how USR1 $who $write
		got_nothing $who
	done
done
expect_records 4 operation=signal verdict=deny enforced=true object.kind=process object.access=signal \
	object.relation=outside container.cgroup=/web $(rule 10-web 'signal = inside')
expect_records 2 operation=signal object.pid=$host
expect_records 2 operation=signal object.pid=$peer

# Somebody else writes what makes it a signal.
probe in-cgroup /web holding rw /srv/fifo owned process USR1 $host stay /run/case/ready-owner &
wait_until "the owner" test -e /run/case/ready-owner
echo >/srv/fifo
got_nothing $host
kill -9 $!

group_is_told group-after
if probe pending WINCH "$member"; then
	fail "a process outside got a signal that was for its group"
fi
expect_records 1 operation=signal object.pid="$member" object.relation=outside

expect_allowed in-cgroup /web holding rw /srv/fifo owned process USR1 $own $write
got $own
expect_allowed in-cgroup /web holding rw /srv/fifo owned thread USR1 $own_thread $write
got $own_thread
# Named from outside before the container came to write.
expect_allowed holding rw /srv/fifo owned process USR1 $told in-cgroup /web $write
got $told
expect_allowed holding rw /srv/fifo owned process USR1 $host $write
got $host
