# SPDX-License-Identifier: GPL-2.0-or-later
# A program is decided by its name also when it is executed by a descriptor; one in memory has no name, and is not guessed.
. /guest/lib.sh

cgroup /web
program /srv/denied /srv/allowed
expect_allowed in-cgroup /web exec-descriptor /srv/denied
expect_allowed in-cgroup /web exec-memory

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
bailiff_start

expect_denied in-cgroup /web exec-descriptor /srv/denied
expect_denied in-cgroup /web exec /proc/self/root/srv/denied
expect_records 2 operation=exec verdict=deny enforced=true object.path=/srv/denied \
	$(rule 10-web 'deny = /srv/denied')
expect_denied in-cgroup /web exec-memory
expect_records 1 operation=exec verdict=deny enforced=true fail=internal rule=null
expect_allowed in-cgroup /web exec-descriptor /srv/allowed
expect_allowed exec-memory
