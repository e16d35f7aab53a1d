# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# timeout: 120
# With no room for events the verdicts stand, and what could not be recorded is counted.
. /guest/lib.sh

readonly FLOOD=5000

cgroup /web
attack_set_up
attack_policy /web
cat >/run/case/bailiff.ini <<-'END'
	[kernel]
	ring_size = 64K
END
bailiff_start --config /run/case/bailiff.ini
attack_denied in-cgroup /web

kill -STOP "$daemon"
probe in-cgroup /web hammer denied $FLOOD open-read /srv/secret
# The ring is full: all verdicts are as before.
attack_denied in-cgroup /web
kill -CONT "$daemon"

has_loss() {
	has_records 1 record=loss container.cgroup=/web
}
wait_until "a record of the loss" has_loss
container='.containers[] | select(.cgroup == "/web")'
expect_equal "denials" "$(status_value "$container.denied")" $((FLOOD + 10))
lost=$(status_value "$container | [.lost[]] | add")
[ "$lost" -gt 0 ] || fail "nothing was counted as lost"
expect_records $((FLOOD + 10 - lost)) record=access verdict=deny

# Once there is room again, records are complete again.
attack_denied in-cgroup /web
expect_equal "lost" "$(status_value "$container | [.lost[]] | add")" "$lost"
