# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# The daemon dies before each single step of a reload with confirmation, of the confirmation and of the return. The next
# one has what was in force before, or has the other and waits for the rest of its time; or, once that is confirmed,
# has the other for good.
. /guest/lib.sh

readonly STEPS=30

# start_dying N: a daemon that dies at the Nth step once it has been told to.
start_dying() {
	rm -f /run/case/dying
	export LD_PRELOAD=/guest/faults.so DIE_AT="$1"
	bailiff_start
	unset LD_PRELOAD DIE_AT
}

dies_or_not() {
	dead=0
	"$@" >/run/case/output 2>&1 || true
	# A process without an executable has ended; kill -0 finds it until it is waited for.
	if [ ! -e "/proc/$daemon/exe" ]; then
		dead=1
		wait "$daemon" || true
		kill "$notifier"
		wait "$notifier" 2>/dev/null || true
	fi
}

# begin_again: from what is in force before, and nothing kept.
begin_again() {
	if [ "$(status_value .confirmation)" != null ]; then
		expect_code 0 bailiff confirm --return
	fi
	two_policies before
	expect_code 0 bailiff reload
	in_force before
	two_policies after
}

# at_each_step COMMAND...: what one does, and what may be in force after the daemon that died in it was replaced.
at_each_step() {
	local step=0 allowed=$1
	shift
	while [ "$step" -lt "$STEPS" ]; do
		step=$((step + 1))
		start_dying "$step"
		begin_again
		[ "$1" = reload ] || expect_code 0 bailiff reload --confirm 1h
		touch /run/case/dying
		dies_or_not bailiff "$@"
		rm /run/case/dying
		if [ "$dead" -eq 0 ]; then
			bailiff_stop KILL
			echo "$* has $((step - 1)) steps"
			[ "$step" -gt 1 ] || fail "no step of $* was seen"
			return
		fi
		expect_denied in-cgroup /web open-read /srv/always
		if [ "$1" = reload ] && [ ! -e /var/lib/bailiff/kept.json ]; then
			# It had not begun: a start would put the files in force, as ever.
			in_force before
			two_policies before
		fi
		bailiff_start
		try in-cgroup /web open-read /srv/after
		state="$probe_status $(status_value .confirmation.within_ms) $(status_value .policies_kept)"
		echo "$* died at step $step: $state"
		case ",$allowed," in
		*",$state,"*) ;;
		*) fail "not one of: $allowed" ;;
		esac
		bailiff_stop KILL
	done
	fail "$* has no end"
}

two_policies_set_up
two_policies before
bailiff_start
in_force before
always_begins
bailiff_stop

# What is denied (1) or not (0) of the other policy; the time, if it waits; whether it is what was kept.
readonly before='0 null null,0 null true' waiting='1 3600000 null' confirmed='1 null null'
at_each_step "$before,$waiting" reload --confirm 1h
at_each_step "$waiting,$confirmed" confirm
at_each_step "$before,$waiting" confirm --return

# A return that fails is tried again until it works.
export LD_PRELOAD=/guest/faults.so
bailiff_start
unset LD_PRELOAD
begin_again
expect_code 0 bailiff reload --confirm 1s
touch /run/case/failing
expect_log "what was in force before cannot return: cannot make a cgroup: No space left on device"
in_force after
expect_equal "the time that is left" "$(status_value .confirmation.left_ms)" 0
expect_code 1 bailiff confirm
expect_output "the time is over; what was in force before returns"
rm /run/case/failing
expect_records 1 record=return reason=time
in_force before
always_ends
