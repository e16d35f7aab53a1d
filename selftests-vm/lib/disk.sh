# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# Disks for machines that need a whole system: made by the recipe disks/NAME into the cache, and again when that
# changes. A machine's writes are not kept.

disk_names() {
	local recipe
	for recipe in "$vm_dir"/disks/*; do
		echo "${recipe##*/}"
	done
}

# The disk of a name in the cache, whether it is there or not; the recipe and what it begins with are part of its own name.
disk_cached() {
	local recipe=$vm_dir/disks/$1 hash
	[[ -f $recipe ]] || die "there is no recipe for a disk '$1'"
	hash=$(cat "$recipe" "$vm_dir/lib/recipe.sh" | sha256sum) || exit
	echo "$cache_dir/disks/$1-${hash:0:16}"
}

# Makes a disk unless it is there. Whoever comes second waits.
disk_make() (
	disk=$(disk_cached "$1") || exit
	mkdir -p "$cache_dir/disks"
	exec {lock}>"$cache_dir/disks/.lock" || exit
	flock "$lock" || exit
	[[ ! -e $disk ]] || exit 0
	echo "making the disk '$1'" >&2
	rm -rf "$cache_dir/disks/$1"-*
	"$vm_dir/disks/$1" "$disk" >&2 || die "the disk '$1' could not be made"
)

# disk_args NAME: what gives a machine that disk, as its first; for "none" nothing.
disk_args() {
	[[ $1 != none ]] || return 0
	printf '%s\n' -drive "file=$(disk_cached "$1"),if=none,id=disk,format=raw,snapshot=on" \
		-device virtio-blk-pci,drive=disk
}
