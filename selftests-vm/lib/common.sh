# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2034,SC2154 # its variables cross files
# Where things are, and how the harness complains. Sourced by vm and bench.

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source_dir=$(dirname "$vm_dir")
cache_dir=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/bailiff
build_dir=${BAILIFF_BUILD:-$source_dir/build}

# Exit code of the harness itself going wrong, apart from any a guest command is likely to have.
readonly EXIT_HARNESS=125

die() {
	echo "${0##*/}: $*" >&2
	exit "$EXIT_HARNESS"
}

# Directory for this run, removed at exit. Never expires under a running machine.
make_work_dir() {
	work_dir=$(mktemp -d "${TMPDIR:-/tmp}/bailiff-vm.XXXXXX") || die "no temporary directory"
	trap 'rm -rf "$work_dir"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
}

now_ms() {
	local us=${EPOCHREALTIME/[.,]/}
	echo $((us / 1000))
}
