# SPDX-License-Identifier: GPL-2.0-or-later
# engine: fresh
# The daemon is not needed for enforcement, and takes up again what was pinned: no gap, no lost counter.
. /guest/lib.sh

denied_count() {
	status_value '.containers[] | select(.cgroup == "/web").denied'
}

cgroup /web
attack_set_up
attack_allowed in-cgroup /web
attack_policy /web
bailiff_start
attack_denied in-cgroup /web
expect_equal "denials" "$(denied_count)" 5
probe in-cgroup /web hammer denied /run/case/stop open-read /srv/secret >/run/case/hammer.log &
hammer=$!

bailiff_stop KILL
attack_denied in-cgroup /web
cgroup /web/later
attack_denied fork-into-cgroup /web/later

bailiff_start
expect_log "adopted"
attack_denied in-cgroup /web
touch /run/case/stop
expect_exit 0 $hammer
hammered=$(sed 's/^total=\([0-9]*\) .*/\1/' /run/case/hammer.log)
expect_equal "denials" "$(denied_count)" $((20 + hammered))
rule_denials=$(status_value '[.policies[] | select(.name == "web").rules[].enforced] | add')
expect_equal "denials by rule" "$rule_denials" $((20 + hammered))
