#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A checker must fail on its bad sample, and say everything that is in the sample's file of expectations.
#	rejects.sh CHECK BAD
set -u
check=$1
bad=$2
argument=$bad
[ ! -e "$bad/bad.c" ] || argument=$bad/bad.c

if output=$("$check" "$argument" 2>&1); then
	echo "$check accepted $bad"
	exit 1
fi
failed=0
while IFS= read -r line; do
	case $output in
	*"$line"*) ;;
	*)
		echo "$check did not say: $line"
		failed=1
		;;
	esac
done <"$bad/expected"
[ $failed -eq 0 ] || printf 'It said:\n%s\n' "$output"
exit $failed
