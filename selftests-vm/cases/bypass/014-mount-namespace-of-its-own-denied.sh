# SPDX-License-Identifier: GPL-2.0-or-later
# A mount namespace of one's own has the same names; a file of another's has none, and is not guessed.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
probe own-mounts waiting /run/case/ready /run/case/never open-read /srv/public &
other=$!
wait_until "the other namespace" test -e /run/case/ready
expect_allowed in-cgroup /web open-read /proc/$other/root/srv/secret
expect_allowed in-cgroup /web mounts-of $other open-read /srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	[file]
	deny = read /srv/secret
END
bailiff_start

expect_denied in-cgroup /web own-mounts open-read /srv/secret
expect_denied in-cgroup /web own-mounts own-mounts open-read /srv/secret
expect_denied in-cgroup /web mounts-of $other open-read /srv/secret
expect_records 3 operation=open verdict=deny enforced=true object.path=/srv/secret \
	$(rule 10-web 'deny = read /srv/secret')
expect_allowed in-cgroup /web own-mounts open-read /srv/public
expect_allowed in-cgroup /web mounts-of $other open-read /srv/public

expect_denied in-cgroup /web open-read /proc/$other/root/srv/secret
expect_denied in-cgroup /web open-read /proc/$other/root/srv/public
expect_denied in-cgroup /web exec /proc/$other/root/usr/bin/probe
expect_records 2 operation=open verdict=deny enforced=true fail=foreign object=null rule=null
expect_records 1 operation=exec verdict=deny enforced=true fail=foreign object=null rule=null
