# SPDX-License-Identifier: GPL-2.0-or-later
# An interpreter that the administrator has registered is decided as any other, also where it was opened beforehand.
. /guest/lib.sh

readonly binfmt=/proc/sys/fs/binfmt_misc

cgroup /web
module binfmt_misc
mount -t binfmt_misc binfmt_misc $binfmt
trap 'echo -1 >$binfmt/status; umount $binfmt' EXIT
program /srv/denied /srv/allowed
echo ":one:E::one::/srv/denied:" >$binfmt/register
echo ":two:E::two::/srv/denied:F" >$binfmt/register
echo ":three:E::three::/srv/allowed:" >$binfmt/register
for name in a.one b.two c.three d.three; do
	echo text >/srv/$name
	chmod 755 /srv/$name
	expect_allowed in-cgroup /web exec /srv/$name
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied /srv/d.three
END
bailiff_start

expect_denied in-cgroup /web exec /srv/a.one
expect_denied in-cgroup /web exec /srv/b.two
expect_records 2 operation=exec verdict=deny enforced=true object.path=/srv/denied \
	permissions.denied='["execute"]' $(rule 10-web 'deny = ')
expect_denied in-cgroup /web exec /srv/d.three
expect_records 1 operation=exec verdict=deny enforced=true object.path=/srv/d.three $(rule 10-web 'deny = ')
expect_allowed in-cgroup /web exec /srv/c.three
