# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A socket of another mount namespace is also decided by the names it has in the client's, whichever of them is used;
# one that has none there is not reached.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/run /srv/seen /srv/also
mount -t tmpfs tmpfs /srv/run
listen unix /srv/run/denied unix /srv/run/socket unix /srv/run/allowed
probe notify-listen /srv/run/datagram /run/case/datagrams &
wait_until "the datagram socket" test -S /srv/run/datagram

# seen VERB...: in a mount namespace that has /srv/run also at /srv/seen.
seen() {
	local statement=$1
	shift
	"$statement" own-mounts bound /srv/run /srv/seen in-cgroup /web "$@"
}

# hidden STATEMENT: the file system is in no mount of the namespace, and the socket at hand.
hidden() {
	"$1" holding path /srv/run/allowed own-mounts each unmount /srv/run also in-cgroup /web \
		connect-unix /proc/self/fd/100
}

tries() {
	seen "$1" connect-unix /srv/seen/socket
	seen "$1" connect-unix /srv/run/socket
	seen "$1" connect-datagram /srv/run/datagram
	seen "$1" send-datagram /srv/seen/datagram
	seen "$1" connect-unix /srv/run/denied
}

tries expect_allowed
hidden expect_allowed

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect unix /srv/seen/socket /srv/seen/datagram
	deny = connect unix /srv/run/denied
END
bailiff_start

tries expect_denied
expect_records 2 operation=connect verdict=deny enforced=true object.path=/srv/seen/socket \
	$(rule 10-web 'deny = connect unix /srv/seen')
for operation in connect send; do
	expect_records 1 operation=$operation object.path=/srv/seen/datagram $(rule 10-web 'deny = connect unix /srv/seen')
done
expect_records 1 object.path=/srv/run/denied $(rule 10-web 'deny = connect unix /srv/run')
hidden expect_denied
expect_records 1 operation=connect verdict=deny fail=foreign rule=null
expect_records 6 record=access
seen expect_allowed connect-unix /srv/seen/allowed
seen expect_allowed connect-unix /srv/run/allowed
expect_allowed in-cgroup /web own-mounts connect-unix /srv/run/socket
expect_allowed in-cgroup /web connect-unix /srv/run/socket

# What is only recorded is recorded once.
policy 10-web <<-'END'
	[policy]
	name = web
	mode = audit
	[select]
	cgroup = /web
	[network]
	default = deny
END
bailiff_reload
seen expect_allowed connect-unix /srv/seen/allowed
expect_records 1 operation=connect verdict=deny enforced=false
umount -l /srv/run
