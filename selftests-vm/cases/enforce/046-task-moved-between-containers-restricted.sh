# SPDX-License-Identifier: GPL-2.0-or-later
# A task that was in two containers is held by both policies, whichever it is in.
. /guest/lib.sh

cgroup /web /mail
secret /srv/web-secret /srv/mail-secret /srv/public
for file in web-secret mail-secret; do
	expect_allowed in-cgroup /web in-cgroup /mail open-read /srv/$file
done

for name in web mail; do
	policy $name <<-END
		[policy]
		name = $name
		[select]
		cgroup = /$name
		[file]
		deny = read /srv/$name-secret
	END
done
bailiff_start

expect_denied in-cgroup /web in-cgroup /mail open-read /srv/web-secret
expect_denied in-cgroup /web in-cgroup /mail open-read /srv/mail-secret
expect_denied in-cgroup /web in-cgroup /mail in-cgroup /web open-read /srv/mail-secret
expect_allowed in-cgroup /web in-cgroup /mail open-read /srv/public
expect_allowed in-cgroup /web open-read /srv/mail-secret
expect_allowed in-cgroup /mail open-read /srv/web-secret
expect_records 1 policy=web verdict=deny
expect_records 2 policy=mail verdict=deny
