# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# Names are compared whole, whatever their length and wherever the kernel keeps them.
. /guest/lib.sh

readonly LENGTHS="1 7 8 9 15 16 17 23 24 25 30 31 32 33 40 41"

# name LENGTH BYTE LAST
name() {
	printf "%$(($1 - 1))s%s" '' "$3" | sed "s/ /$2/g"
}

cgroup /web
long=/srv/$(name 255 l m)
secret "$long"
for length in $LENGTHS; do
	for last in c d; do
		secret "/srv/$(name "$length" a b)/$(name "$length" a $last)/x"
		expect_allowed in-cgroup /web open-read "/srv/$(name "$length" a b)/$(name "$length" a $last)/x"
	done
done

{
	cat <<-'END'
		[policy]
		name = web
		[select]
		cgroup = /web
		[file]
		deny = read /srv/l*lm
	END
	for length in $LENGTHS; do
		echo "deny = read /srv/$(name "$length" a b)/$(name "$length" a c)/x"
	done
} | policy 10-web
bailiff_start

for length in $LENGTHS; do
	denied=/srv/$(name "$length" a b)/$(name "$length" a c)/x
	expect_denied in-cgroup /web open-read "$denied"
	expect_allowed in-cgroup /web open-read "/srv/$(name "$length" a b)/$(name "$length" a d)/x"
	echo "$denied deny = read $denied" >>/run/case/expected
done
expect_denied in-cgroup /web open-read "$long"
echo "$long deny = read /srv/l*lm" >>/run/case/expected
expect_records 17 record=access operation=open verdict=deny enforced=true
jq -r 'select(.record == "access") | "\(.object.path) \(.rule.text)"' "$events" | sort -u >/run/case/recorded
sort /run/case/expected | diff - /run/case/recorded || fail "the records name other paths or rules"
