# SPDX-License-Identifier: GPL-2.0-or-later
# Who asks to be traced by a parent of the container does what the parent might not do; a parent outside traces into the
# container, and may.
. /guest/lib.sh

cgroup /web/part /inside/part
expect_allowed in-cgroup /web be-traced
expect_allowed in-cgroup /web in-fork be-traced

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[process]
	ptrace = deny
END
policy 20-inside <<-'END'
	[policy]
	name = inside
	[select]
	cgroup = /inside
	[process]
	ptrace = inside
END
bailiff_start

expect_denied in-cgroup /web in-fork be-traced
expect_denied in-cgroup /web in-fork in-cgroup /web/part be-traced
expect_records 2 operation=ptrace verdict=deny enforced=true object.kind=process object.access=ptrace \
	object.relation=inside container.cgroup=/web $(rule 10-web 'ptrace = deny')
for cgroup in /web /inside; do
	expect_allowed in-cgroup $cgroup be-traced
	expect_allowed in-fork in-cgroup $cgroup be-traced
done
expect_allowed in-cgroup /inside in-fork be-traced
expect_allowed in-cgroup /inside in-fork in-cgroup /inside/part be-traced
expect_allowed in-cgroup /inside/part in-fork in-cgroup /inside be-traced
expect_allowed in-fork be-traced
expect_records 2 record=access
