# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Who a task is that comes into a cgroup does not depend on what was decided before.
. /guest/lib.sh

readonly TIMES=20

cgroup /web
secret /srv/some/directory/secret /srv/data /srv/other

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/some/directory/secret
	deny = read /srv/data by /usr/bin/probe
END
bailiff_start

for _ in $(seq $TIMES); do
	expect_denied in-cgroup /web open-read /srv/some/directory/secret
	expect_denied in-cgroup /web open-read /srv/data
	expect_allowed in-cgroup /web open-read /srv/other
done
expect_records $TIMES operation=open object.path=/srv/data $(rule 10-web 'deny = read /srv/data')
