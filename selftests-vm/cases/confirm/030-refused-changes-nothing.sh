# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Whatever cannot be done changes nothing and leaves nothing waiting, and the caller is told why: policies with a
# mistake, times out of range, and any reload while another one waits to be confirmed.
. /guest/lib.sh

readonly socket=/run/bailiff/bailiff.sock

# unchanged [WAITING]: the generation is what it was, and so is what waits.
unchanged() {
	expect_equal "generation" "$(status_value .generation)" "$generation"
	expect_equal "what waits" "$(status_value '.confirmation | type')" "${1:-null}"
	if [ $# -eq 0 ]; then
		expect_equal "files that are kept" "$(find /var/lib/bailiff -type f | wc -l)" 0
	fi
}

two_policies_set_up
two_policies before
bailiff_start
in_force before
generation=$(status_value .generation)
always_begins

policy 20-broken <<-'END'
	[policy]
	name = broken
	[select]
	cgroup = /web
	[file]
	refuse = read /srv/after
END
for option in '' '--confirm 1h'; do
	expect_code 1 bailiff reload $option
	expect_output "$policies/20-broken.ini:6:1: error: "
	expect_output "  refuse = read /srv/after"
	expect_output "refused: the policies are not valid"
	unchanged
done
expect_records 2 record=reload outcome=refused cause=invalid
rm "$policies/20-broken.ini"

# Warnings are told, and refuse nothing.
policy 20-dead <<-'END'
	[policy]
	name = dead
	[select]
	cgroup = /web
	[file]
	deny = read /srv/never
	deny = read /srv/never
END
expect_code 0 bailiff reload
expect_output "$policies/20-dead.ini:7:"
expect_output "warning: "
generation=$(status_value .generation)
rm "$policies/20-dead.ini"

for time in 0 999 86400001 -1 60000.5 '"60000"' null '[]'; do
	probe request $socket "{\"request\":\"reload\",\"confirm_within_ms\":$time}" >/run/case/output
	expect_output "'confirm_within_ms' is not a number from 1000 to 86400000"
	unchanged
done
expect_code 1 bailiff confirm
expect_output "nothing waits to be confirmed"
in_force before

two_policies after
expect_code 0 bailiff reload --confirm 1h
in_force after
generation=$(status_value .generation)
unchanged object
two_policies before
for option in '' '--confirm 1h' '--confirm 24h'; do
	expect_code 1 bailiff reload $option
	expect_output "refused: the generation in force waits to be confirmed"
	unchanged object
done
bailiff_reload
expect_log "the generation in force waits to be confirmed"
expect_records 4 record=reload outcome=refused cause=pending
unchanged object
in_force after

# Once it is settled, the next one can be done.
expect_code 0 bailiff confirm
expect_code 0 bailiff reload --confirm 1h
in_force before
expect_code 0 bailiff confirm
always_ends
expect_code 0 bailiff events --file "$events"
