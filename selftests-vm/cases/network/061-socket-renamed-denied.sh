# SPDX-License-Identifier: GPL-2.0-or-later
# A socket is not given a name under which it may be reached; what is no socket gains nothing by such a name.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/closed /srv/open
listen unix /srv/closed/socket unix /srv/closed/other unix /srv/open/socket
secret /srv/closed/file

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	default = deny
	allow = connect unix /srv/open/*
	allow = bind unix /srv/open/* /srv/closed/*
END

expect_allowed in-cgroup /web rename /srv/closed/other /srv/open/other
expect_allowed in-cgroup /web link /srv/closed/socket /srv/open/link
rm /srv/open/other /srv/open/link
bailiff_start

expect_denied in-cgroup /web rename /srv/closed/socket /srv/open/moved
expect_denied in-cgroup /web link /srv/closed/socket /srv/open/link
for operation in rename link; do
	expect_records 1 operation=$operation verdict=deny enforced=true object.path=/srv/closed/socket \
		$(rule 10-web 'default = deny')
done
expect_records 2 record=access
expect_denied in-cgroup /web connect-unix /srv/closed/socket
expect_allowed in-cgroup /web connect-unix /srv/open/socket
expect_allowed in-cgroup /web rename /srv/closed/file /srv/open/file
expect_allowed in-cgroup /web link /srv/open/file /srv/closed/file
expect_allowed in-cgroup /web rename /srv/open/socket /srv/closed/moved
expect_denied in-cgroup /web rename /srv/closed/moved /srv/elsewhere
expect_records 1 operation=rename object.path=/srv/elsewhere permissions.denied='["bind"]' \
	$(rule 10-web 'default = deny')
expect_allowed rename /srv/closed/socket /srv/open/moved
