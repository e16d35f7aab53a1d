# SPDX-License-Identifier: GPL-2.0-or-later
# A denied program is not executed, by its path and by a link to it; others are.
. /guest/lib.sh

cgroup /web
program /srv/denied /srv/allowed
ln -s denied /srv/link
expect_allowed in-cgroup /web exec /srv/denied
expect_allowed in-cgroup /web exec /srv/link

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
bailiff_start

expect_denied in-cgroup /web exec /srv/denied
expect_denied in-cgroup /web exec /srv/link
expect_records 2 record=access operation=exec verdict=deny enforced=true mode=enforce policy=web \
	object.path=/srv/denied container.cgroup=/web $(rule 10-web 'deny = /srv/denied')
expect_allowed in-cgroup /web exec /srv/allowed
expect_allowed exec /srv/denied
