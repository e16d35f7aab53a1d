# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 900
# A daemon killed at any time of a reload with confirmation: the next one has what was in force before, or has the
# other and waits for the confirmation. Never does what was not confirmed just stay.
. /guest/lib.sh

readonly KILLS=8

# What is in force, and that what is not confirmed is not for good.
settled() {
	expect_denied in-cgroup /web open-read /srv/always
	try in-cgroup /web open-read /srv/after
	if [ "$probe_status" -eq 1 ]; then
		unconfirmed=$((unconfirmed + 1))
		expect_equal "what waits" "$(status_value .confirmation.within_ms)" 3600000
		in_force after
		expect_code 0 bailiff confirm --return
	fi
	in_force before
}

two_policies_set_up
two_policies before
bailiff_start
in_force before
always_begins

# How long one takes, so that the kills are spread over it.
two_policies after
begin_ms=$(uptime_ms)
expect_code 0 bailiff reload --confirm 1h
took_ms=$(($(uptime_ms) - begin_ms))
echo "a reload takes $took_ms ms"
expect_code 0 bailiff confirm --return

unconfirmed=0
kill=0
while [ "$kill" -lt "$KILLS" ]; do
	kill=$((kill + 1))
	# With nothing kept from before, each time.
	two_policies before
	expect_code 0 bailiff reload
	two_policies after
	bailiff reload --confirm 1h >/run/case/reload.log 2>&1 &
	reload=$!
	delay_ms=$((took_ms * kill / KILLS))
	usleep $((delay_ms * 1000))
	bailiff_stop KILL
	wait "$reload" || true
	echo "killed after $delay_ms ms"
	if [ ! -e /var/lib/bailiff/kept.json ]; then
		# It had not begun: a start would put the files in force, as ever.
		echo "nothing was done yet"
		in_force before
		two_policies before
	fi
	bailiff_start
	settled
done
echo "$unconfirmed of $KILLS were in force, unconfirmed"
always_ends
