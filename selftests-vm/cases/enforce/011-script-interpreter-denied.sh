# SPDX-License-Identifier: GPL-2.0-or-later
# A script may be executed, its interpreter may not.
. /guest/lib.sh

cgroup /web
program /srv/interpreter /srv/other
printf '#!/srv/interpreter\n' >/srv/script
printf '#!/srv/other\n' >/srv/other-script
chmod +x /srv/script /srv/other-script
expect_allowed in-cgroup /web exec /srv/script

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/interpreter
END
bailiff_start

expect_denied in-cgroup /web exec /srv/script
expect_records 1 operation=exec verdict=deny object.path=/srv/interpreter \
	$(rule 10-web 'deny = /srv/interpreter')
expect_records 0 operation=exec object.path=/srv/script
expect_allowed in-cgroup /web exec /srv/other-script
