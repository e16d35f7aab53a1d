# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# drift = audit tells and allows, allow neither, log=off denies in silence, and of several policies the strictest holds.
. /guest/lib.sh

drift_policy() {
	policy "$1" <<-END
		[policy]
		name = $1
		[select]
		cgroup = $2
		[exec]
		drift = $3
	END
}

cgroup /audit /allow /quiet /both
overlay /srv/root
trap 'umount /srv/root' EXIT
cp /srv/root/bin/program /srv/root/bin/new
for group in audit allow quiet both; do
	expect_allowed in-cgroup /$group exec /srv/root/bin/new
done
drift_policy 10-audit /audit audit
drift_policy 20-allow /allow allow
drift_policy 30-quiet /quiet 'deny log=off'
drift_policy 40-both /both audit
drift_policy 50-both /both deny
bailiff_start

expect_allowed in-cgroup /audit exec /srv/root/bin/new
expect_records 1 verdict=audit enforced=false operation=exec permissions.audited='["drift"]' \
	container.cgroup=/audit object.path=/srv/root/bin/new $(rule 10-audit 'drift = audit')
expect_allowed in-cgroup /allow exec /srv/root/bin/new
expect_denied in-cgroup /quiet exec /srv/root/bin/new
expect_denied in-cgroup /both exec /srv/root/bin/new
expect_records 1 verdict=deny enforced=true container.cgroup=/both $(rule 50-both 'drift = deny')
expect_records 2 record=access
for group in audit allow quiet both; do
	expect_allowed in-cgroup /$group exec /srv/root/bin/program
done
