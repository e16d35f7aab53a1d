# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A program in memory has no path to decide: it runs where every policy with [exec] says that it may, and is told of where
# one says audit. What is mapped has only to be not denied.
. /guest/lib.sh

exec_policy() {
	{
		cat <<-END
			[policy]
			name = $1
			[select]
			cgroup = $2
			[exec]
			deny = /srv/denied
		END
		[ -z "$3" ] || echo "memory = $3"
	} | policy "$1"
}

cgroup /unset /allow /audit /one /file
program /srv/denied
for group in unset allow audit one file; do
	expect_allowed in-cgroup /$group exec-memory
	expect_allowed in-cgroup /$group map-memory
done
exec_policy 10-unset /unset ''
exec_policy 20-allow /allow allow
exec_policy 30-audit /audit audit
exec_policy 40-one /one allow
exec_policy 50-two /one ''
exec_policy 60-file /file allow
policy 70-file <<-'END'
	[policy]
	name = file
	[select]
	cgroup = /file
	[file]
	deny = read /srv/secret
END
bailiff_start

for group in unset one; do
	expect_denied in-cgroup /$group exec-memory
	expect_records 1 operation=exec verdict=deny enforced=true fail=internal container.cgroup=/$group rule=null
	expect_allowed in-cgroup /$group map-memory
	expect_allowed in-cgroup /$group attach-shared
	expect_allowed in-cgroup /$group exec-unnamed /srv
done
for group in allow audit file; do
	expect_allowed in-cgroup /$group exec-memory
	expect_allowed in-cgroup /$group map-memory
	expect_denied in-cgroup /$group exec /srv/denied
done
expect_records 1 operation=exec verdict=audit enforced=false permissions.audited='["memory"]' \
	container.cgroup=/audit $(rule 30-audit 'memory = audit')
expect_records 1 operation=map verdict=audit enforced=false permissions.audited='["memory"]' \
	container.cgroup=/audit $(rule 30-audit 'memory = audit')
expect_records 7 record=access
