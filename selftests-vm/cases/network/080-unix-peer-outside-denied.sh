# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Unix sockets of the same container are told from those of others, whatever they are called and however they are
# reached.
. /guest/lib.sh

cgroup /web /web/worker /other

# server WHERE NAME [IN]...: a stream and a datagram socket each with a path and an abstract name.
server() {
	local name=$1
	shift
	probe "$@" listen "/run/case/listening-$name" unix "/srv/$name" abstract "$name" &
	probe "$@" socket unix-datagram bind "/srv/$name-datagram" pass "/run/case/held-$name" "/srv/$name-pass" &
	probe "$@" socket unix-datagram bind "@$name-datagram" pass "/run/case/named-$name" "/srv/$name-pass2" &
	wait_until "the server $name" test -e "/run/case/listening-$name" -a -e "/run/case/held-$name" -a \
		-e "/run/case/named-$name"
}

# reaches STATEMENT NAME
reaches() {
	"$1" in-cgroup /web connect-unix "/srv/$2"
	"$1" in-cgroup /web connect-abstract "$2"
	"$1" in-cgroup /web net unix-datagram connect "/srv/$2-datagram"
	"$1" in-cgroup /web net unix-datagram send "/srv/$2-datagram"
	"$1" in-cgroup /web net unix-datagram send "@$2-datagram"
}

# write_policy RULE...
write_policy() {
	{
		printf '[policy]\nname = web\n[select]\ncgroup = /web\n[network]\n'
		printf '%s\n' "$@"
	} | policy 10-web
}

mkdir -p /srv
# Older than the policy, and no less the container's.
server host
server other in-cgroup /other
server web in-cgroup /web
server worker in-cgroup /web/worker
for name in host other web worker; do
	reaches expect_allowed $name
done

write_policy 'deny = connect unix outside'
policy 20-other <<-'END'
	[policy]
	name = other
	[select]
	cgroup = /other
	[network]
	deny = connect unix inside
END
bailiff_start

reaches expect_denied host
reaches expect_denied other
expect_records 1 operation=connect verdict=deny enforced=true object.path=/srv/host permissions.denied='["connect"]' \
	$(rule 10-web 'deny = connect')
expect_records 1 operation=connect object.name=other $(rule 10-web 'deny = connect')
expect_records 1 operation=connect object.path=/srv/other-datagram $(rule 10-web 'deny = connect')
expect_records 1 operation=send object.path=/srv/other-datagram permissions.denied='["send"]' \
	$(rule 10-web 'deny = connect')
expect_records 1 operation=send object.name=host-datagram $(rule 10-web 'deny = connect')
expect_records 10 record=access
expect_equal "denied" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 10
reaches expect_allowed web
reaches expect_allowed worker
# Younger than the policy, and in a child's cgroup: the container's own, too.
server late fork-into-cgroup /web/worker
reaches expect_allowed late
expect_allowed in-cgroup /other connect-unix /srv/web
expect_denied in-cgroup /other connect-unix /srv/other
expect_records 1 object.path=/srv/other $(rule 20-other 'deny = connect unix inside')
expect_allowed connect-unix /srv/web

# Some names, and one program.
write_policy 'default = deny' 'allow = connect unix /srv/host' 'allow = send unix outside by /usr/bin/probe' \
	'allow = connect unix inside' 'allow = accept unix *'
bailiff_reload
reaches expect_allowed late
expect_allowed in-cgroup /web connect-unix /srv/host
expect_denied in-cgroup /web connect-unix /srv/other
expect_denied in-cgroup /web connect-abstract host
expect_records 2 record=access rule.text='default = deny' $(rule 10-web 'default = deny')
expect_allowed in-cgroup /web net unix-datagram send /srv/other-datagram
expect_denied in-cgroup /web net unix-datagram connect /srv/other-datagram
program /srv/probe
expect_denied in-cgroup /web as /srv/probe net unix-datagram send /srv/other-datagram
expect_records 1 operation=send rule.text='default = deny' object.path=/srv/other-datagram $(rule 10-web 'default = deny')

# A task of two containers is inside both.
write_policy 'deny = connect unix outside'
policy 20-other <<-'END'
	[policy]
	name = other
	[select]
	cgroup = /other
	[network]
	deny = create packet
END
bailiff_reload
expect_allowed in-cgroup /other each net unix-stream create also in-cgroup /web connect-unix /srv/other
expect_allowed in-cgroup /other each net unix-stream create also in-cgroup /web connect-unix /srv/web
expect_denied in-cgroup /other each net unix-stream create also in-cgroup /web connect-unix /srv/host
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
