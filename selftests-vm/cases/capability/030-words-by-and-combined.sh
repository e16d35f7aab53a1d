# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Verdicts, audit mode, "by" and several policies.
. /guest/lib.sh

readonly SERVER=/srv/server/probe

cgroup /web /audit /kill /quiet
program $SERVER
secret /srv/file
for cgroup in web audit kill quiet; do
	for capability in sys_admin net_raw sys_nice; do
		expect_allowed in-cgroup /$cgroup use $capability
	done
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[capability]
	allow = net_raw by /srv/server/*
	deny = net_raw
	audit = sys_nice
END
policy 20-more <<-'END'
	[policy]
	name = more
	[select]
	cgroup = /w*
	[capability]
	allow = net_raw
	deny = CAP_SYS_ADMIN
END
policy 10-audit <<-'END'
	[policy]
	name = audit
	mode = audit
	[select]
	cgroup = /audit
	[capability]
	default = deny
END
policy 10-kill <<-'END'
	[policy]
	name = kill
	[select]
	cgroup = /kill
	[capability]
	kill = sys_admin
END
policy 10-quiet <<-'END'
	[policy]
	name = quiet
	[select]
	cgroup = /quiet
	[capability]
	deny = all log=off
END
bailiff_start

expect_denied in-cgroup /web use net_raw
expect_allowed in-cgroup /web as $SERVER use net_raw
expect_denied in-cgroup /web use sys_admin
expect_denied in-cgroup /web as $SERVER use sys_admin
expect_allowed in-cgroup /web use sys_nice
expect_records 1 operation=capability policy=web verdict=deny object.name=net_raw $(rule 10-web 'deny = net_raw')
expect_records 1 operation=capability policy=web verdict=audit enforced=false object.name=sys_nice \
	$(rule 10-web 'audit = sys_nice')
expect_records 2 operation=capability policy=more object.name=sys_admin $(rule 20-more 'deny = CAP_SYS_ADMIN')
expect_records 4 record=access

expect_allowed in-cgroup /audit use sys_admin
expect_allowed in-cgroup /audit use net_raw
expect_records 2 verdict=deny enforced=false mode=audit container.cgroup=/audit $(rule 10-audit 'default = deny')
expect_allowed killed in-cgroup /kill use sys_admin
expect_records 1 verdict=kill enforced=true object.name=sys_admin $(rule 10-kill 'kill = sys_admin')
expect_allowed in-cgroup /kill use net_raw
expect_denied in-cgroup /quiet use sys_admin
expect_denied in-cgroup /quiet use net_raw
expect_counted 2 10-quiet 'deny = all'
expect_records 7 record=access
