# SPDX-License-Identifier: GPL-2.0-or-later
# Somebody else's renames do not deny what is allowed, though each of them makes a path be resolved again.
. /guest/lib.sh

readonly TIMES=2000

cgroup /web
deep=/srv$(printf '%30s' '' | sed 's| |/d|g')
secret "$deep/public" /srv/secret /srv/unrelated/a
expect_allowed in-cgroup /web open-read "$deep/public"

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = read /srv/secret
END
bailiff_start

probe storm /srv/unrelated/a /srv/unrelated/b /run/case/stop &
storm=$!
expect_allowed in-cgroup /web hammer allowed $TIMES open-read "$deep/public"
touch /run/case/stop
expect_exit 0 $storm
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0
expect_denied in-cgroup /web open-read /srv/secret
