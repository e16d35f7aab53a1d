# SPDX-License-Identifier: GPL-2.0-or-later
# The interpreter may be executed, the script may not.
. /guest/lib.sh

cgroup /web
program /srv/interpreter
printf '#!/srv/interpreter\n' | tee /srv/script >/srv/other-script
chmod +x /srv/script /srv/other-script
expect_allowed in-cgroup /web exec /srv/script

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/script
END
bailiff_start

expect_denied in-cgroup /web exec /srv/script
expect_records 1 operation=exec verdict=deny object.path=/srv/script $(rule 10-web 'deny = /srv/script')
expect_allowed in-cgroup /web exec /srv/interpreter
expect_allowed in-cgroup /web exec /srv/other-script
