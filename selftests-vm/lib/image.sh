# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# The guest's file system: a tree staged on the host, packed as an initramfs. The kernel unpacks archives
# one after the other, so what all machines share is packed once and the rest of a run is appended.

# Adds a host file to a staged tree, with the libraries it is linked to.
stage_file() {
	local tree=$1 from=$2 to=$3 library
	[[ -e $from ]] || die "'$from' does not exist"
	mkdir -p "$tree$(dirname "$to")"
	cp -aL "$from" "$tree$to" || die "'$from' cannot be copied"
	[[ -f $from ]] || return 0
	while read -r library; do
		[[ -e $tree$library ]] || {
			mkdir -p "$tree$(dirname "$library")"
			cp -L "$library" "$tree$library" || die "'$library' cannot be copied"
		}
	done < <(ldd "$from" 2>/dev/null | sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p')
}

# Adds a file of packaging/, as it is installed below /usr.
stage_template() {
	local tree=$1 from=$2 to=$3
	mkdir -p "$tree$(dirname "$to")"
	sed 's|@libexecdir@|/usr/libexec|g' "$from" >"$tree$to" || die "'$from' cannot be staged"
	chmod 755 "$tree$to"
}

pack_tree() {
	(cd "$1" && find . -print0 | cpio -0 -o -H newc -R 0:0 --quiet) || die "cpio could not pack '$1'"
}

# build_guest_program SOURCE NAME [FLAG]...: a guest program of SOURCE.c and SOURCE_*.c, built again when any of it is
# newer.
build_guest_program() {
	local source=$1 program=$cache_dir/guest/$2
	shift 2
	if [[ ! -e $program || -n $(find "${source%.c}"[._]* "${BASH_SOURCE[0]}" -newer "$program") ]]; then
		mkdir -p "$cache_dir/guest"
		cc -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wformat=2 -Wshadow -Wvla \
			-Wmissing-prototypes -Wno-unused-parameter -Werror -o "$program.$$" "${source%.c}"[._]*c "$@" || die "'$source' does not build"
		mv "$program.$$" "$program"
	fi
	echo "$program"
}

# What makes the file systems that cases mount, under the names that mount(8) has for them.
readonly MKFS=(mkfs.ext4 mkfs.btrfs mkfs.xfs mkfs.erofs)

# What every guest has: busybox, jq, mkfs, the probe, its init, the shipped policies, and - once built - bailiff.
stage_base() {
	local tree=$1 file
	mkdir -p "$tree"/{bin,sbin,dev,proc,sys,tmp,run,root,etc,usr/bin,usr/sbin,guest}
	stage_file "$tree" /bin/busybox /bin/busybox
	for file in "$vm_dir"/guest/*; do
		stage_file "$tree" "$file" "/guest/${file##*/}"
	done
	ln -s /guest/init "$tree/init"
	stage_file "$tree" "$source_dir/policies" /guest/policies
	if [[ -x $build_dir/enforcer/bailiff ]]; then
		stage_file "$tree" "$build_dir/enforcer/bailiff" /usr/sbin/bailiff
		stage_file "$tree" "$build_dir/enforcer/bailiff-oci-hook" /usr/libexec/bailiff/bailiff-oci-hook
		stage_template "$tree" "$source_dir/packaging/bailiff-oci-runtime.in" /usr/libexec/bailiff/bailiff-oci-runtime
		stage_template "$tree" "$source_dir/packaging/hooks.d/50-bailiff.json.in" \
			/usr/share/containers/oci/hooks.d/50-bailiff.json
	else
		echo "${0##*/}: there is no bailiff in $build_dir: the guest has none" >&2
	fi
	stage_file "$tree" "$(command -v jq)" /usr/bin/jq
	for file in "${MKFS[@]}"; do
		stage_file "$tree" "$(PATH=$PATH:/usr/sbin:/sbin command -v "$file")" "/usr/sbin/$file"
	done
	# Static: the same file runs in any root.
	file=$(build_guest_program "$vm_dir/probes/probe.c" probe -static -pthread) || exit
	stage_file "$tree" "$file" /usr/bin/probe
	file=$(build_guest_program "$vm_dir/probes/first.c" first -static -nostdlib -ffreestanding -fno-stack-protector) || exit
	stage_file "$tree" "$file" /usr/bin/first
	file=$(build_guest_program "$vm_dir/probes/inside.c" inside.so -shared -fPIC) || exit
	stage_file "$tree" "$file" /guest/inside.so
	file=$(build_guest_program "$vm_dir/probes/faults.c" faults.so -shared -fPIC) || exit
	stage_file "$tree" "$file" /guest/faults.so
}
