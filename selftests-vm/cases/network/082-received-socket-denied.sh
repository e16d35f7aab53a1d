# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A socket of another container is not received for what the receiver may not do itself; one of its own is.
. /guest/lib.sh

ip link set lo up
cgroup /web /other
mkdir -p /srv
listen tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081
# These keep who connects.
for name in denied allowed; do
	probe net-listen "/run/case/ready-$name" unix-stream "/srv/$name" &
	wait_until "the listener" test -e "/run/case/ready-$name"
done

# passers PREFIX [IN]...: each gives one socket to whoever connects to /srv/PREFIX-NAME.
passers() {
	local prefix=$1 name
	shift
	while read -r name socket; do
		# shellcheck disable=SC2086
		probe "$@" socket $socket pass "/run/case/ready-$prefix-$name" "/srv/$prefix-$name" &
		eval "pid_${prefix}_$name=$!"
	done <<-END
		tcp tcp4 connect 127.0.0.1 8080
		tcp6 tcp6 connect ::ffff:127.0.0.1 8080
		udp udp4 connect 127.0.0.1 5353
		listener tcp4 listen 127.0.0.1 $((${#prefix} + 9000))
		packet packet create
		raw raw4 create
		netlink netlink create
		stream unix-stream connect /srv/denied
		allowed tcp4 connect 127.0.0.1 8081
		plain tcp4 create
		bound udp4 bind 127.0.0.1 $((${#prefix} + 9000))
		pair unix-stream pair
		reached unix-stream connect /srv/allowed
	END
	for name in $DENIED $ALLOWED; do
		wait_until "the passer of $name" test -e "/run/case/ready-$prefix-$name"
	done
}

readonly DENIED="tcp tcp6 udp listener packet raw netlink stream"
readonly ALLOWED="allowed plain bound pair reached"

# receives STATEMENT PREFIX NAME...
receives() {
	local statement=$1 prefix=$2 name
	shift 2
	for name; do
		"$statement" in-cgroup /web receive "/srv/$prefix-$name"
	done
}

passers host
passers other in-cgroup /other
passers web in-cgroup /web
receives expect_allowed host $DENIED $ALLOWED
receives expect_allowed web $DENIED $ALLOWED

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect any 127.0.0.1:8080
	deny = connect udp *:5353
	deny = listen tcp *:9004-9005
	deny = create packet
	deny = create raw
	deny = create netlink
	deny = connect unix /srv/denied
END
policy 20-other <<-'END'
	[policy]
	name = other
	[select]
	cgroup = /other
	[network]
	deny = create packet
END
bailiff_start

receives expect_denied host $DENIED
expect_records 8 operation=receive verdict=deny enforced=true
expect_records 2 operation=receive object.address=127.0.0.1 object.port=8080 permissions.denied='["connect"]' \
	$(rule 10-web 'deny = connect any')
expect_records 1 operation=receive object.port=5353 object.protocol=udp $(rule 10-web 'deny = connect udp')
expect_records 1 operation=receive object.port=9004 permissions.asked='["listen","accept"]' \
	permissions.denied='["listen"]' source.port=9004 source.address=127.0.0.1 $(rule 10-web 'deny = listen')
for kind in packet raw netlink; do
	expect_records 1 operation=receive object.protocol=$kind permissions.denied='["create"]' \
		$(rule 10-web "deny = create $kind")
done
expect_records 1 operation=receive object.path=/srv/denied permissions.denied='["connect"]' \
	$(rule 10-web 'deny = connect unix')
receives expect_denied other $DENIED
# shellcheck disable=SC2154 # set by passers
expect_denied in-cgroup /web take "$pid_host_tcp" 100
expect_denied in-cgroup /web take "$pid_other_packet" 100
expect_records 18 record=access
expect_equal "denied" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 18

receives expect_allowed host $ALLOWED
receives expect_allowed other $ALLOWED
receives expect_allowed web $DENIED $ALLOWED
# shellcheck disable=SC2154
expect_allowed in-cgroup /web take "$pid_web_packet" 100
expect_allowed in-cgroup /other receive /srv/host-tcp
expect_allowed receive /srv/host-packet
expect_records 18 record=access

# What is connected to somebody else counts by where that is, and what has no name is only "unix *".
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	allow = connect unix /srv/*-*
	deny = connect unix outside
END
bailiff_reload
receives expect_denied host pair reached
expect_records 1 operation=receive object.kind=socket object.protocol=unix $(rule 10-web 'deny = connect unix outside')
expect_records 1 operation=receive object.path=/srv/allowed $(rule 10-web 'deny = connect unix outside')
receives expect_allowed host tcp packet
receives expect_allowed web pair reached
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
