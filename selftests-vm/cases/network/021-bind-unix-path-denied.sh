# SPDX-License-Identifier: GPL-2.0-or-later
# A unix socket is bound to a path only where that path may be bound, by whatever way it is reached.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/run /srv/open
ln -s run /srv/link
binds() {
	"$1" in-cgroup /web net unix-stream bind /srv/run/a
	"$1" in-cgroup /web net unix-datagram bind /srv/link/b
	"$1" in-cgroup /web in-directory /srv/open net unix-packet bind ../run/c
	rm -f /srv/run/*
}
binds expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = bind unix /srv/run/*
END
bailiff_start

binds expect_denied
for name in a b c; do
	expect_records 1 verdict=deny enforced=true object.path=/srv/run/$name permissions.denied='["bind"]' \
		$(rule 10-web 'deny = bind unix')
done
expect_records 3 record=access
expect_allowed in-cgroup /web net unix-stream bind /srv/open/a
expect_allowed in-cgroup /web make file /srv/run/file
expect_allowed net unix-stream bind /srv/run/a
