# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A hard link is another name: none is made under which more is allowed. One that was there before is decided by its name.
. /guest/lib.sh

links() {
	rm -f /srv/public/new*
	"$@" in-cgroup /web link /srv/private/secret /srv/public/new1
	"$@" in-cgroup /web in-directory /srv/private link secret ../public/new2
	"$@" in-cgroup /web link-through /srv/private/secret /srv/public/new3
	"$@" holding path /srv/private/secret in-cgroup /web link held /srv/public/new4
	"$@" holding path /srv/private/secret in-cgroup /web link-through held /srv/public/new5
	"$@" in-cgroup /web ring here link /srv/private/secret /srv/public/new6
	"$@" in-cgroup /web link /srv/programs/denied /srv/public/new7
	"$@" in-cgroup /web link /srv/sockets/denied /srv/public/new8
	"$@" in-cgroup /web link /srv/written/file /srv/public/new9
}

cgroup /web
secret /srv/private/secret /srv/public/file /srv/written/file
program /srv/programs/denied
mkdir /srv/sockets
probe bind-unix /srv/sockets/denied
links expect_allowed
ln /srv/private/secret /srv/before

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/programs/**
	[file]
	deny = read /srv/private/**
	deny = modify /srv/written/**
	[network]
	deny = connect unix /srv/sockets/**
END
bailiff_start

links expect_denied
expect_records 6 operation=link verdict=deny enforced=true object.path=/srv/private/secret \
	permissions.denied='["read"]' $(rule 10-web 'deny = read')
expect_records 1 operation=link object.path=/srv/programs/denied $(rule 10-web 'deny = /srv/programs')
expect_records 1 operation=link object.path=/srv/sockets/denied permissions.denied='["connect","send"]' \
	$(rule 10-web 'deny = connect')
expect_records 1 operation=link object.path=/srv/written/file \
	permissions.denied='["write","create","delete","attr"]' $(rule 10-web 'deny = modify')
expect_records 9 record=access
expect_equal "what is in the place" "$(ls /srv/public)" file

expect_allowed in-cgroup /web link /srv/private/secret /srv/private/new
expect_allowed in-cgroup /web link /srv/public/file /srv/public/new
expect_allowed in-cgroup /web link /srv/public/file /srv/private/new2
expect_denied in-cgroup /web open-read /srv/private/new2
expect_allowed in-cgroup /web open-read /srv/before
expect_allowed link /srv/private/secret /srv/public/new10
