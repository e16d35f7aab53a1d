# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# The way to upgrade a sealed machine: open the seal, restart the daemon, which seals again. Denials go on throughout.
. /guest/lib.sh

opened() {
	echo 'open sesame' | bailiff unseal
}

secret /srv/secret
cgroup /web
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
{
	echo '[daemon]'
	echo 'seal = yes'
	echo 'open sesame' | bailiff unseal --hash
} >/etc/bailiff/bailiff.ini
expect_allowed in-cgroup /web open-read /srv/secret
bailiff_start
expect_equal "sealed" "$(status_value .sealed)" true
# Finds out by itself whether it is ever allowed.
probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret &
prober=$!

for round in 1 2; do
	expect_denied signal kill KILL "$daemon"
	wait_until "the seal to be open" opened
	expect_denied in-cgroup /web open-read /srv/secret
	bailiff_stop TERM
	expect_equal "the daemon's exit code" "$daemon_status" 0
	expect_denied in-cgroup /web open-read /srv/secret
	bailiff_start
	expect_equal "sealed again, round $round" "$(status_value .sealed)" true
done
touch /run/case/stop
expect_exit 0 "$prober"
wait_until "the seal to be open" opened
bailiff_stop TERM
