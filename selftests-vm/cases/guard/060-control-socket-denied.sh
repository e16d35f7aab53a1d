# SPDX-License-Identifier: GPL-2.0-or-later
# The daemon is asked nothing by confined tasks, root or not, whether their policies are about networks or not.
. /guest/lib.sh

for name in web box; do
	policy "10-$name" <<-END
		[policy]
		name = $name
		[select]
		cgroup = /$name
		$([ $name = web ] && echo '[network]' || echo '[exec]')
		deny = $([ $name = web ] && echo 'connect tcp *' || echo /srv/denied)
	END
done
cgroup /web /box
listen unix /srv/socket
expect_allowed in-cgroup /web connect-unix /srv/socket
bailiff_start

for cgroup in /web /box; do
	expect_denied in-cgroup $cgroup connect-unix /run/bailiff/bailiff.sock
	expect_records 1 operation=connect verdict=deny enforced=true fail=engine object.path=/run/bailiff/bailiff.sock \
		object.kind=unix permissions.denied='["connect"]' container.cgroup=$cgroup
	expect_allowed in-cgroup $cgroup connect-unix /srv/socket
done
expect_allowed connect-unix /run/bailiff/bailiff.sock
expect_records 2 record=access
