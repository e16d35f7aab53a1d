# SPDX-License-Identifier: GPL-2.0-or-later
# Where no policy is enforced nothing is denied, here either; what would have been is recorded. One policy that is
# enforced makes the engine worth guarding, also from those whose own policy is not.
. /guest/lib.sh

web_policy() {
	policy 10-web <<-'END'
		[policy]
		name = web
		mode = audit
		[select]
		cgroup = /web
		[file]
		deny = read /srv/denied
	END
}

cgroup /web /box
web_policy
bailiff_start
expect_allowed in-cgroup /web open-read /etc/bailiff/policies.d/10-web.ini
expect_allowed in-cgroup /web signal kill CONT $daemon
expect_allowed in-cgroup /web own-map pinned /sys/fs/bpf/own
expect_records 1 operation=open verdict=deny enforced=false mode=audit fail=engine container.cgroup=/web
expect_records 1 operation=signal verdict=deny enforced=false mode=audit fail=engine object.pid=$daemon

policy 20-box <<-'END'
	[policy]
	name = box
	[select]
	cgroup = /box
	[exec]
	deny = /srv/denied
END
bailiff_reload
expect_denied in-cgroup /web open-read /etc/bailiff/policies.d/10-web.ini
expect_denied in-cgroup /web signal kill CONT $daemon
expect_records 1 operation=open verdict=deny enforced=true mode=enforce fail=engine container.cgroup=/web
expect_records 1 operation=signal verdict=deny enforced=true mode=enforce fail=engine object.pid=$daemon
