# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 500
# A denied capability is not used by who holds all of them, and the others are; one that is allowed under "default = deny" is
# used, and the others are not.
. /guest/lib.sh

readonly CAPABILITIES="chown dac_override fowner kill setgid setuid setpcap linux_immutable net_bind_service net_admin
	net_raw ipc_lock sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin sys_boot sys_nice sys_resource sys_time
	sys_tty_config mknod lease setfcap wake_alarm audit_read"

# use STATEMENT CAPABILITY CGROUP
use() {
	local argument=
	case $2 in
	chown | setfcap) argument=/srv/own ;;
	dac_override) argument=/srv/closed ;;
	fowner | lease) argument=/srv/other ;;
	linux_immutable) argument=/srv/disk/file ;;
	mknod) argument=/srv/device ;;
	kill | sys_ptrace) argument=$other ;;
	esac
	"$1" in-cgroup "$3" use "$2" $argument
}

# A capability that is not this one.
another() {
	case $1 in
	chown) echo net_raw ;;
	*) echo chown ;;
	esac
}

secret /srv/own /srv/closed /srv/other
chown 1000 /srv/closed /srv/other
chmod 0 /srv/closed
file_system ext4 /srv/disk 16M
trap 'umount /srv/disk' EXIT
secret /srv/disk/file
chmod 777 /run/case
process other as-user 1000
for capability in $CAPABILITIES; do
	cgroup "/deny-$capability" "/allow-$capability"
	use expect_allowed "$capability" "/deny-$capability"
done

for capability in $CAPABILITIES; do
	policy "10-deny-$capability" <<-END
		[policy]
		name = deny-$capability
		[select]
		cgroup = /deny-$capability
		[capability]
		deny = $capability
	END
	policy "20-allow-$capability" <<-END
		[policy]
		name = allow-$capability
		[select]
		cgroup = /allow-$capability
		[capability]
		default = deny
		allow = $capability
	END
done
bailiff_start

count=0
for capability in $CAPABILITIES; do
	count=$((count + 2))
	use expect_denied "$capability" "/deny-$capability"
	use expect_denied "$(another "$capability")" "/allow-$capability"
	expect_records 1 record=access operation=capability verdict=deny enforced=true mode=enforce \
		policy="deny-$capability" permissions.denied='["use"]' object.kind=capability object.name="$capability" \
		container.cgroup="/deny-$capability" $(rule "10-deny-$capability" "deny = $capability")
	expect_records 1 operation=capability object.name="$(another "$capability")" \
		container.cgroup="/allow-$capability" $(rule "20-allow-$capability" 'default = deny')
	expect_counted 1 "10-deny-$capability" "deny = $capability"
	use expect_allowed "$(another "$capability")" "/deny-$capability"
	use expect_allowed "$capability" "/allow-$capability"
	use expect_allowed "$capability" /
done
expect_records $count record=access
