# SPDX-License-Identifier: GPL-2.0-or-later
# A policy on a cgroup below a selected one is added to what holds above; it cannot loosen that.
. /guest/lib.sh

cgroup /web /web/worker
secret /srv/web-secret /srv/worker-secret /srv/public
for file in web-secret worker-secret; do
	expect_allowed in-cgroup /web/worker open-read /srv/$file
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/web-secret
END
policy 20-worker <<-'END'
	[policy]
	name = worker
	[select]
	cgroup = /web/worker
	[file]
	allow = read /srv/web-secret
	deny = read /srv/worker-secret
END
bailiff_start

expect_denied in-cgroup /web/worker open-read /srv/web-secret
expect_denied in-cgroup /web/worker open-read /srv/worker-secret
expect_records 1 policy=web verdict=deny container.cgroup=/web/worker
expect_records 1 policy=worker verdict=deny container.cgroup=/web/worker
expect_allowed in-cgroup /web open-read /srv/worker-secret
expect_denied in-cgroup /web open-read /srv/web-secret
expect_records 1 policy=web verdict=deny container.cgroup=/web
expect_allowed in-cgroup /web/worker open-read /srv/public
