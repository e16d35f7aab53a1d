# SPDX-License-Identifier: GPL-2.0-or-later
# A container that is gone is not listed beside one of the same name, and does not take its counters along.
. /guest/lib.sh

cgroup /web
secret /srv/secret
expect_allowed in-cgroup /web open-read /srv/secret

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start
expect_denied in-cgroup /web open-read /srv/secret
expect_equal "denials" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 1

rmdir /sys/fs/cgroup/web
cgroup /web
bailiff_reload
expect_denied in-cgroup /web open-read /srv/secret
expect_denied in-cgroup /web open-read /srv/secret
expect_equal "denials" "$(status_value '.containers[] | select(.cgroup == "/web").denied')" 2
