#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh must fail on a policy without a test, on a warning, and on an expectation that does not hold.
#	reject.sh RUNNER BAILIFF
set -u
runner=$1
bailiff=$(realpath "$2")
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

write_policy()
{
	printf '[policy]\nname = p\n[select]\ncgroup = /p\n[exec]\n%s\n' "$1" >"$dir/p.ini"
	printf '[test]\npolicy = p.ini\n[expect]\ndeny = exec /x\n' >"$dir/p.test.ini"
}

expect()
{
	"$runner" "$bailiff" "$dir" >"$dir/out" 2>&1
	code=$?
	if [ "$code" -ne "$1" ] || ! grep -qF "$2" "$dir/out"; then
		echo "expected exit $1 and '$2', got exit $code and:" >&2
		cat "$dir/out" >&2
		failed=1
	fi
}

write_policy 'deny = /x'
expect 0 '1 passed, 0 failed'
rm "$dir/p.test.ini"
expect 1 'p.ini: no p.test.ini that names it'
write_policy 'deny = /x /x'
expect 1 'check says: valid: 1 policy, 2 rules, 1 warning'
write_policy 'deny = /y'
expect 1 "expected deny of 'exec /x', got allow"
rm "$dir"/p.*
expect 1 'no policies in'
exit $failed
