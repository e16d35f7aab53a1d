# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The other words of "signal": what they say of processes inside and outside; signals to oneself are not asked.
. /guest/lib.sh

readonly WORDS="allow audit deny kill quiet"

process host
for word in $WORDS; do
	cgroup /$word
	process "own_$word" in-cgroup /$word
	expect_allowed in-cgroup /$word signal kill CONT $host
done

for word in $WORDS; do
	policy 10-$word <<-END
		[policy]
		name = $word
		[select]
		cgroup = /$word
		[process]
		signal = $(echo "$word" | sed 's/quiet/deny log=off/')
	END
done
bailiff_start

inside_and_outside() {
	local own
	eval "own=\$own_$1"
	shift
	"$@" signal kill CONT $host
	"$@" signal kill CONT "$own"
}

inside_and_outside allow expect_allowed in-cgroup /allow
inside_and_outside audit expect_allowed in-cgroup /audit
inside_and_outside deny expect_denied in-cgroup /deny
inside_and_outside quiet expect_denied in-cgroup /quiet
inside_and_outside kill expect_allowed killed in-cgroup /kill
for word in audit deny kill; do
	for relation in inside outside; do
		expect_records 1 operation=signal verdict=$word object.relation=$relation object.signal=SIGCONT \
			container.cgroup=/$word $(rule 10-$word 'signal =')
	done
	expect_counted 2 10-$word 'signal ='
done
expect_records 2 enforced=false container.cgroup=/audit
expect_counted 2 10-quiet 'signal ='
expect_records 6 record=access

for word in $WORDS; do
	expect_allowed in-cgroup /$word signal kill CONT self
	expect_allowed in-cgroup /$word signal tgkill 0 self
	expect_allowed in-cgroup /$word compare $host
done
# The kernel's own: that a child has ended.
expect_allowed in-cgroup /deny in-fork read-file /proc/self/stat
expect_allowed in-cgroup /deny run /bin/sh -c '/bin/true | /bin/cat'
expect_records 6 record=access
