# SPDX-License-Identifier: GPL-2.0-or-later
# A program that runs already is not started again through /proc.
. /guest/lib.sh

cgroup /web
program /srv/denied/probe /srv/allowed/probe
expect_allowed as /srv/denied/probe in-cgroup /web exec /proc/self/exe

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied/**
END
bailiff_start

expect_denied as /srv/denied/probe in-cgroup /web exec /proc/self/exe
expect_denied as /srv/denied/probe in-cgroup /web in-fork exec-descriptor /proc/self/exe
expect_records 2 operation=exec verdict=deny enforced=true object.path=/srv/denied/probe \
	$(rule 10-web 'deny = /srv/denied')
expect_allowed as /srv/allowed/probe in-cgroup /web exec /proc/self/exe
