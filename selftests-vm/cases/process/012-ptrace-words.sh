# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The other words of "ptrace": what they say of processes inside and outside; a process's own are no others.
. /guest/lib.sh

readonly WORDS="allow audit deny kill quiet"

process host
for word in $WORDS; do
	cgroup /$word
	process "own_$word" in-cgroup /$word
	expect_allowed in-cgroup /$word compare $host
done

for word in $WORDS; do
	policy 10-$word <<-END
		[policy]
		name = $word
		[select]
		cgroup = /$word
		[process]
		ptrace = $(echo "$word" | sed 's/quiet/deny log=off/')
	END
done
bailiff_start

inside_and_outside() {
	local own
	eval "own=\$own_$1"
	shift
	"$@" compare $host
	"$@" compare "$own"
}

inside_and_outside allow expect_allowed in-cgroup /allow
inside_and_outside audit expect_allowed in-cgroup /audit
inside_and_outside deny expect_denied in-cgroup /deny
inside_and_outside quiet expect_denied in-cgroup /quiet
inside_and_outside kill expect_allowed killed in-cgroup /kill
for word in audit deny kill; do
	for relation in inside outside; do
		expect_records 1 operation=ptrace verdict=$word object.relation=$relation container.cgroup=/$word \
			$(rule 10-$word 'ptrace =')
	done
	expect_counted 2 10-$word 'ptrace ='
done
expect_records 2 enforced=false container.cgroup=/audit
expect_counted 2 10-quiet 'ptrace ='
expect_records 6 record=access

# Its own, and what only says whether it could be done.
for word in $WORDS; do
	expect_allowed in-cgroup /$word read-file /proc/self/environ
	expect_allowed in-cgroup /$word read-link /proc/self/exe
	expect_allowed in-cgroup /$word read-file /proc/$host/stat
	expect_allowed in-cgroup /$word read-file /proc/$host/cmdline
	expect_allowed in-cgroup /$word signal kill CONT $host
done
touch /run/case/go
expect_allowed in-cgroup /deny in-thread /run/case/ready /run/case/go read-file /proc/self/environ
expect_records 6 record=access
