# SPDX-License-Identifier: GPL-2.0-or-later
# No BPF: no programs, no maps, nothing of others'.
. /guest/lib.sh

calls() {
	local call statement=$1
	shift
	for call in map program next; do
		"$statement" "$@" bpf $call
	done
}

cgroup /web
calls expect_allowed in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[privilege]
	deny = bpf
END
bailiff_start

calls expect_denied in-cgroup /web
calls expect_denied in-cgroup /web in-fork in-root /
expect_records 6 operation=privilege verdict=deny enforced=true object.name=bpf $(rule 10-web 'deny = bpf')
expect_allowed in-cgroup /web perf self
calls expect_allowed
