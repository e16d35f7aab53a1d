# SPDX-License-Identifier: GPL-2.0-or-later
# Datagrams over unix sockets: connecting and sending are told apart, and a connected socket is not asked again.
. /guest/lib.sh

cgroup /web
mkdir -p /srv
probe notify-listen /srv/denied /run/case/denied &
probe notify-listen /srv/allowed /run/case/allowed &
wait_until "the sockets" test -S /srv/denied -a -S /srv/allowed
expect_allowed in-cgroup /web net unix-datagram send /srv/denied
expect_allowed in-cgroup /web net unix-datagram connect /srv/denied
expect_allowed in-cgroup /web net unix-datagram send-connected /srv/denied

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect unix /srv/denied
END
bailiff_start

expect_denied in-cgroup /web net unix-datagram send /srv/denied
expect_records 1 operation=send verdict=deny enforced=true object.path=/srv/denied permissions.denied='["send"]' \
	$(rule 10-web 'deny = connect unix')
expect_denied in-cgroup /web net unix-datagram connect /srv/denied
expect_records 1 operation=connect object.path=/srv/denied permissions.denied='["connect"]'

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = send unix *
END
bailiff_reload
expect_denied in-cgroup /web net unix-datagram send /srv/denied
expect_records 2 operation=send $(rule 10-web 'deny = send unix')
expect_allowed in-cgroup /web net unix-datagram connect /srv/denied
expect_allowed in-cgroup /web net unix-datagram send-connected /srv/denied
expect_allowed in-cgroup /web net unix-datagram pair
expect_records 3 record=access

# What may only be sent to may be sent to again and again.
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	default = deny
	allow = send unix /srv/allowed
END
bailiff_reload
expect_allowed in-cgroup /web net unix-datagram send-messages /srv/allowed
expect_denied in-cgroup /web net unix-datagram connect /srv/allowed
expect_denied in-cgroup /web net unix-datagram send-messages /srv/denied
expect_allowed net unix-datagram send /srv/denied
