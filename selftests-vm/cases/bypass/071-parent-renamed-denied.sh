# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A directory above something denied is not renamed to where it would be allowed; one with nothing denied below is.
. /guest/lib.sh

fresh() {
	rm -rf /srv
	secret /srv/top/private/secret /srv/top/plain/file /srv/other/plain/file /srv/keys/a/b.key
	mkdir -p /srv/top/private/inner /srv/empty
	program /srv/programs/kind/denied
}

renames() {
	set -- "$@" in-cgroup /web
	fresh && "$@" rename /srv/top/private /srv/top/public
	fresh && "$@" rename /srv/top/private /srv/empty
	fresh && "$@" rename /srv/top/private/inner /srv/top/inner
	fresh && "$@" in-directory /srv/top rename private ../private
	fresh && "$@" rename-whiteout /srv/top/private /srv/top/public
	fresh && "$@" exchange /srv/top/private /srv/other
	fresh && "$@" exchange /srv/other /srv/top/private
	fresh && "$@" ring here rename /srv/top/private /srv/top/public
	fresh && "$@" rename /srv/top /srv/bottom
	fresh && "$@" rename /srv/programs /srv/public
	fresh && "$@" rename /srv/keys/a /tmp/a
	rm -rf /tmp/a
}

cgroup /web
renames expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/programs/**
	[file]
	deny = read /srv/top/private/**
	deny = read /srv/keys/**.key
END
bailiff_start

renames expect_denied
expect_records 7 operation=rename verdict=deny enforced=true fail=alias object.path=/srv/top/private rule=null
expect_records 1 operation=rename verdict=deny enforced=true object.path=/srv/top/private/inner \
	permissions.denied='["read"]' $(rule 10-web 'deny = read /srv/top')
for path in /srv/top /srv/programs /srv/keys/a; do
	expect_records 1 operation=rename verdict=deny enforced=true fail=alias object.path=$path rule=null
done
expect_records 11 record=access
expect_equal "failed as alias" "$(status_value '.containers[] | select(.cgroup == "/web").failed.alias')" 10

fresh
expect_allowed in-cgroup /web rename /srv/top/plain /srv/top/still-plain
expect_allowed in-cgroup /web rename /srv/top/private/inner /srv/top/private/outer
expect_allowed in-cgroup /web rename /srv/keys/a /srv/keys/b
expect_allowed in-cgroup /web rename /srv/other /srv/another
expect_allowed in-cgroup /web exchange /srv/another /srv/top/still-plain
expect_denied in-cgroup /web open-read /srv/keys/b/b.key
expect_allowed rename /srv/top/private /srv/top/public
