# SPDX-License-Identifier: GPL-2.0-or-later
# Of several policies the most restrictive verdict holds: another policy can take away, not give back.
. /guest/lib.sh

cgroup /web
secret /srv/one /srv/two /srv/three
for file in one two three; do
	expect_allowed in-cgroup /web open-read /srv/$file
done

policy 10-first <<-'END'
	[policy]
	name = first
	[select]
	cgroup = /web
	[file]
	deny = read /srv/one
	allow = read /srv/two
END
policy 20-second <<-'END'
	[policy]
	name = second
	[select]
	cgroup = /w*
	[file]
	allow = read /srv/one
	deny = read /srv/two
END
bailiff_start

expect_denied in-cgroup /web open-read /srv/one
expect_denied in-cgroup /web open-read /srv/two
expect_records 1 verdict=deny policy=first object.path=/srv/one $(rule 10-first 'deny = read /srv/one')
expect_records 1 verdict=deny policy=second object.path=/srv/two $(rule 20-second 'deny = read /srv/two')
expect_allowed in-cgroup /web open-read /srv/three
