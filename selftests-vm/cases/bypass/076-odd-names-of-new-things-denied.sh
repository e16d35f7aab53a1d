# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Names that are made, changed and removed are bytes too, up to the longest; the records of it are JSON.
. /guest/lib.sh

readonly ODD="new
line"
byte=$(printf 'a\377\001b')
long=$(printf '%255s' '' | sed 's/ /l/g')

cgroup /web
for place in /srv/odd /srv/even; do
	for name in "$ODD" "$byte" "$long" 'star*' '"quoted"'; do
		secret "$place/old/$name" "$place/file"
		expect_allowed in-cgroup /web make directory "$place/$name"
		expect_allowed in-cgroup /web rename "$place/$name" "$place/other"
		expect_allowed in-cgroup /web change-mode "$place/old/$name"
		expect_allowed in-cgroup /web unlink "$place/old/$name"
		rm -r "$place"
		secret "$place/old/$name" "$place/file"
	done
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = create delete attr /srv/odd/**
END
bailiff_start

for name in "$ODD" "$byte" "$long" 'star*' '"quoted"'; do
	for place in /srv/odd /srv/even; do
		rm -r "$place"
		secret "$place/old/$name" "$place/file"
	done
	expect_denied in-cgroup /web make directory "/srv/odd/$name"
	expect_denied in-cgroup /web rename /srv/even/file "/srv/odd/$name"
	expect_denied in-cgroup /web change-mode "/srv/odd/old/$name"
	expect_denied in-cgroup /web unlink "/srv/odd/old/$name"
	expect_allowed in-cgroup /web make directory "/srv/even/$name"
	expect_allowed in-cgroup /web rename "/srv/even/$name" /srv/even/other
	expect_allowed in-cgroup /web change-mode "/srv/even/old/$name"
	expect_allowed in-cgroup /web unlink "/srv/even/old/$name"
done
expect_records 20 verdict=deny enforced=true $(rule 10-web 'deny = create')
for shown in 'new\x0aline' 'a\xff\x01b' "$long" 'star*' '"quoted"'; do
	expect_records 1 operation=create object.path="/srv/odd/$shown"
	expect_records 1 operation=rename object.path="/srv/odd/$shown"
	expect_records 1 operation=attr object.path="/srv/odd/old/$shown"
	expect_records 1 operation=delete object.path="/srv/odd/old/$shown"
done
