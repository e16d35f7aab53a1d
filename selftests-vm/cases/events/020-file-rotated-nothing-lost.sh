# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# Rotation: the daemon goes on with the old file until it is told, and "events -f" follows into the new one.
. /guest/lib.sh

cgroup /web
secret /srv/one /srv/two /srv/three
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**
END
bailiff_start
bailiff events -f --json --file "$events" >/run/case/followed &
follower=$!

expect_denied in-cgroup /web open-read /srv/one
expect_records 1 object.path=/srv/one
mv "$events" "$events.1"
expect_denied in-cgroup /web open-read /srv/two
in_old_file() {
	grep -q -F /srv/two "$events.1"
}
wait_until "the record in the old file" in_old_file

kill -USR1 "$daemon"
wait_until "the new file" test -e "$events"
expect_denied in-cgroup /web open-read /srv/three
expect_records 1 object.path=/srv/three
expect_records 0 object.path=/srv/two

followed() {
	[ "$(grep -c '"record":"access"' /run/case/followed)" -eq 3 ]
}
wait_until "three records in what was followed" followed
kill "$follower"
