# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Listening and accepting are decided by what the socket is bound to, also where the kernel chose it.
. /guest/lib.sh

modprobe -a sctp vsock vsock_loopback
ip link set lo up
cgroup /web

# tries STATEMENT OPERATION
tries() {
	rm -f /srv/denied
	"$1" in-cgroup /web net tcp4 "$2" 127.0.0.1 8080
	"$1" in-cgroup /web net tcp6 "$2" ::ffff:127.0.0.1 8080
	"$1" in-cgroup /web net sctp4 "$2" 127.0.0.1 8080
	"$1" in-cgroup /web net vsock "$2"
	"$1" in-cgroup /web net unix-stream "$2" /srv/denied
	"$1" in-cgroup /web net unix-packet "$2" @denied
	rm -f /srv/denied
}

# write_policy PERMISSION
write_policy() {
	policy 10-web <<-END
		[policy]
		name = web
		[select]
		cgroup = /web
		[network]
		deny = $1 tcp 127.0.0.1:8080 0.0.0.0:0
		deny = $1 sctp 127.0.0.0/8
		deny = $1 vsock *
		deny = $1 unix /srv/denied @denied
	END
}

expect_recorded() {
	expect_records 2 operation=$1 verdict=deny enforced=true object.address=127.0.0.1 object.port=8080 \
		object.protocol=tcp permissions.denied="[\"$1\"]" $(rule 10-web "deny = $1 tcp")
	expect_records 1 operation=$1 object.protocol=sctp $(rule 10-web "deny = $1 sctp")
	expect_records 1 operation=$1 object.protocol=vsock $(rule 10-web "deny = $1 vsock")
	expect_records 1 operation=$1 object.path=/srv/denied $(rule 10-web "deny = $1 unix")
	expect_records 1 operation=$1 object.name=denied $(rule 10-web "deny = $1 unix")
}

mkdir -p /srv
tries expect_allowed listen
tries expect_allowed accept
expect_allowed in-cgroup /web net tcp4 listen-unbound

write_policy listen
bailiff_start
tries expect_denied listen
expect_recorded listen
expect_denied in-cgroup /web net tcp4 listen-unbound
expect_records 1 operation=listen object.address=0.0.0.0 object.port=0 $(rule 10-web 'deny = listen tcp')
expect_records 7 record=access

write_policy accept
bailiff_reload
tries expect_denied accept
expect_recorded accept
expect_records 13 record=access
expect_allowed in-cgroup /web net tcp4 accept 127.0.0.1 8081
expect_allowed in-cgroup /web net unix-stream accept @allowed
tries expect_allowed listen
expect_allowed net tcp4 accept 127.0.0.1 8080
