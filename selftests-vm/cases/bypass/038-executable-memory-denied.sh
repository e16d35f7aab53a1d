# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Memory that no file vouches for does not become executable.
. /guest/lib.sh

readonly WAYS="map-anonymous map-anonymous-shared map-anonymous-personality protect-anonymous protect-anonymous-shared
	protect-stack protect-heap map-zero protect-zero map-ring protect-ring"

cgroup /web
program /srv/program
for way in $WAYS "map-writable /srv/program" "protect-written /srv/program"; do
	expect_allowed in-cgroup /web $way
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	anonymous = deny
END
bailiff_start

for way in $WAYS; do
	expect_denied in-cgroup /web $way
done
expect_denied in-cgroup /web map-writable /srv/program
expect_denied in-cgroup /web protect-written /srv/program
expect_records 13 operation=map verdict=deny enforced=true permissions.denied='["anonymous"]' \
	$(rule 10-web 'anonymous = deny')
expect_records 13 record=access
for way in map map-shared protect; do
	expect_allowed in-cgroup /web $way /srv/program
done
expect_allowed in-cgroup /web exec /srv/program
expect_allowed in-cgroup /web run /usr/bin/jq --version
expect_allowed map-anonymous
