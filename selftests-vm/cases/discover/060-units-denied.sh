# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# A policy selects a unit of systemd: the kernel binds its cgroup when it is made, whether or not a daemon runs. A cgroup
# of that name elsewhere is no unit.
. /guest/lib.sh
. /guest/containers.sh

secret /srv/secret
policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	unit = nginx.service
	unit = worker@*.service
	[file]
	deny = read /srv/secret
END
readonly UNITS="/system.slice/nginx.service /system.slice/system-worker.slice/worker@1.service
	/user.slice/user-1000.slice/user@1000.service/app.slice/nginx.service /system.slice/nginx.service/inner"
readonly OTHERS="/system.slice/httpd.service /system.slice/worker@.slice /machine.slice/box.scope/nginx.service"

units() {
	local unit
	for unit in $UNITS; do
		"$1" in-cgroup "$unit" open-read /srv/secret
		"$1" fork-into-cgroup "$unit" open-read /srv/secret
	done
}

# Of cgroups below others the deepest first.
remove_cgroups() {
	local path
	find /sys/fs/cgroup/system.slice /sys/fs/cgroup/user.slice -depth -mindepth 1 -type d |
		while read -r path; do
			rmdir "$path"
		done
}

cgroup $UNITS $OTHERS
units expect_allowed
bailiff_start
units expect_denied
for other in $OTHERS; do
	expect_allowed in-cgroup "$other" open-read /srv/secret
done
expect_records 8 policy=web object.path=/srv/secret
expect_equal "units in ps" "$(bailiff ps --json | jq -r '[.containers[] | "\(.runtime) \(.unit) \(.policies[])"] | sort | join(" ")')" \
	"systemd nginx.service web systemd user@1000.service web systemd worker@1.service web"

bailiff_stop KILL
remove_cgroups
cgroup $UNITS
units expect_denied
