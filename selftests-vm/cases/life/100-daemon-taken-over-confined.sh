# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Whoever takes the daemon over can neither execute, connect, trace, mount nor load, nor use files that are not its
# own; and the daemon goes on with its work meanwhile.
. /guest/lib.sh

# take_over: has the daemon try everything, and leaves what came of it in /run/case/tried.
take_over() {
	: >/run/case/tried
	secret /srv/outside /srv/unlinked
	listen unix /srv/socket
	mkdir -p /sys/fs/bpf/inside
	kill -USR2 "$daemon"
	wait_until "the attempts to end" grep -q 'inside: end done' "$daemon_log"
	sed -n '/call execve /d; s/^inside: //p' "$daemon_log" >/run/case/tried
	cat /run/case/tried
}

# tried KIND OUTCOME: how many attempts of a kind ended so.
tried() {
	grep -c "^$1 [^ ]* $2\$" /run/case/tried || true
}

# held PROCESS FIELD: a field of its status.
held() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

cgroup /web
secret /srv/secret /srv/public
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END

# Nothing of it is refused without the sandbox.
export LD_PRELOAD=/guest/inside.so
bailiff_start --no-sandbox
unset LD_PRELOAD
take_over
calls=$(tried call '.*')
files=$(tried file '.*')
expect_equal "calls refused without the sandbox" "$(tried call EPERM)" 0
expect_equal "files refused without the sandbox" "$(tried file 'E.*')" 0
expect_exit 0 "$daemon"
kill "$notifier"
rm -rf /srv/* /sys/fs/bpf/inside "$daemon_log"

secret /srv/secret /srv/public
export LD_PRELOAD=/guest/inside.so
bailiff_start
unset LD_PRELOAD
expect_denied in-cgroup /web open-read /srv/secret
reader=$(exe_reader)
expect_equal "the reader" "$(cat "/proc/$reader/comm")" bailiff-exe
for process in "$daemon" "$reader"; do
	expect_equal "no new privileges" "$(held "$process" NoNewPrivs)" 1
	expect_equal "seccomp" "$(held "$process" Seccomp)" 2
	for set in CapInh CapBnd CapAmb; do
		expect_equal "$set" "$(held "$process" $set)" 0000000000000000
	done
	expect_equal "CapPrm" "$(held "$process" CapPrm)" "$(held "$process" CapEff)"
done
expect_equal "the daemon's capabilities, BPF and DAC_OVERRIDE" "$(held "$daemon" CapEff)" 0000008000000002
expect_equal "the reader's capabilities, SYS_PTRACE" "$(held "$reader" CapEff)" 0000000000080000
expect_equal "the reader's descriptors" "$(find "/proc/$reader/fd" -type l | wc -l)" 1
take_over
wait_until "the daemon to have tried to execute" grep -q 'inside: call execve ' "$daemon_log"
grep 'inside: call execve ' "$daemon_log"
expect_equal "calls refused" "$(tried call EPERM)" "$calls"
expect_equal "files refused" "$(tried file EACCES)" "$files"
grep -q 'inside: call execve EPERM' "$daemon_log" || fail "execve was not refused"
dmesg | grep -q 'type=1326 .*comm="bailiff"' || fail "the kernel has not logged what was refused"
dmesg -c >/dev/null
rmdir /sys/fs/bpf/inside

# The daemon is what it was: it records, tells, reloads, opens its file again, and ends in order.
mv "$events" "$events.1"
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret /srv/public
END
bailiff_reload
expect_log "generation $(status_value .generation) in force"
expect_denied in-cgroup /web open-read /srv/public
expect_records 1 object.path=/srv/public subject.parent.exe=/bin/busybox $(rule 10-web 'deny = read')
expect_equal "policies" "$(status_value '.policies | length')" 1
bailiff_stop
expect_equal "the daemon's exit code" "$daemon_status" 0
expect_records 1 record=stop
test ! -e /run/bailiff/bailiff.sock || fail "the socket is left"
