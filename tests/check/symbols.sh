#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Every global name begins with bl_.
#	symbols.sh FILE...	archives, programs (the objects meson linked), or C sources, which are compiled
set -u
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
failed=0
names=0

for file; do
	case $file in
	*.c)
		"${CC:-cc}" -c -o "$work/object.o" "$file" || exit 2
		objects=$work/object.o
		;;
	*.a) objects=$file ;;
	*) objects=$(echo "$file".p/*.o) ;;
	esac
	# shellcheck disable=SC2086
	nm --defined-only --extern-only $objects 2>/dev/null | awk 'NF == 3 { print $3 }' >"$work/names"
	names=$((names + $(wc -l <"$work/names")))
	# asan and ubsan make names of their own.
	if grep -vE '^(bl_|main$|__asan_|__odr_asan|__ubsan_|__sanitizer_|__sancov_)' "$work/names" >"$work/wrong"; then
		sed "s|^|$file: global name without bl_: |" "$work/wrong"
		failed=1
	fi
done
if [ "$names" -eq 0 ]; then
	echo "no global names in $*"
	failed=1
fi
exit $failed
