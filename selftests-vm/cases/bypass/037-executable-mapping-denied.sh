# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Code of a denied program is not mapped, however that is asked for.
. /guest/lib.sh

readonly WAYS="map map-shared map-writable map-personality protect protect-personality protect-key protect-written
	remap-personality"

cgroup /web
program /srv/denied /srv/allowed
for way in $WAYS; do
	expect_allowed in-cgroup /web $way /srv/denied
done
expect_allowed make-library /srv/library
expect_allowed in-cgroup /web use-library /srv/library

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
	deny = /srv/library
END
bailiff_start

for way in $WAYS; do
	expect_denied in-cgroup /web $way /srv/denied
	expect_allowed in-cgroup /web $way /srv/allowed
done
expect_records 9 operation=map verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/denied')
expect_denied in-cgroup /web use-library /srv/library
expect_records 1 operation=map verdict=deny enforced=true object.path=/srv/library \
	permissions.denied='["map"]' $(rule 10-web 'deny = /srv/library')
