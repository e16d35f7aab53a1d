# SPDX-License-Identifier: GPL-2.0-or-later
# What may not be read can still be written.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public /srv/deep/er/secret
for verb in open-read open-rdwr open-write open-append; do
	expect_allowed in-cgroup /web $verb /srv/secret
done

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/**/secret
END
bailiff_start

expect_denied in-cgroup /web open-read /srv/secret
expect_records 1 operation=open verdict=deny enforced=true object.path=/srv/secret object.kind=file \
	container.cgroup=/web permissions.denied='["read"]' $(rule 10-web 'deny = read /srv/**/secret')
expect_denied in-cgroup /web open-rdwr /srv/secret
expect_denied in-cgroup /web open-read /srv/deep/er/secret
expect_records 1 object.path=/srv/deep/er/secret verdict=deny
expect_allowed in-cgroup /web open-write /srv/secret
expect_allowed in-cgroup /web open-append /srv/secret
expect_allowed in-cgroup /web open-read /srv/public
expect_allowed open-read /srv/secret
