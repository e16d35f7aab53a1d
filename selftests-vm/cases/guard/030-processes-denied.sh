# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The daemon and its reader: no signal, no tracing, no limits, no file that decides about their lives. For a policy that
# has nothing to say about processes. Others' processes may be had.
. /guest/lib.sh

# each_way STATEMENT PROCESS [WHERE]...
each_way() {
	local statement=$1 process=$2 what
	shift 2
	for what in kill tkill tgkill queue descriptor; do
		"$statement" "$@" signal $what CONT $process
	done
	"$statement" "$@" trace seize $process
	"$statement" "$@" memory read $process
	"$statement" "$@" take $process 0
	"$statement" "$@" refused-as EACCES open-read /proc/$process/mem
	for what in resource affinity scheduler priority; do
		"$statement" "$@" limit $what $process
	done
	"$statement" "$@" open-write /proc/$process/oom_score_adj
	"$statement" "$@" open-write /proc/$process/coredump_filter
}
readonly SIGNALS=5 TRACES=4 LIMITS=4 FILES=2

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
cgroup /web /engine/inner
process other
each_way expect_allowed $other in-cgroup /web
bailiff_start
reader=$(exe_reader)
echo $daemon >/sys/fs/cgroup/engine/inner/cgroup.procs

for process in $daemon $reader; do
	each_way expect_denied $process in-cgroup /web
	expect_records $SIGNALS operation=signal verdict=deny enforced=true fail=engine object.pid=$process object.signal=SIGCONT
	expect_records $TRACES operation=ptrace verdict=deny enforced=true fail=engine object.pid=$process
	expect_records $LIMITS operation=limit verdict=deny enforced=true fail=engine object.pid=$process
	for file in oom_score_adj coredump_filter; do
		expect_records 1 operation=open verdict=deny enforced=true fail=engine object.path=/proc/$process/$file
	done
done
expect_equal "refused as the engine's" "$(status_value '.containers[0].failed.engine')" \
	$((2 * (SIGNALS + TRACES + LIMITS + FILES)))
kill -0 $daemon || fail "the daemon is gone"

# A file that sends it signals is as good as a signal.
mkfifo /srv/fifo
expect_allowed holding rw /srv/fifo in-cgroup /web owned process KILL $daemon write held
kill -0 $daemon || fail "the daemon was sent a signal by a file"

each_way expect_allowed $other in-cgroup /web
expect_allowed in-cgroup /web open-read /proc/$daemon/stat
expect_allowed limit priority $daemon
expect_allowed signal kill CONT $daemon
