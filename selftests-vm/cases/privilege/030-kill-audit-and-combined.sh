# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# The other verdicts, audit mode, and several policies.
. /guest/lib.sh

readonly USES="new-users:unshare bpf:map perf:self make-ring faults:call key:add set-time:clock load-kernel raw:iopl"

cgroup /kill /audit /web
for verb in $USES; do
	expect_allowed in-cgroup /kill $(echo "$verb" | tr : ' ')
done

policy 10-kill <<-'END'
	[policy]
	name = kill
	[select]
	cgroup = /kill
	[privilege]
	kill = all
END
policy 10-audit <<-'END'
	[policy]
	name = audit
	mode = audit
	[select]
	cgroup = /audit
	[privilege]
	deny = all
END
policy 20-first <<-'END'
	[policy]
	name = first
	[select]
	cgroup = /web
	[privilege]
	allow = bpf
	deny = perf
END
policy 30-second <<-'END'
	[policy]
	name = second
	[select]
	cgroup = /w*
	[privilege]
	deny = bpf
	allow = perf
END
bailiff_start

count=0
for verb in $USES; do
	expect_allowed killed in-cgroup /kill $(echo "$verb" | tr : ' ')
	expect_allowed in-cgroup /audit $(echo "$verb" | tr : ' ')
	count=$((count + 1))
done
expect_records $count operation=privilege verdict=kill enforced=true container.cgroup=/kill $(rule 10-kill 'kill = all')
for word in userns bpf perf io_uring userfaultfd keyring settime kexec rawio; do
	wait_until "the record of $word" has_records 1 operation=privilege verdict=deny enforced=false mode=audit \
		object.name=$word container.cgroup=/audit $(rule 10-audit 'deny = all')
done
expect_equal "denied" "$(status_value '.containers[] | select(.cgroup == "/audit").denied')" 0

expect_denied in-cgroup /web bpf map
expect_denied in-cgroup /web perf self
expect_records 1 policy=second object.name=bpf $(rule 30-second 'deny = bpf')
expect_records 1 policy=first object.name=perf $(rule 20-first 'deny = perf')
expect_allowed in-cgroup /web make-ring
