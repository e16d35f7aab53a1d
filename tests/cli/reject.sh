#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# run.sh must fail on other output, other errors, another exit code, and on a case without a command.
#	reject.sh RUNNER BAILIFF
set -u
runner=$1
bailiff=$2
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
failed=0

expect()
{
	cat >"$dir/case"
	"$runner" "$bailiff" "$dir/case" >"$dir/out" 2>&1
	code=$?
	if [ "$code" -ne "$1" ]; then
		echo "expected exit $1, got $code for:" >&2
		cat "$dir/case" >&2
		failed=1
	fi
}

expect 0 <<'END'
$ bailiff check
--- stderr
bailiff check: expected a policy file or a directory
Try 'bailiff help check'.
--- exit 2
END
expect 1 <<'END'
$ bailiff check
--- stderr
bailiff check: expected a policy file or a directory
Try 'bailiff help check'.
--- exit 1
END
expect 1 <<'END'
$ bailiff check
--- stderr
bailiff check: expected a policy file
Try 'bailiff help check'.
--- exit 2
END
expect 1 <<'END'
$ bailiff check
--- exit 2
END
expect 1 <<'END'
$ bailiff check web.ini
--- exit 0
END
expect 1 <<'END'
bailiff check
END
exit $failed
