# SPDX-License-Identifier: GPL-2.0-or-later
# What is done through a ring is done by the task or by a thread of its own that has its label.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
listen tcp4 127.0.0.1 8080 tcp4 127.0.0.1 8081
for where in here worker polled personality; do
	expect_allowed in-cgroup /web ring $where open-read /srv/secret
done
expect_allowed in-cgroup /web connect-ring 127.0.0.1 8080

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
	[network]
	deny = connect tcp 127.0.0.1:8080
END
bailiff_start

for where in here worker polled personality; do
	expect_denied in-cgroup /web ring $where open-read /srv/secret
	expect_allowed in-cgroup /web ring $where open-read /srv/public
done
expect_records 4 operation=open verdict=deny enforced=true object.path=/srv/secret \
	container.cgroup=/web $(rule 10-web 'deny = read')
expect_denied in-cgroup /web connect-ring 127.0.0.1 8080
expect_records 1 operation=connect verdict=deny enforced=true object.port=8080 \
	$(rule 10-web 'deny = connect')
expect_allowed in-cgroup /web connect-ring 127.0.0.1 8081
