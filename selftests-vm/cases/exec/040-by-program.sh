# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Rules with "by" hold for what was executed: it is fixed by that, inherited by children and threads, a script is its
# interpreter, and a reload changes nothing about it.
. /guest/lib.sh

readonly SERVER=/srv/server/probe
readonly OTHER=/srv/other/probe

cgroup /web
program $SERVER $OTHER /srv/helper /srv/tool
secret /srv/config /srv/data
listen unix /srv/socket tcp4 127.0.0.1 8080
touch /run/case/go

# who STATEMENT PROGRAM HOW...: all that only the server may do.
who() {
	local statement=$1 program=$2
	shift 2
	"$statement" in-cgroup /web as "$program" "$@" exec /srv/helper
	"$statement" in-cgroup /web as "$program" "$@" open-read /srv/config
	"$statement" in-cgroup /web as "$program" "$@" connect-unix /srv/socket
	"$statement" in-cgroup /web as "$program" "$@" connect-tcp4 127.0.0.1 8080
}
who expect_allowed $SERVER
who expect_allowed $OTHER

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	allow = /srv/helper by /srv/server/*
	deny = /srv/helper
	deny = /srv/tool by /srv/server/*
	[file]
	allow = read /srv/config by /srv/server/*
	deny = read /srv/config
	deny = read /srv/data by /srv/other/*
	[network]
	allow = connect unix /srv/socket by /srv/server/*
	allow = connect tcp 127.0.0.1:8080 by /srv/server/*
	deny = connect unix /srv/socket
	deny = connect tcp *
END
bailiff_start

check() {
	who expect_allowed $SERVER
	who expect_denied $OTHER
	who expect_allowed $SERVER in-fork in-vfork
	who expect_denied $OTHER in-fork in-vfork
	expect_allowed in-cgroup /web as $SERVER in-thread /run/case/ready /run/case/go open-read /srv/config
	expect_denied in-cgroup /web as $OTHER in-thread /run/case/ready /run/case/go open-read /srv/config
	expect_allowed in-cgroup /web as $SERVER as $SERVER open-read /srv/config
	expect_denied in-cgroup /web as $SERVER as $OTHER open-read /srv/config
	expect_allowed in-cgroup /web as $OTHER as $SERVER open-read /srv/config
	expect_denied in-cgroup /web as $SERVER exec /srv/tool
	expect_allowed in-cgroup /web as $OTHER exec /srv/tool
	expect_denied in-cgroup /web as $OTHER open-read /srv/data
	expect_allowed in-cgroup /web as $SERVER open-read /srv/data
	expect_allowed in-cgroup /web open-read /srv/data
	expect_denied in-cgroup /web open-read /srv/config
}
check
expect_records 5 operation=open verdict=deny enforced=true object.path=/srv/config \
	permissions.denied='["read"]' $(rule 10-web 'deny = read /srv/config')
expect_records 2 operation=exec verdict=deny object.path=/srv/helper $(rule 10-web 'deny = /srv/helper')
expect_records 1 operation=exec verdict=deny object.path=/srv/tool $(rule 10-web 'deny = /srv/tool')
expect_records 1 operation=open verdict=deny object.path=/srv/data $(rule 10-web 'deny = read /srv/data')

# Those that run already are who they were, also in threads, and children of theirs.
probe as $SERVER in-cgroup /web waiting /run/case/server /run/case/reloaded in-fork open-read /srv/config &
server=$!
probe as $OTHER in-cgroup /web waiting /run/case/other /run/case/reloaded in-fork open-read /srv/config &
other=$!
wait_until "the tasks" test -e /run/case/server -a -e /run/case/other
rm -r /srv/server /srv/other
program $SERVER $OTHER
bailiff_reload
touch /run/case/reloaded
expect_exit 0 $server
expect_exit 1 $other
check
