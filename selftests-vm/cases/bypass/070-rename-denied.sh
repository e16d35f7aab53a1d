# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A file is not renamed to where more is allowed than where it was, nor exchanged with one that is there.
. /guest/lib.sh

readonly PRIVATE=/srv/private/secret

fresh() {
	secret $PRIVATE /srv/public/file /srv/written/file
	program /srv/programs/denied
	mkdir -p /srv/sockets
	rm -f /srv/public/new /srv/sockets/denied
	probe bind-unix /srv/sockets/denied
}

renames() {
	set -- "$@" in-cgroup /web
	fresh && "$@" rename $PRIVATE /srv/public/new
	fresh && "$@" rename-new $PRIVATE /srv/public/new
	fresh && "$@" rename $PRIVATE /srv/public/file
	fresh && "$@" rename-whiteout $PRIVATE /srv/public/new
	fresh && "$@" exchange $PRIVATE /srv/public/file
	fresh && "$@" exchange /srv/public/file $PRIVATE
	fresh && "$@" in-directory /srv/private rename secret ../public/new
	fresh && "$@" ring here rename $PRIVATE /srv/public/new
	fresh && "$@" rename /srv/programs/denied /srv/public/new
	fresh && "$@" rename /srv/sockets/denied /srv/public/new
	fresh && "$@" rename /srv/written/file /srv/public/new
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
	deny = read /srv/private/**
	deny = write attr /srv/written/**
	[network]
	deny = connect unix /srv/sockets/**
END
bailiff_start

renames expect_denied
expect_records 8 operation=rename verdict=deny enforced=true object.path=$PRIVATE \
	permissions.denied='["read"]' $(rule 10-web 'deny = read')
expect_records 1 operation=rename object.path=/srv/programs/denied $(rule 10-web 'deny = /srv/programs')
expect_records 1 operation=rename object.path=/srv/sockets/denied permissions.denied='["connect","send"]' \
	$(rule 10-web 'deny = connect')
expect_records 1 operation=rename object.path=/srv/written/file permissions.denied='["write","attr"]' \
	$(rule 10-web 'deny = write')
expect_records 11 record=access

fresh
expect_allowed in-cgroup /web rename $PRIVATE /srv/private/new
expect_allowed in-cgroup /web rename /srv/public/file /srv/public/new
expect_allowed in-cgroup /web rename /srv/public/new /srv/private/secret
expect_denied in-cgroup /web open-read /srv/private/secret
expect_allowed rename /srv/private/new /srv/public/new
