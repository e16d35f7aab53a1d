# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What the kernel only asks to know is refused without a record; where another capability does as well, a denial of one is
# recorded and denies nothing.
. /guest/lib.sh

cgroup /admin /bpf /both
secret /srv/file
expect_allowed set-attribute /srv/file trusted.name
for cgroup in admin bpf both; do
	expect_allowed in-cgroup /$cgroup list-attribute /srv/file trusted.name
	expect_allowed in-cgroup /$cgroup bpf map
	expect_allowed in-cgroup /$cgroup perf everybody
done

policy 10-admin <<-'END'
	[policy]
	name = admin
	[select]
	cgroup = /admin
	[capability]
	deny = sys_admin
END
policy 10-bpf <<-'END'
	[policy]
	name = bpf
	[select]
	cgroup = /bpf
	[capability]
	deny = bpf
END
policy 10-both <<-'END'
	[policy]
	name = both
	[select]
	cgroup = /both
	[capability]
	deny = bpf sys_admin
END
bailiff_start

# Its name is kept from those who could not read it.
try in-cgroup /admin list-attribute /srv/file trusted.name
expect_equal "the outcome" $probe_status 3
expect_allowed in-cgroup /admin read-file /srv/file
expect_allowed in-cgroup /admin run /bin/ls -l /srv
expect_records 0 record=access
expect_denied in-cgroup /admin set-attribute /srv/file trusted.name
expect_records 1 operation=capability verdict=deny enforced=true object.name=sys_admin $(rule 10-admin 'deny = sys_admin')
expect_allowed in-cgroup /bpf list-attribute /srv/file trusted.name

expect_allowed in-cgroup /bpf bpf map
wait_until "a record" has_records 1 operation=capability verdict=deny object.name=bpf container.cgroup=/bpf
expect_allowed in-cgroup /admin bpf map
expect_denied in-cgroup /both bpf map
wait_until "a record" has_records 1 operation=capability verdict=deny object.name=sys_admin container.cgroup=/both
expect_allowed in-cgroup /both make-ring
