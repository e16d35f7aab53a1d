# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# What has no name - memfd, O_TMPFILE, removed, shared memory - is neither run nor mapped.
. /guest/lib.sh

readonly RUNS="exec-memory
exec-unnamed /srv"
readonly MAPS="map-memory
protect-memory
map-unnamed /srv
attach-shared
protect-attached"

each_line() {
	local lines=$1
	shift
	echo "$lines" | while read -r line; do
		"$@" in-cgroup /web $line
	done
}

cgroup /web
program /srv/program
each_line "$RUNS" expect_allowed
each_line "$MAPS" expect_allowed
expect_allowed in-cgroup /web exec-deleted /srv/program
program /srv/program
expect_allowed in-cgroup /web map-deleted /srv/program
program /srv/program

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	memory = deny
END
bailiff_start

each_line "$RUNS" expect_denied
expect_denied in-cgroup /web exec-deleted /srv/program
expect_records 3 operation=exec verdict=deny enforced=true permissions.denied='["memory"]' \
	$(rule 10-web 'memory = deny')
program /srv/program
each_line "$MAPS" expect_denied
expect_denied in-cgroup /web map-deleted /srv/program
expect_records 6 operation=map verdict=deny enforced=true permissions.denied='["memory"]' \
	$(rule 10-web 'memory = deny')
expect_records 9 record=access
program /srv/program
expect_allowed in-cgroup /web exec /srv/program
expect_allowed in-cgroup /web map /srv/program
