# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# Time of the guest, for statements about durations.

uptime_ms() {
	local uptime
	read -r uptime _ </proc/uptime
	echo "${uptime%.*}${uptime#*.}0"
}
