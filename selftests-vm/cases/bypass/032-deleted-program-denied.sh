# SPDX-License-Identifier: GPL-2.0-or-later
# A program that was removed is decided by the last name it had, wherever it is executed or mapped from.
. /guest/lib.sh

cgroup /web
program /srv/denied /srv/allowed
expect_allowed in-cgroup /web exec-deleted /srv/denied
program /srv/denied
expect_allowed in-cgroup /web map-deleted /srv/denied
program /srv/denied

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
bailiff_start

expect_denied in-cgroup /web exec-deleted /srv/denied
expect_records 1 operation=exec verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["execute"]' $(rule 10-web 'deny = /srv/denied')
program /srv/denied
expect_denied in-cgroup /web map-deleted /srv/denied
expect_records 1 operation=map verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/denied')
expect_allowed in-cgroup /web exec-deleted /srv/allowed
