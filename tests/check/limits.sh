#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Files have at most 800 lines, functions 60, lines 100 columns, but for string literals, which are
# never split.
#	limits.sh ROOT
set -u
cd "$1" || exit 2
find enforcer bpf -name '*.[ch]' 2>/dev/null | sort | xargs awk '
	function say(text)
	{
		print FILENAME ":" FNR ": " text
		failed = 1
	}
	FNR == 1 {
		begin = 0
	}
	FNR == 801 { say("the file has more than 800 lines") }
	/^{/ { begin = FNR }
	/^}/ {
		if (begin && FNR - begin - 1 > 60)
			say("the function has " FNR - begin - 1 " lines, at most 60")
		begin = 0
	}
	{
		line = $0
		columns = 0
		for (i = 1; i <= length(line); i++)
			columns += substr(line, i, 1) == "\t" ? 8 - columns % 8 : 1
		if (columns > 100 && line !~ /"/)
			say("the line has " columns " columns, at most 100")
	}
	END { exit failed }'
