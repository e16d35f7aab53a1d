# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# Kernels: from the distribution's packages into the cache, unpacked and never installed.

kernel_names() {
	sed -n 's/^\([^#[:space:]][^[:space:]]*\)[[:space:]].*/\1/p' "$vm_dir/kernels.txt"
}

kernel_pattern() {
	sed -n "s/^${1//./\\.}[[:space:]]\\{1,\\}\\([^[:space:]]*\\).*/\\1/p" "$vm_dir/kernels.txt"
}

# Newest of the names on stdin that match a shell pattern.
newest_matching() {
	local name
	while read -r name; do
		# shellcheck disable=SC2053 # the right side is a pattern on purpose
		if [[ $name == $1 ]]; then
			echo "$name"
		fi
	done | sort -V | tail -n 1
}

# The unpacked package in the cache, or nothing.
kernel_cached() {
	local pattern package
	pattern=$(kernel_pattern "$1")
	[[ -d $cache_dir/kernels ]] || return 0
	package=$(find "$cache_dir/kernels" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' |
		newest_matching "$pattern")
	[[ -z $package ]] || echo "$cache_dir/kernels/$package"
}

# Brings the newest package for a kernel into the cache, unless it is there.
kernel_fetch() (
	pattern=$(kernel_pattern "$1")
	[[ -n $pattern ]] || die "kernel '$1' is not in kernels.txt"
	package=$(apt-cache pkgnames "${pattern%%\**}" | newest_matching "$pattern")
	[[ -n $package ]] || die "no package matches '$pattern'; does apt know the bookworm suites?"
	[[ ! -d $cache_dir/kernels/$package ]] || exit 0

	mkdir -p "$cache_dir/kernels"
	unpack=$(mktemp -d "$cache_dir/kernels/.unpack.XXXXXX") || exit
	trap 'rm -rf "$unpack"' EXIT
	cd "$unpack" || exit
	echo "fetching $package" >&2
	apt-get -qq -o APT::Sandbox::User=root download "$package" ||
		die "apt could not download $package"
	dpkg-deb -x "$package"_*.deb root || die "$package cannot be unpacked"
	mv root "$cache_dir/kernels/$package" || die "$cache_dir is not writable"
)

# Directory of a kernel, fetched if it has never been.
kernel_dir() {
	local dir
	dir=$(kernel_cached "$1")
	if [[ -z $dir ]]; then
		kernel_fetch "$1" || exit
		dir=$(kernel_cached "$1")
	fi
	echo "$dir"
}

kernel_image() {
	local dir
	dir=$(kernel_dir "$1") || exit
	echo "$dir"/boot/vmlinuz-*
}

# Modules that guests can load with modprobe, besides those they need.
readonly MODULES=(virtio_pci virtio_blk overlay loop btrfs xfs erofs vfat nls_cp437 nls_ascii
	binfmt_misc sctp smc vsock vsock_loopback af_alg tipc msr quota_v2)

# stage_module SOURCE DEST MODULE: one module, uncompressed.
stage_module() {
	local to=$2/${3%.xz}
	mkdir -p "$(dirname "$to")"
	case $3 in
	*.xz) xz -dc "$1/$3" >"$to" ;;
	*) cp "$1/$3" "$to" ;;
	esac
}

# A kernel's modules as an archive for its guests, one for each list of them there has been.
kernel_modules() (
	dir=$(kernel_dir "$1") || exit
	version=$(basename "$dir"/lib/modules/*)
	archive=$dir/modules-$(sha256sum <<<"${MODULES[*]}" | cut -c 1-16).cpio
	if [[ ! -e $archive ]]; then
		PATH=$PATH:/usr/sbin:/sbin
		source=$dir/lib/modules/$version
		tree=$(mktemp -d "$dir/modules.XXXXXX") || exit
		trap 'rm -rf "$tree"' EXIT
		depmod -b "$dir" "$version" || die "depmod could not read '$source'"
		mkdir -p "$tree/lib/modules/$version"
		cp "$source"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$version" || exit
		for module in "${MODULES[@]}"; do
			sed -n "s|^\(.*/$module\.ko[.xz]*\):|\1|p" "$source/modules.dep"
		done | tr -s ' ' '\n' | sort -u | while read -r file; do
			stage_module "$source" "$tree/lib/modules/$version" "$file" || exit
		done || die "the modules of $version cannot be unpacked"
		depmod -b "$tree" "$version" || die "depmod could not read '$tree'"
		pack_tree "$tree" >"$archive.$$" || exit
		mv "$archive.$$" "$archive"
	fi
	echo "$archive"
)
