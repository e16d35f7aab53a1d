# SPDX-License-Identifier: GPL-2.0-or-later
# A task that was confined before the reload is judged by the policies after it, in both directions.
. /guest/lib.sh

cgroup /web
secret /srv/one /srv/two

write_policy() {
	policy 10-web <<-END
		[policy]
		name = web
		[select]
		cgroup = /web
		[file]
		deny = read /srv/$1
	END
}

write_policy one
bailiff_start
expect_denied in-cgroup /web open-read /srv/one
probe in-cgroup /web in-thread /run/case/ready-1 /run/case/go open-read /srv/one &
one=$!
probe in-cgroup /web waiting /run/case/ready-2 /run/case/go open-read /srv/two &
two=$!
wait_until "the first task" test -e /run/case/ready-1
wait_until "the second task" test -e /run/case/ready-2

write_policy two
bailiff_reload
touch /run/case/go
expect_exit 0 $one
expect_exit 1 $two
