#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# A case is a transcript: the command line, then exactly what it prints and its exit code. Run in data/.
#	run.sh BAILIFF CASE...		compares
#	run.sh --update BAILIFF CASE...	writes what is printed into the cases, to be reviewed
set -u
update=
if [ "$1" = --update ]; then
	update=1
	shift
fi
bailiff=$(realpath "$1")
shift
data=$(dirname "$(realpath "$0")")/data
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

transcribe()
{
	printf '%s\n' "$command"
	cat "$work/stdout"
	if [ -s "$work/stderr" ]; then
		echo '--- stderr'
		cat "$work/stderr"
	fi
	echo "--- exit $code"
}

failed=0
for case; do
	case=$(realpath "$case")
	command=$(head -n 1 "$case")
	case $command in
	'$ bailiff'*) ;;
	*)
		echo "$case: the first line is no command" >&2
		exit 1
		;;
	esac

	(cd "$data" && eval "\"\$bailiff\" ${command#\$ bailiff}") >"$work/stdout" 2>"$work/stderr" </dev/null
	code=$?
	transcribe >"$work/actual"
	if [ -n "$update" ]; then
		cp "$work/actual" "$case"
	elif ! diff -u "$case" "$work/actual"; then
		failed=1
	fi
done
exit $failed
