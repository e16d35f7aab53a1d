# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A name is bytes: none of them ends it, splits it or is taken for a pattern.
. /guest/lib.sh

readonly ODD="new
line"
byte=$(printf 'a\377\001b')

cgroup /web
mkdir -p /srv/odd
for name in "$ODD" "$byte" 'star*' 'back\slash' 'semi ; colon' ' ' '...' '[a]'; do
	secret "/srv/odd/$name" "/srv/even/$name"
	expect_allowed in-cgroup /web open-read "/srv/odd/$name"
done
secret '/srv/*' /srv/x

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/odd/*
	deny = read /srv/\*
END
bailiff_start

for name in "$ODD" "$byte" 'star*' 'back\slash' 'semi ; colon' ' ' '...' '[a]'; do
	expect_denied in-cgroup /web open-read "/srv/odd/$name"
	expect_allowed in-cgroup /web open-read "/srv/even/$name"
done
expect_records 8 operation=open verdict=deny enforced=true $(rule 10-web 'deny = read /srv/odd/*')
expect_records 1 object.path='/srv/odd/new\x0aline' verdict=deny
expect_records 1 object.path='/srv/odd/a\xff\x01b' verdict=deny
expect_records 1 object.path='/srv/odd/back\\slash' verdict=deny
expect_denied in-cgroup /web open-read '/srv/*'
expect_records 1 object.path='/srv/*' verdict=deny
expect_allowed in-cgroup /web open-read /srv/x
