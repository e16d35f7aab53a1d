# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh

cgroup /web
mkdir -p /srv
listen unix /srv/denied.sock unix /srv/allowed.sock
expect_allowed in-cgroup /web connect-unix /srv/denied.sock

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect unix /srv/denied.sock
END
bailiff_start

expect_denied in-cgroup /web connect-unix /srv/denied.sock
expect_records 1 operation=connect verdict=deny enforced=true object.path=/srv/denied.sock \
	container.cgroup=/web $(rule 10-web 'deny = connect unix /srv/denied.sock')
expect_allowed in-cgroup /web connect-unix /srv/allowed.sock
expect_allowed connect-unix /srv/denied.sock
