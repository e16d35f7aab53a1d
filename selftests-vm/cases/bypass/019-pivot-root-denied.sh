# SPDX-License-Identifier: GPL-2.0-or-later
# Another root mount gives every file another name. Where nothing is denied that does no harm.
. /guest/lib.sh

cgroup /web /free
secret /srv/new/private/secret
mkdir /srv/new/proc
mount -t tmpfs tmpfs /srv/new
trap 'umount /srv/new' EXIT
secret /srv/new/private/secret
expect_allowed in-cgroup /web own-mounts pivot /srv/new
expect_allowed in-cgroup /web own-root /srv/new open-read /private/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/new/private/*
END
policy 20-free <<-'END'
	[policy]
	name = free
	[select]
	cgroup = /free
	[file]
	audit = read /private/*
END
bailiff_start

expect_denied in-cgroup /web own-mounts pivot /srv/new
expect_records 1 operation=mount verdict=deny enforced=true fail=alias container.cgroup=/web rule=null
expect_denied in-cgroup /web in-root /srv/new open-read /private/secret
expect_allowed in-cgroup /free own-mounts pivot /srv/new
expect_allowed in-cgroup /free own-root /srv/new open-read /private/secret
expect_records 1 operation=open verdict=audit object.path=/private/secret container.cgroup=/free
expect_allowed own-mounts pivot /srv/new
