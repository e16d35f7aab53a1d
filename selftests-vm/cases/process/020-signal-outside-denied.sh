# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# "signal = inside": processes of the container get signals, others do not, by whatever call; not even those of another
# container under the same policy. Who is outside may send them.
. /guest/lib.sh

readonly WAYS="kill tkill tgkill queue queue-thread descriptor"

# each_way STATEMENT SIGNAL PROCESS [WHERE]...
each_way() {
	local statement=$1 signal=$2 process=$3 way
	shift 3
	for way in $WAYS; do
		"$statement" "$@" signal "$way" "$signal" "$process"
	done
}

cgroup /web/part /peer /free
for name in own part peer host; do
	case $name in
	own) where=/web ;;
	part) where=/web/part ;;
	peer) where=/peer ;;
	host) where=/ ;;
	esac
	process $name in-cgroup $where blocking WINCH blocking USR1
done
each_way expect_allowed 0 $host in-cgroup /web
each_way expect_allowed CONT $peer in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	cgroup = /peer
	[process]
	signal = inside
END
bailiff_start

for signal in CONT USR1 KILL; do
	each_way expect_denied $signal $host in-cgroup /web
	each_way expect_denied $signal $peer in-cgroup /web/part
done
expect_records 6 record=access operation=signal verdict=deny enforced=true mode=enforce policy=web \
	permissions.denied='["use"]' object.kind=process object.access=signal object.relation=outside object.pid=$host \
	object.signal=SIGKILL container.cgroup=/web $(rule 10-web 'signal = inside')
expect_records 18 operation=signal object.pid=$host
expect_records 18 operation=signal object.pid=$peer
expect_records 12 operation=signal object.signal=SIGUSR1
expect_counted 36 10-web 'signal = inside'
kill -0 $host $peer || fail "a process was killed"
for process in $host $peer; do
	if probe pending USR1 $process; then
		fail "$process got a signal"
	fi
done

# Everybody is those of the container.
expect_allowed in-cgroup /web signal kill WINCH -1
expect_allowed pending WINCH $own
expect_allowed pending WINCH $part
if probe pending WINCH $host || probe pending WINCH $peer; then
	fail "a process outside got a signal that was for everybody"
fi

each_way expect_allowed USR1 $own in-cgroup /web
each_way expect_allowed USR1 $part in-cgroup /web
each_way expect_allowed USR1 $own in-cgroup /web/part
expect_allowed pending USR1 $own
expect_allowed pending USR1 $part
# Whether there is such a process is no secret.
each_way expect_allowed 0 $host in-cgroup /web
expect_allowed in-cgroup /web blocking USR1 signal kill USR1 self
each_way expect_allowed USR1 $peer in-cgroup /free
each_way expect_allowed USR1 $host
expect_allowed pending USR1 $peer
expect_allowed signal kill KILL $part
