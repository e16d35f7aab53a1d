# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# What the recipes of disks begin with, and part of them for the cache: disks/NAME FILE makes the disk FILE, a Debian from
# packages, with no privileges. $work_dir is the recipe's, as long as it runs.
set -eu -o pipefail

disk=$1
work_dir=$(mktemp -d "$disk.XXXXXX")
trap 'rm -rf "$work_dir"' EXIT

# bootstrap ARG...: a Debian as a tar archive on stdout.
bootstrap() {
	mmdebstrap --quiet --format=tar --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
		--dpkgopt='path-exclude=/usr/share/locale/*' "$@" bookworm -
}

# make_disk SIZE PACKAGES [FILE]: a system with these packages and what they depend on, and the file in its /root.
make_disk() {
	bootstrap --variant=minbase --aptopt='APT::Install-Recommends "false"' --include="$2" >"$work_dir/disk.tar"
	# Owners and devices as in the archive need no root: fakeroot remembers them.
	# shellcheck disable=SC2016 # for that shell
	fakeroot -- sh -eu -c '
		mkdir "$1/root"
		tar -x -f "$1/disk.tar" -C "$1/root"
		[ -z "$3" ] || mv "$3" "$1/root/root/"
		truncate -s "$2" "$1/disk"
		PATH=$PATH:/usr/sbin:/sbin mke2fs -q -F -t ext4 -O ^has_journal -d "$1/root" "$1/disk"
	' sh "$work_dir" "$1" "${3-}"
	mv "$work_dir/disk" "$disk"
}
