# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A directory is not moved or mounted to where the sockets in it would have names under which they may be reached.
. /guest/lib.sh

# tries STATEMENT
tries() {
	"$1" in-cgroup /web rename /srv/closed/a /srv/open/moved
	"$1" in-cgroup /web exchange /srv/open/empty /srv/closed/b
	"$1" in-cgroup /web own-mounts bind /srv/closed/c /srv/open/mounted
}

fresh() {
	rm -rf /srv/closed /srv/open
	mkdir -p /srv/closed/a /srv/closed/b /srv/closed/c /srv/open/empty /srv/open/mounted /srv/closed/empty
}

cgroup /web
fresh
tries expect_allowed
fresh
listen unix /srv/closed/a/socket unix /srv/closed/b/socket

for permission in connect send; do
	policy 10-web <<-END
		[policy]
		name = web
		[select]
		cgroup = /web
		[network]
		deny = $permission unix /srv/closed/*/*
	END
	if [ $permission = connect ]; then bailiff_start; else bailiff_reload; fi
	tries expect_denied
done
expect_records 2 operation=rename verdict=deny enforced=true fail=alias rule=null object.path=/srv/closed/a
expect_records 2 operation=rename fail=alias object.path=/srv/closed/b
expect_records 2 operation=mount fail=alias
expect_records 2 operation=rename fail=alias permissions.denied='["connect","send"]'
expect_records 2 operation=rename fail=alias permissions.denied='["send"]'
expect_records 6 record=access
expect_equal "undecided" "$(status_value '.containers[] | select(.cgroup == "/web").failed.alias')" 6
expect_allowed in-cgroup /web rename /srv/closed/a /srv/closed/d
expect_allowed in-cgroup /web rename /srv/open/empty /srv/closed/e
expect_allowed rename /srv/closed/b /srv/open/b
