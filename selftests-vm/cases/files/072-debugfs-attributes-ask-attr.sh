# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# Attributes ask attr in debugfs, tracefs and securityfs, too, which the kernel has mounted itself.
. /guest/lib.sh

readonly DENIED="/sys/kernel/debug/suspend_stats /sys/kernel/tracing/buffer_size_kb
	/sys/kernel/security/lsm"
readonly OTHERS="/sys/kernel/debug/sleep_time /sys/kernel/tracing/buffer_percent
	/sys/kernel/security/lockdown"

# changes STATEMENT FILE...
changes() {
	local statement=$1 file verb
	shift
	for file; do
		for verb in change-mode change-mode-at change-owner change-owner-at \
			change-times touch-at; do
			"$statement" in-cgroup /web $verb "$file"
		done
		for verb in change-mode change-owner change-times; do
			"$statement" holding r "$file" in-cgroup /web $verb held
		done
	done
}

cgroup /web
mount -t debugfs debugfs /sys/kernel/debug
# shellcheck disable=SC2086 # they are several
before=$(stat -c '%a %n' $DENIED $OTHERS)
changes expect_allowed $DENIED

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /web
	[file]
	deny = attr /sys/kernel/debug/suspend_stats
	deny = attr /sys/kernel/tracing/buffer_size_kb
	deny = attr /sys/kernel/security/lsm
END
bailiff_start

changes expect_denied $DENIED
for file in $DENIED; do
	expect_records 9 operation=attr verdict=deny enforced=true object.path="$file" \
		$(rule 10-web "deny = attr $file")
done
expect_records 27 record=access
changes expect_allowed $OTHERS
expect_allowed in-cgroup /web open-read /sys/kernel/debug/suspend_stats
expect_records 27 record=access
expect_equal "undecided" "$(status_value '[.containers[].failed | add // 0] | add')" 0

echo "$before" | while read -r mode file; do
	chmod "$mode" "$file"
	chown 0:0 "$file"
done
umount /sys/kernel/debug
