# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# In a new mount namespace: makes the disk its root, and keeps it.
set -eu

readonly root=/run/case/disk

mkdir -p "$root"
mount -t ext4 /dev/vda "$root"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mkdir "$root/run/case"
mount --bind /run/case "$root/run/case"
cd "$root"
pivot_root . mnt
cd /
umount -l /mnt
: >/run/case/debian
exec sleep 100000
