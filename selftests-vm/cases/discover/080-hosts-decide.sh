# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A policy is for some hosts: on others it is as if it were off, and status says so.
. /guest/lib.sh

secret /srv/secret /srv/other
for host in node-1 node-2; do
	policy "10-$host" <<-END
		[policy]
		name = $host
		[select]
		cgroup = /web
		host = ${host%?}[${host#node-}]
		[file]
		deny = read /srv/$([ $host = node-1 ] && echo secret || echo other)
	END
done
printf '[records]\nnode = node-1\n' >/etc/bailiff/bailiff.ini
cgroup /web
expect_allowed in-cgroup /web open-read /srv/secret
bailiff_start --config /etc/bailiff/bailiff.ini
expect_denied in-cgroup /web open-read /srv/secret
expect_allowed in-cgroup /web open-read /srv/other
expect_equal "elsewhere" "$(status_value '[.policies[] | select(.elsewhere).name] | join(" ")')" node-2
expect_equal "in force" "$(status_value '.containers[].policies | join(" ")')" node-1
