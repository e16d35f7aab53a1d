# SPDX-License-Identifier: GPL-2.0-or-later
# A policy in audit mode beside one that enforces: the latter decides.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/audited
expect_allowed in-cgroup /web open-read /srv/secret
policy 10-audit <<-'END'
	[policy]
	name = audit
	mode = audit
	[select]
	cgroup = /web
	[file]
	deny = read /srv/*
END
policy 20-enforce <<-'END'
	[policy]
	name = enforce
	mode = enforce
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 verdict=deny enforced=true policy=enforce object.path=/srv/secret
expect_allowed in-cgroup /web open-read /srv/audited
expect_records 1 verdict=deny enforced=false mode=audit policy=audit object.path=/srv/audited
