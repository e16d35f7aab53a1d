#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What the code calls things is in the manual: verbs, options, exit codes, words of the policy language, reasons.
#	docs.sh ROOT
set -u
cd "$1" || exit 2
failed=0

missing()
{
	echo "$1: $2 '$3' is not in it"
	failed=1
}

# A word that stands by itself, or as one of a list, in a man page
has_word()
{
	grep -qE "(^|[[:blank:]])$(printf '%s' "$2" | sed 's/[.*[\]/\\&/g')([[:blank:],;:.]|\$)" "$1"
}

# Strings of the arrays of these names in a file
strings()
{
	awk -v names="$2" '
		BEGIN { split(names, list); for (i in list) wanted[list[i]] = 1 }
		match($0, /[a-z_0-9]+\[[A-Z_]*\] = \{/) {
			name = substr($0, RSTART)
			sub(/\[.*/, "", name)
			inside = name in wanted
		}
		inside {
			line = $0
			while (match(line, /"[^"]*"/)) {
				print substr(line, RSTART + 1, RLENGTH - 2)
				line = substr(line, RSTART + RLENGTH)
			}
		}
		/};/ { inside = 0 }' "$1"
}

expect_words()
{
	page=$1
	what=$2
	source=$3
	words=$(strings "$source" "$4")
	if [ -z "$words" ]; then
		echo "$source: none of $4"
		failed=1
	fi
	for word in $words; do
		has_word "$page" "$word" || missing "$page" "$what" "$word"
	done
}

# The rows of the table of verbs: name and synopsis
verbs=$(sed -n 's/^	{"\([a-z]*\)", "\([^"]*\)".*/\1/p' enforcer/main.c)
[ -n "$verbs" ] || { echo 'enforcer/main.c: no verbs'; failed=1; }
for verb in $verbs; do
	grep -qx "\.Ss $verb" man/bailiff.8 || missing man/bailiff.8 'verb' "$verb"
	grep -qx "\.Cm $verb" man/bailiff.8 || missing man/bailiff.8 'synopsis of verb' "$verb"
done
for option in $(sed -n '/^const struct bl_verb/,/^};/p' enforcer/main.c | grep -oE -e '--[a-z][a-z-]*' | sort -u); do
	grep -qE -e "Fl -${option#--}( |\$)" -e ", -${option#--}( |\$)" man/bailiff.8 ||
		missing man/bailiff.8 'option' "$option"
done

codes=$(sed -n 's/^	BL_EXIT_[A-Z]* = \([0-9]*\),.*/\1/p' enforcer/exit.h)
[ -n "$codes" ] || { echo 'enforcer/exit.h: no exit codes'; failed=1; }
for code in $codes; do
	sed -n '/^\.Sh EXIT STATUS/,/^\.Sh EXAMPLES/p' man/bailiff.8 | grep -qx "\.It $code" ||
		missing man/bailiff.8 'exit code' "$code"
done

page=man/bailiff-policy.5
for section in $(strings enforcer/policy_parse.c sections); do
	grep -qx "\.Ss \[$section\]" "$page" || missing "$page" 'section' "$section"
done
expect_words "$page" 'key or value' enforcer/policy_parse.c 'keys modes'
expect_words "$page" 'key' enforcer/policy.c 'selector_names'
expect_words "$page" 'key or value' enforcer/policy_rule.c \
	'rule_keys exec_keys process_keys process_values default_values file_permissions'
expect_words "$page" 'word' enforcer/facility.c 'access_names privilege_words'
expect_words "$page" 'word' enforcer/policy_network.c 'keys operations'
expect_words "$page" 'set' enforcer/policy_network.c 'shipped_sets'
expect_words "$page" 'protocol' enforcer/policy.c 'network_protocol_names'
expect_words "$page" 'verdict' enforcer/policy.c 'verdict_names mode_names'
expect_words man/bailiff.8 'operation' enforcer/query.c 'operations'
expect_words man/bailiff-events.5 'reason' enforcer/policy.c 'fail_names loss_names'
expect_words man/bailiff-events.5 'operation' enforcer/policy.c 'operation_names exec_permission_names'
expect_words man/bailiff-events.5 'word' enforcer/facility.c 'access_names relation_names'
exit $failed
