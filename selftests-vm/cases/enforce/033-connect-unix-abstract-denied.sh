# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh

cgroup /web
mkdir -p /srv
listen abstract denied abstract allowed
expect_allowed in-cgroup /web connect-abstract denied

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[network]
	deny = connect unix @denied
END
bailiff_start

expect_denied in-cgroup /web connect-abstract denied
expect_records 1 operation=connect verdict=deny enforced=true object.name=denied \
	container.cgroup=/web $(rule 10-web 'deny = connect unix @denied')
expect_allowed in-cgroup /web connect-abstract allowed
expect_allowed connect-abstract denied
