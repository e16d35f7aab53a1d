#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every header compiles alone and says what it is for; the contract with the kernel side compiles for it too.
#	headers.sh ROOT
set -u
cd "$1" || exit 2
failed=0

fail()
{
	echo "$*"
	failed=1
}

compile()
{
	header=$1
	shift
	printf '#include "%s"\n' "$header" | "$@" -x c -fsyntax-only -Wall -Wextra -Wundef -Werror -I. - ||
		fail "$header: does not compile alone"
}

for header in enforcer/*.h bpf/abi.h; do
	[ -e "$header" ] || continue
	grep -qx '#pragma once' "$header" || fail "$header: no '#pragma once'"
	sed -n 2p "$header" | grep -q '^/\*' || fail "$header: does not begin with what it is for"
	compile "$header" "${CC:-cc}" -std=gnu17 -D_GNU_SOURCE
done
[ ! -e bpf/abi.h ] || compile bpf/abi.h "${CLANG:-clang}" -target bpf -I"/usr/include/$(uname -m)-linux-gnu"
exit $failed
