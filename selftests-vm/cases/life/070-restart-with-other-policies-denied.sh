# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# A daemon that starts on what is pinned puts its own policies in force in one step: no gap between the two.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start
expect_denied in-cgroup /web open-read /srv/secret
probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret &
hammer=$!
bailiff_stop

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/*
END
bailiff_start
expect_denied in-cgroup /web open-read /srv/public
touch /run/case/stop
expect_exit 0 $hammer
