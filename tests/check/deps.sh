#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Who may include what.
#	deps.sh ROOT
set -u
cd "$1" || exit 2
failed=0

# Includes in files that match a pattern are an error, except in the files named behind.
forbid()
{
	why=$1
	include=$2
	shift 2
	for file; do
		[ -e "$file" ] || continue
		if grep -nE "^#include [<\"]$include" "$file" /dev/null; then
			echo "	$why"
			failed=1
		fi
	done
}

# $1 without the files behind it
except()
{
	files=$1
	shift
	for file in $files; do
		case " $* " in
		*" $file "*) ;;
		*) echo "$file" ;;
		esac
	done
}

# Lists of files in enforcer/meson.build
members()
{
	sed -n "/^$1 = files(/,/^)/s|^  '\(.*\)',|enforcer/\1|p" enforcer/meson.build
}

policy=$(members policy_sources)
if [ -z "$policy" ]; then
	echo "enforcer/meson.build: no policy_sources"
	failed=1
fi
headers=
for source in $policy; do
	header=${source%.c}.h
	[ ! -e "$header" ] || headers="$headers $header"
done

# shellcheck disable=SC2046,SC2086
{
	forbid 'what runs in the kernel includes nothing of the controller' 'enforcer/' bpf/*.[ch]
	forbid 'compiling policies needs no kernel, no bus and no JSON' \
		'(bpf/(bpf|libbpf|btf)|systemd/|json-c/|sys/capability)' $policy $headers
	forbid 'policies know nothing of those who use them' \
		'enforcer/(apply|binding|cmd|config|control|daemon|event|json|log|probe|records|ruleset|sensor|sink|status|subject)' \
		$policy $headers
	forbid 'only the sensor knows the skeleton' '.*skel\.h' $(except "$(ls enforcer/*.[ch])" enforcer/sensor.c)
	forbid 'only verbs know verbs' 'enforcer/cmd\.h' \
		$(except "$(ls enforcer/*.[ch])" enforcer/main.c $(ls enforcer/cmd*.[ch]))
	forbid 'policy_parse.h is for what parses policies' 'enforcer/policy_parse\.h' \
		$(except "$(ls enforcer/*.[ch])" enforcer/policy_parse.c enforcer/policy_rule.c \
			enforcer/policy_network.c enforcer/policy_enforced.c enforcer/policy_select.c enforcer/policy_test.c)
}
exit $failed
