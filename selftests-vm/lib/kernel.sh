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
