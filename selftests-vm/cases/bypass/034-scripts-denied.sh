# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A script is decided by its name and by that of each interpreter; to an interpreter that is told to read it, it is a file.
. /guest/lib.sh

script() {
	printf '#!%s\n' "$2" >"$1"
	chmod 755 "$1"
}

cgroup /web
program /srv/denied /srv/allowed
script /srv/by-denied /srv/denied
script /srv/by-script /srv/by-denied
script /srv/denied-script /srv/allowed
script /srv/shell-script /bin/sh
script /srv/free-script /bin/sh
attempts() {
	"$@" exec /srv/by-denied
	"$@" exec /srv/by-script
	"$@" exec-through /srv/by-denied
	"$@" exec /srv/denied-script
	"$@" exec-through /srv/denied-script
	"$@" run /bin/sh /srv/shell-script
	"$@" run /bin/sh -c '. /srv/shell-script'
}
attempts expect_allowed in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied /srv/denied-script
	[file]
	deny = read /srv/shell-script
END
bailiff_start

attempts expect_denied in-cgroup /web
expect_records 3 operation=exec verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["execute"]' $(rule 10-web 'deny = /srv/denied')
expect_records 2 operation=exec verdict=deny enforced=true object.path=/srv/denied-script \
	permissions.denied='["execute"]' $(rule 10-web 'deny = /srv/denied')
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/shell-script \
	$(rule 10-web 'deny = read')
expect_allowed in-cgroup /web run /srv/free-script
expect_allowed in-cgroup /web run /bin/sh /srv/free-script
