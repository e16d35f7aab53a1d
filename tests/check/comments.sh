#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every file names its licence, and the right one; no left-overs in comments, no empty words in messages.
#	comments.sh ROOT
set -u
cd "$1" || exit 2
failed=0

forbid()
{
	why=$1
	shift
	if find bpf enforcer tests selftests-vm tools -path tests/check -prune -o -path '*/data/*' -prune -o \
		-type f \( -name '*.[ch]' -o -name '*.sh' \) -print 2>/dev/null | sort | xargs grep -nE "$@" /dev/null; then
		echo "	$why"
		failed=1
	fi
}

forbid 'write an issue, not a reminder' '\<(TODO|FIXME|XXX|HACK)\>[^X]'
forbid 'code is removed, not switched off' '^#[[:blank:]]*if 0\>'
forbid 'code is removed, not commented out' \
	'^[[:blank:]]*(//|/\*|\*)[[:blank:]]+(.*[a-z0-9_]\([^()]*\)|[][a-z0-9_.>-]+ [-+|&]?= [^;]*|(return|goto|break|continue)[^;.]*);([[:blank:]]*\*/)?$'
forbid 'say what is wrong' -i '"[^"]*(unknown error|something went wrong|an error occurred|internal error)'
forbid 'comments describe the code, not its history' -i '(//|/\*|^[[:blank:]]*\*).*\<(as before|used to be|phase [0-9])\>'

for file in $(find bpf enforcer tests -path tests/check/bad -prune -o -path '*/cases' -prune -o -path '*/data' -prune -o \
	-path '*/corpus*' -prune -o -type f \( -name '*.[ch]' -o -name '*.sh' -o -name meson.build \) -print | sort); do
	case $file in
	bpf/*.[ch]) licence='GPL-2.0' ;;
	*) licence='GPL-2.0-or-later' ;;
	esac
	head -n 2 "$file" | grep -qE "SPDX-License-Identifier: $licence( \*/)?\$" || {
		echo "$file: expected 'SPDX-License-Identifier: $licence' in the first two lines"
		failed=1
	}
done
exit $failed
