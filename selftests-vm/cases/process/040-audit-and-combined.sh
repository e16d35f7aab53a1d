# SPDX-License-Identifier: GPL-2.0-or-later
# A policy in audit mode records what it would have denied; of several policies the most restrictive word holds.
. /guest/lib.sh

cgroup /web /audit
process host
process own in-cgroup /web
expect_allowed in-cgroup /web compare $host
expect_allowed in-cgroup /web signal kill CONT $own

policy 10-audit <<-'END'
	[policy]
	name = audit
	mode = audit
	[select]
	cgroup = /audit
	[process]
	ptrace = inside
	signal = kill
END
policy 20-first <<-'END'
	[policy]
	name = first
	[select]
	cgroup = /web
	[process]
	ptrace = inside
	signal = deny
END
policy 30-second <<-'END'
	[policy]
	name = second
	[select]
	cgroup = /w*
	[process]
	ptrace = audit
	signal = allow
END
bailiff_start

expect_allowed in-cgroup /audit compare $host
expect_allowed in-cgroup /audit signal kill CONT $host
expect_records 1 operation=ptrace verdict=deny enforced=false mode=audit object.pid=$host $(rule 10-audit 'ptrace =')
expect_records 1 operation=signal verdict=kill enforced=false mode=audit object.pid=$host $(rule 10-audit 'signal =')
expect_equal "would-be denials" "$(status_value '.containers[] | select(.cgroup == "/audit").would')" 2

expect_denied in-cgroup /web compare $host
expect_records 1 operation=ptrace verdict=deny enforced=true policy=first $(rule 20-first 'ptrace =')
expect_allowed in-cgroup /web compare $own
expect_records 1 operation=ptrace verdict=audit enforced=false object.relation=inside $(rule 30-second 'ptrace =')
expect_denied in-cgroup /web signal kill CONT $own
expect_records 1 operation=signal verdict=deny policy=first object.relation=inside $(rule 20-first 'signal =')
expect_records 5 record=access
expect_equal "denied" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 2
