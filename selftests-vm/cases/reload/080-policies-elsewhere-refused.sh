# SPDX-License-Identifier: GPL-2.0-or-later
# A reload that leads to files outside the daemon's sandbox is refused, with the reason; after a restart they are its
# own, and it can reload them. What was in force stays until then.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
bailiff_start
attack_denied in-cgroup /web

mkdir /srv/policies
mv "$policies"/* /srv/policies
rmdir "$policies"
ln -s /srv/policies "$policies"
bailiff_reload
expect_log "the daemon's sandbox allows the places that were configured when it started: restart it for others"
expect_records 1 record=reload outcome=refused
attack_denied in-cgroup /web

bailiff_stop
bailiff_start
attack_denied in-cgroup /web
bailiff_reload
expect_records 1 record=reload outcome=applied
attack_denied in-cgroup /web
rm -r "$policies"
