# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who a rule with "by" holds for is what was executed, not what /proc/PID/exe says, nor a program's name for itself.
. /guest/lib.sh

readonly SERVER=/srv/server/probe
readonly OTHER=/srv/other/probe

cgroup /web
secret /srv/secret /srv/public
program $SERVER $OTHER
attempts() {
	"$@" as $OTHER open-read /srv/secret
	"$@" as $OTHER with-exe $SERVER open-read /srv/secret
	"$@" as $OTHER in-fork with-exe $SERVER in-fork open-read /srv/secret
	"$@" as $SERVER as $OTHER open-read /srv/secret
	"$@" as /srv/link/probe open-read /srv/secret
	"$@" in-root /srv as /other/probe open-read /secret
}
mkdir /srv/link
ln -s $OTHER /srv/link/probe
attempts expect_allowed in-cgroup /web

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = read /srv/secret by /srv/server/*
	deny = read /srv/secret
END
bailiff_start

attempts expect_denied in-cgroup /web
expect_records 6 operation=open verdict=deny enforced=true object.path=/srv/secret $(rule 10-web 'deny = read')
expect_allowed in-cgroup /web as $SERVER open-read /srv/secret
expect_allowed in-cgroup /web as $OTHER as $SERVER open-read /srv/secret
expect_allowed in-cgroup /web as $SERVER with-exe $OTHER open-read /srv/secret
expect_allowed in-cgroup /web as $SERVER in-fork open-read /srv/secret
expect_allowed in-cgroup /web as $OTHER open-read /srv/public
