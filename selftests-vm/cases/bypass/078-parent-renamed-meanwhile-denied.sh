# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# While a directory goes to and fro between where it is allowed and where it is denied, what is denied under both names is
# never opened.
. /guest/lib.sh

readonly TIMES=3000

cgroup /web
secret /srv/free/dir/secret /srv/free/dir/file
mkdir -p /srv/kept
expect_allowed in-cgroup /web open-read /srv/free/dir/secret
expect_allowed in-cgroup /web rename /srv/free/dir /srv/kept/dir
expect_allowed in-cgroup /web rename /srv/kept/dir /srv/free/dir

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/kept/** /srv/free/dir/secret
END
bailiff_start --log-level warning

probe in-cgroup /web in-directory /srv/free/dir waiting /run/case/ready /run/case/go \
	hammer denied $TIMES open-read secret &
denied=$!
probe in-cgroup /web in-directory /srv/free/dir waiting /run/case/ready-too /run/case/go \
	hammer any $TIMES open-read file >/run/case/counts &
either=$!
wait_until "the tasks" test -e /run/case/ready -a -e /run/case/ready-too
probe storm /srv/free/dir /srv/kept/dir /run/case/stop &
storm=$!
touch /run/case/go
expect_exit 0 $denied
expect_exit 0 $either
touch /run/case/stop
expect_exit 0 $storm
grep -q ' untried=0 otherwise=0$' /run/case/counts || fail "opening the other file: $(cat /run/case/counts)"

expect_allowed in-cgroup /web open-read /srv/free/dir/file
