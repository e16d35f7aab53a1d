# SPDX-License-Identifier: GPL-2.0-or-later
# Roots and working directories in /proc lead to the file, whose name is what it is.
. /guest/lib.sh

cgroup /web
secret /srv/secret /srv/public
expect_allowed in-cgroup /web open-read /proc/self/root/srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

expect_denied in-cgroup /web open-read /proc/self/root/srv/secret
expect_denied in-cgroup /web open-read /proc/1/root/srv/secret
expect_denied in-cgroup /web in-directory /srv open-read /proc/self/cwd/secret
expect_denied in-cgroup /web in-root /proc/self/root/srv open-read secret
expect_records 4 operation=open verdict=deny enforced=true object.path=/srv/secret \
	$(rule 10-web 'deny = read /srv/secret')
expect_allowed in-cgroup /web open-read /proc/self/root/srv/public
expect_allowed in-cgroup /web open-read /proc/1/root/srv/public
