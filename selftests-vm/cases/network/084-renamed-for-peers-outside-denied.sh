# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Where peers outside are denied a socket gets no name that is for them, and what has nothing to do with that is moved
# as ever.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/closed/dir /srv/open/dir /srv/kept /srv/elsewhere
listen unix /srv/closed/socket unix /srv/closed/dir/socket

# tries STATEMENT
tries() {
	"$1" in-cgroup /web link /srv/closed/socket /srv/open/link
	"$1" in-cgroup /web rename /srv/closed/socket /srv/open/socket
	"$1" in-cgroup /web rename /srv/closed/dir /srv/open/moved
}

tries expect_allowed
mv /srv/open/socket /srv/closed/socket
mv /srv/open/moved /srv/closed/dir
rm /srv/open/link

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = write /srv/kept/**
	[network]
	allow = connect unix /srv/open/**
	deny = connect unix outside
END
bailiff_start

tries expect_denied
for operation in rename link; do
	expect_records 1 operation=$operation verdict=deny enforced=true object.path=/srv/closed/socket \
		permissions.denied='["connect","send"]' $(rule 10-web 'deny = connect unix outside')
done
expect_records 1 operation=rename object.path=/srv/closed/dir $(rule 10-web 'deny = connect unix outside')
expect_records 3 record=access
expect_denied in-cgroup /web connect-unix /srv/closed/socket
expect_allowed in-cgroup /web rename /srv/closed/dir /srv/elsewhere/dir
expect_allowed in-cgroup /web rename /srv/elsewhere/dir /tmp/dir
expect_allowed in-cgroup /web rename /tmp/dir /srv/closed/dir
expect_allowed in-cgroup /web rename /srv/closed/socket /srv/elsewhere/socket
expect_denied in-cgroup /web connect-unix /srv/elsewhere/socket
expect_allowed rename /srv/elsewhere/socket /srv/open/socket
expect_allowed in-cgroup /web connect-unix /srv/open/socket
