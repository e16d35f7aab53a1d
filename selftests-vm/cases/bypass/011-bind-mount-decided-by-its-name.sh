# SPDX-License-Identifier: GPL-2.0-or-later
# A path is what the container sees: a file that is mounted elsewhere has that name there, and a rule for that name
# holds for whatever is mounted there. Mounting is not decided.
. /guest/lib.sh

cgroup /web
mkdir -p /srv/there
secret /srv/here/secret /srv/here/other /srv/file /srv/public
for name in secret other; do
	expect_allowed in-cgroup /web own-mounts bound /srv/here /srv/there open-read /srv/there/$name
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/there/secret
	deny = read /srv/here/other
	deny = read /srv/file
END
bailiff_start

expect_denied in-cgroup /web own-mounts bound /srv/here /srv/there open-read /srv/there/secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/there/secret \
	$(rule 10-web 'deny = read /srv/there/secret')
expect_allowed in-cgroup /web own-mounts bound /srv/here /srv/there open-read /srv/here/secret
expect_allowed in-cgroup /web own-mounts bound /srv/here /srv/there open-read /srv/there/other
expect_denied in-cgroup /web open-read /srv/here/other

expect_denied in-cgroup /web own-mounts bound /srv/public /srv/file open-read /srv/file
expect_records 1 object.path=/srv/file verdict=deny
expect_allowed in-cgroup /web own-mounts bound /srv/file /srv/public open-read /srv/public
