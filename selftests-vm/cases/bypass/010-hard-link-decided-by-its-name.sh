# SPDX-License-Identifier: GPL-2.0-or-later
# A hard link is another name: the name that is opened decides, not the file. Making links is not decided.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
program /srv/denied
ln /srv/secret /srv/kept-secret
ln /srv/secret /srv/other
ln /srv/denied /srv/other-program
expect_allowed in-cgroup /web open-read /srv/kept-secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	[file]
	deny = read /srv/*secret
END
bailiff_start

expect_denied in-cgroup /web open-read /srv/kept-secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/kept-secret \
	$(rule 10-web 'deny = read')
expect_denied in-cgroup /web open-read /srv/secret
expect_denied in-cgroup /web exec /srv/denied
expect_allowed in-cgroup /web open-read /srv/public
expect_allowed in-cgroup /web open-read /srv/other
expect_allowed in-cgroup /web exec /srv/other-program
