# SPDX-License-Identifier: GPL-2.0-or-later
# The configuration is read again too; what is wrong with it is named, and nothing changes.
. /guest/lib.sh

cgroup /web
attack_set_up
attack_policy /web
printf '[daemon]\nlog_level = info\n' >/run/case/bailiff.ini
bailiff_start --config /run/case/bailiff.ini
attack_denied in-cgroup /web

printf '[daemon]\naudit = perhaps\n' >/run/case/bailiff.ini
bailiff_reload
expect_log "/run/case/bailiff.ini:2:9: "
expect_records 1 record=reload outcome=refused
attack_denied in-cgroup /web

# What can be taken over is: the dry run, and back.
printf '[daemon]\naudit = yes\n' >/run/case/bailiff.ini
bailiff_reload
expect_equal "audit_forced" "$(status_value .audit_forced)" true
attack_allowed in-cgroup /web
printf '[daemon]\naudit = no\n' >/run/case/bailiff.ini
bailiff_reload
expect_equal "audit_forced" "$(status_value .audit_forced)" false
attack_denied in-cgroup /web
