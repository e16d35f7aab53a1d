# SPDX-License-Identifier: GPL-2.0-or-later
# While the directories above it are renamed, a file that is denied under all of its names is never opened.
. /guest/lib.sh

readonly TIMES=4000

cgroup /web
secret /srv/one/two/three/secret /srv/public
expect_allowed in-cgroup /web in-directory /srv/one/two/three open-read secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/one/two/three/secret
	deny = read /srv/another-name/two/three/secret
	deny = read /srv/one/2/three/secret
	deny = read /srv/another-name/2/three/secret
END
bailiff_start --log-level warning

probe in-cgroup /web in-directory /srv/one/two/three waiting /run/case/ready /run/case/go \
	hammer denied $TIMES open-read secret &
hammer=$!
wait_until "the task" test -e /run/case/ready
probe in-directory /srv/one waiting /run/case/inner /run/case/go storm two 2 /run/case/stop &
inner=$!
wait_until "the inner storm" test -e /run/case/inner
probe storm /srv/one /srv/another-name /run/case/stop &
outer=$!
touch /run/case/go
expect_exit 0 $hammer
touch /run/case/stop
expect_exit 0 $inner
expect_exit 0 $outer

expect_equal "denials counted" \
	"$(status_value '.containers[] | .denied + (.failed | add // 0)')" $TIMES
expect_allowed in-cgroup /web open-read /srv/public
