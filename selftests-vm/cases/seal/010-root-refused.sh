# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Sealed, root itself takes nothing of the engine away and changes nothing: descriptors, pins, the file system they are
# in, the daemon. Looking is allowed, and so is what concerns others. The secret opens the seal.
. /guest/lib.sh

readonly PINS=/sys/fs/bpf/bailiff

number() {
	probe bpf-list | awk -v kind="$1" -v name="$2" '$1 == kind && $3 == name { print $2; exit }'
}

# each_change STATEMENT: all of these leave things as they are if they are allowed.
each_change() {
	"$1" object map "$map"
	"$1" object map $PINS/maps/state
	"$1" object prog "$enroll"
	"$1" object prog $PINS/progs/bl_enroll
	"$1" object link "$link"
	for what in kill tgkill queue descriptor; do
		"$1" signal $what WINCH "$daemon"
	done
	"$1" trace seize "$daemon"
	"$1" refused-as EACCES open-rdwr /proc/"$daemon"/mem
	"$1" take "$daemon" 0
	"$1" limit resource "$daemon"
	"$1" load lsm
	"$1" load fmod_ret
	"$1" load-writing
}
# Of bpf(2), load-writing by the hook that asks about lockdown.
readonly OF_BPF=8

# One a second is tried.
refused_as_wrong() {
	echo "$1" | bailiff unseal 2>&1 | grep -q "this is not the secret"
}
opened() {
	echo "$1" | bailiff unseal
}

secret /srv/secret
cgroup /web
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
{
	echo '[daemon]'
	echo 'open sesame' | bailiff unseal --hash
} >/etc/bailiff/bailiff.ini
bailiff_start
map=$(number map bindings)
enroll=$(number prog bl_enroll)
link=$(probe bpf-list | awk '$1 == "link" { print $2; exit }')
each_change expect_allowed
expect_equal "sealed" "$(status_value .sealed)" false
expect_equal "bailiff seal" "$(bailiff seal)" "Sealed. 'bailiff unseal' opens the seal, with the secret."
expect_records 1 record=seal action=seal outcome=applied sealed=true
expect_equal "sealed" "$(status_value .sealed)" true

each_change expect_denied
expect_records $OF_BPF operation=privilege verdict=deny enforced=true mode=enforce fail=engine object.name=bpf
expect_records 4 operation=signal verdict=deny enforced=true fail=engine object.pid="$daemon" object.signal=SIGWINCH
expect_records 3 operation=ptrace verdict=deny enforced=true fail=engine object.pid="$daemon"
expect_records 1 operation=limit verdict=deny enforced=true fail=engine object.pid="$daemon"
expect_denied unlink $PINS/links/bl_file_open
expect_denied unlink $PINS/maps/bindings
expect_denied rename $PINS/links/bl_file_open $PINS/links/other
expect_denied rename $PINS /sys/fs/bpf/away
expect_denied rmdir $PINS/links
expect_denied unmount /sys/fs/bpf
expect_denied unmount /sys
expect_denied in-shared-mounts unmount /sys/fs/bpf
mount --make-rprivate /
[ -e $PINS/links/bl_file_open ] || fail "a pin is gone"
expect_records 3 operation=delete verdict=deny enforced=true fail=engine
expect_records 2 operation=rename verdict=deny enforced=true fail=engine
expect_records 3 operation=mount verdict=deny enforced=true fail=engine
expect_denied signal kill KILL "$daemon"
expect_denied signal kill STOP "$daemon"
expect_denied signal kill KILL "$(exe_reader)"
expect_records 1 operation=signal verdict=deny enforced=true fail=engine object.signal=SIGKILL object.pid="$daemon"
expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 container.cgroup=/web operation=open $(rule 10-web 'deny = read')

# The daemon says itself why it does not.
kill "$daemon"
expect_log "SIGTERM refused: the engine is sealed"
expect_records 1 record=seal action=stop outcome=refused
bailiff_reload
expect_records 1 record=reload outcome=refused
expect_log "reload refused, generation"
status=0
bailiff unload || status=$?
expect_equal "unload" "$status" 4
expect_denied in-cgroup /web open-read /srv/secret

# What is others', and what only looks.
expect_allowed own-map by-number -
expect_allowed own-map pinned /sys/fs/bpf/own
expect_allowed own-mounts unmount /sys/fs/bpf
expect_allowed load kprobe
expect_allowed load fentry
expect_allowed read-file /proc/"$daemon"/maps
expect_allowed open-read /proc/"$daemon"/status
process other
expect_allowed signal kill KILL "$other"

for wrong in sesame 'open sesame ' 'Open sesame'; do
	wait_until "'$wrong' to be refused" refused_as_wrong "$wrong"
	expect_equal "sealed" "$(status_value .sealed)" true
done
status=0
bailiff unseal </dev/null || status=$?
expect_equal "unseal without a secret" "$status" 2
wait_until "the seal to be open" opened 'open sesame'
expect_equal "sealed" "$(status_value .sealed)" false
each_change expect_allowed
bailiff_stop TERM
expect_equal "the daemon's exit code" "$daemon_status" 0
