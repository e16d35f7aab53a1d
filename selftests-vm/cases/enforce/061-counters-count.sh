# SPDX-License-Identifier: GPL-2.0-or-later
# Counters per rule and per container are exact, whatever became of the records.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/quiet
expect_allowed in-cgroup /web open-read /srv/quiet

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
	deny = read /srv/quiet log=off
	audit = read /srv/watched
END
secret /srv/watched
bailiff_start

probe in-cgroup /web hammer denied 500 open-read /srv/secret
expect_allowed in-cgroup /web open-read /srv/watched
expect_denied in-cgroup /web open-read /srv/quiet
rule_counter() {
	status_value ".policies[] | select(.name == \"web\").rules[] | select(.line == $1).enforced"
}
expect_equal "the deny rule's counter" "$(rule_counter "$(line_of 10-web 'deny = read /srv/secret')")" 500
expect_equal "the audit rule's counter" "$(rule_counter "$(line_of 10-web 'audit = read')")" 1
expect_records 1 verdict=audit enforced=false object.path=/srv/watched $(rule 10-web 'audit = read')
expect_records 0 object.path=/srv/quiet
expect_equal "the container's audited" \
	"$(status_value '.containers[] | select(.cgroup == "/web").audited')" 1
