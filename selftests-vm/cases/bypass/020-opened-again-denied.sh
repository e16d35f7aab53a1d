# SPDX-License-Identifier: GPL-2.0-or-later
# A descriptor that could be had without a decision is no way to one that reads: O_PATH, a handle, a deleted file.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public /srv/deleted/secret /srv/deleted/public
expect_allowed in-cgroup /web open-again /srv/secret
expect_allowed in-cgroup /web open-handle /srv/secret
expect_allowed in-cgroup /web open-deleted /srv/deleted/secret
secret /srv/deleted/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**/secret
END
bailiff_start

expect_denied in-cgroup /web open-again /srv/secret
expect_denied in-cgroup /web open-handle /srv/secret
expect_records 2 operation=open verdict=deny enforced=true object.path=/srv/secret \
	$(rule 10-web 'deny = read')
expect_denied in-cgroup /web open-deleted /srv/deleted/secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/deleted/secret \
	$(rule 10-web 'deny = read')
expect_allowed in-cgroup /web open-again /srv/public
expect_allowed in-cgroup /web open-handle /srv/public
expect_allowed in-cgroup /web open-deleted /srv/deleted/public
