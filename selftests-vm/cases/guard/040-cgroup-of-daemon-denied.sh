# SPDX-License-Identifier: GPL-2.0-or-later
# What kills or freezes the cgroup that the daemon is in, or one above it, is not written to by confined tasks; that of
# others is.
. /guest/lib.sh

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[exec]
	deny = /srv/denied
END
cgroup /web /engine/inner /other
echo $$ >/sys/fs/cgroup/engine/inner/cgroup.procs
files="/engine/cgroup.kill /engine/cgroup.freeze /engine/inner/cgroup.kill /engine/inner/cgroup.freeze"
for file in $files; do
	expect_allowed in-cgroup /web open-write /sys/fs/cgroup$file
done
bailiff_start

for file in $files; do
	expect_denied in-cgroup /web open-write /sys/fs/cgroup$file
	expect_records 1 operation=open verdict=deny enforced=true fail=engine object.path=/sys/fs/cgroup$file \
		permissions.denied='["write"]' container.cgroup=/web
done
expect_allowed in-cgroup /web open-write /sys/fs/cgroup/other/cgroup.kill
expect_allowed in-cgroup /web open-write /sys/fs/cgroup/web/cgroup.freeze
expect_allowed in-cgroup /web open-read /sys/fs/cgroup/engine/cgroup.freeze
expect_allowed open-write /sys/fs/cgroup/engine/cgroup.freeze
bailiff_stop TERM
echo $$ >/sys/fs/cgroup/cgroup.procs
