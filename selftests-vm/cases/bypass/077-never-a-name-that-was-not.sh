# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# While two directories above it are renamed, a file is never taken for being under a name that is made of an old and a new
# part, and that it never had.
. /guest/lib.sh

readonly TIMES=4000

cgroup /web
secret /srv/one/x/deep/er/secret /srv/public
mkdir -p /srv/two
expect_allowed in-cgroup /web in-directory /srv/one/x/deep/er open-read secret

# It goes one/x, one/y, two/y and the same way back: it is never two/x.
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	allow = all /srv/two/x/**
	deny = all /srv/one/** /srv/two/y/**
END
bailiff_start --log-level warning

probe in-cgroup /web in-directory /srv/one/x/deep/er waiting /run/case/ready /run/case/go \
	hammer denied $TIMES open-read secret &
opens=$!
probe in-cgroup /web in-directory /srv/one/x/deep/er waiting /run/case/ready-to-change /run/case/go \
	hammer denied $TIMES change-mode secret &
changes=$!
wait_until "the tasks" test -e /run/case/ready -a -e /run/case/ready-to-change
rmdir /srv/two
probe wander /run/case/stop /srv/one/x /srv/one/y /srv/one /srv/two /srv/two /srv/one /srv/one/y /srv/one/x &
renames=$!
touch /run/case/go
expect_exit 0 $opens
expect_exit 0 $changes
touch /run/case/stop
expect_exit 0 $renames

expect_equal "denials counted" "$(status_value '.containers[] | .denied + (.failed | add // 0)')" $((2 * TIMES))
expect_equal "undecided as alias" "$(status_value '.containers[] | .failed.alias // 0')" 0
expect_allowed in-cgroup /web open-read /srv/public
