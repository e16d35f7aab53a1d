# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What may not be made in a place is not made elsewhere and moved there, be it in a directory or above one.
. /guest/lib.sh

fresh() {
	rm -rf /srv
	secret /srv/mine/cron.d/evil /srv/mine/conf/cron.d/evil /srv/mine/file
	mkdir -p /srv/etc/cron.d /srv/app
	program /srv/mine/bin/evil /srv/app/good
	ln -s /srv/mine/cron.d /srv/mine/link
}

moves() {
	set -- "$@" in-cgroup /web
	fresh && "$@" rename /srv/mine/cron.d /srv/etc/cron.d
	fresh && rmdir /srv/etc/cron.d && "$@" rename /srv/mine/cron.d /srv/etc/cron.d
	fresh && rm -r /srv/etc && "$@" rename /srv/mine/conf /srv/etc
	fresh && "$@" exchange /srv/mine/conf /srv/etc
	fresh && "$@" exchange /srv/mine/cron.d /srv/etc/cron.d
	fresh && "$@" exchange /srv/mine/bin /srv/app
}

# These are decided by a rule.
singles() {
	set -- "$@" in-cgroup /web
	fresh && "$@" rename /srv/mine/bin /srv/app/bin
	fresh && "$@" rename /srv/mine/file /srv/etc/cron.d/file
	fresh && "$@" link /srv/mine/file /srv/etc/cron.d/file
	fresh && "$@" rename /srv/mine/bin/evil /srv/app/evil
	fresh && "$@" link /srv/mine/bin/evil /srv/app/evil
}

cgroup /web
moves expect_allowed
singles expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	allow = /srv/app/** /usr/bin/probe
	default = deny
	[file]
	deny = create /srv/etc/cron.d/*
END
bailiff_start

moves expect_denied
expect_records 6 operation=rename verdict=deny enforced=true fail=alias rule=null
expect_records 6 record=access

singles expect_denied
expect_records 1 operation=rename object.path=/srv/etc/cron.d/file permissions.denied='["create"]' \
	$(rule 10-web 'deny = create')
expect_records 1 operation=link object.path=/srv/etc/cron.d/file permissions.denied='["create"]' \
	$(rule 10-web 'deny = create')
expect_records 1 operation=rename object.path=/srv/mine/bin permissions.denied='["execute"]' \
	$(rule 10-web 'default = deny')
expect_records 1 operation=rename object.path=/srv/mine/bin/evil $(rule 10-web 'default = deny')
expect_records 1 operation=link object.path=/srv/mine/bin/evil $(rule 10-web 'default = deny')
expect_records 11 record=access

fresh
expect_allowed in-cgroup /web rename /srv/mine/cron.d /srv/etc/elsewhere
expect_allowed in-cgroup /web rename /srv/mine/file /srv/etc/file
expect_allowed in-cgroup /web rename /srv/app/good /srv/app/better
expect_allowed in-cgroup /web exec /srv/app/better
expect_allowed rename /srv/mine/bin /srv/app/bin
