#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every shipped policy is valid without a warning, has a test that names it, and passes.
#	run.sh BAILIFF POLICIES
set -u
bailiff=$(realpath "$1")
cd "$2" || exit 1
failed=0

fail()
{
	echo "$*" >&2
	failed=1
}

count=0
for policy in *.ini; do
	[ -e "$policy" ] || continue
	case $policy in
	*.test.ini) continue ;;
	esac
	count=$((count + 1))
	test=${policy%.ini}.test.ini
	grep -qsxE "policy[[:blank:]]*=[[:blank:]]*$policy" "$test" || fail "$policy: no $test that names it"
done
[ "$count" -gt 0 ] || fail "no policies in $2"

summary=$("$bailiff" check .) || fail "not valid"
case $summary in
*", 0 warnings") ;;
*) fail "check says: $summary" ;;
esac

"$bailiff" test . || failed=1
exit $failed
