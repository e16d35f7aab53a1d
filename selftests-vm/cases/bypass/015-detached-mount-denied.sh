# SPDX-License-Identifier: GPL-2.0-or-later
# A file on a mount that is mounted nowhere has no name, and is not guessed.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
expect_allowed in-cgroup /web open-detached /srv secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
	deny = read /secret
END
bailiff_start

expect_denied in-cgroup /web open-detached /srv secret
expect_denied in-cgroup /web open-detached /srv public
expect_records 2 operation=open verdict=deny enforced=true fail=detached object=null rule=null
expect_allowed in-cgroup /web open-read /srv/public
expect_allowed open-detached /srv secret
