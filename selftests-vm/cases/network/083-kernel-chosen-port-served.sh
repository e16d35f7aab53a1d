# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Whoever may bind to port 0 may listen on the port that the kernel chose, and on no other. Records name it.
. /guest/lib.sh

ip link set lo up
cgroup /web

# write_policy RULE...
write_policy() {
	{
		printf '[policy]\nname = web\n[select]\ncgroup = /web\n[network]\ndefault = deny\n'
		printf '%s\n' "$@"
	} | policy 10-web
}

for kind in tcp4 mptcp4; do
	expect_allowed in-cgroup /web net $kind accept 127.0.0.1 0
	expect_allowed in-cgroup /web net $kind accept 127.0.0.1 8080
done

write_policy 'allow = bind tcp *:0'
bailiff_start
for kind in tcp4 mptcp4; do
	expect_denied in-cgroup /web net $kind bind 127.0.0.1 8080
done
expect_denied in-cgroup /web net mptcp4 listen 127.0.0.1 0
expect_records 1 operation=listen $(rule 10-web 'default = deny')
expect_records 2 operation=bind verdict=deny enforced=true object.port=8080 source=null $(rule 10-web 'default = deny')
expect_allowed in-cgroup /web net tcp4 listen 127.0.0.1 0
expect_allowed in-cgroup /web net tcp4 accept 127.0.0.1 0
expect_allowed in-cgroup /web net tcp6 accept ::1 0
expect_allowed in-cgroup /web net tcp4 listen-unbound
expect_records 3 record=access

# What denies a port denies it, whoever chose it.
write_policy 'deny = listen tcp *:8080 *:32768-65535' 'allow = bind tcp *:0-8081'
bailiff_reload
for kind in tcp4 mptcp4; do
	expect_denied in-cgroup /web net $kind listen 127.0.0.1 8080
done
expect_records 2 operation=listen object.port=8080 source.port=8080 source.address=127.0.0.1 \
	$(rule 10-web 'deny = listen tcp')
expect_denied in-cgroup /web net tcp4 listen 127.0.0.1 0
expect_records 3 operation=listen source.address=127.0.0.1 object.protocol=tcp $(rule 10-web 'deny = listen tcp')
records operation=listen | jq -s -e 'all(.source.port == .object.port) and any(.object.port > 32767)' >/dev/null ||
	fail "the records do not name the ports"
expect_allowed in-cgroup /web net tcp4 listen 127.0.0.1 8081
expect_allowed net tcp4 listen 127.0.0.1 8080

# Of what connects and sends, records name where it is bound.
write_policy 'allow = bind any *' 'deny = connect any *'
bailiff_reload
expect_denied in-cgroup /web connect-tcp4-from 127.0.0.2 127.0.0.1 8080
expect_records 1 operation=connect object.port=8080 source.address=127.0.0.2 $(rule 10-web 'deny = connect any')
expect_denied in-cgroup /web net udp4 send 127.0.0.1 5353
expect_records 1 operation=send object.port=5353 source=null
