# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 180
# A program is mapped when it is run, as are its loader and its libraries; a script is read by its interpreter.
. /guest/lib.sh

readonly LOADER=/lib64/ld-linux-x86-64.so.2
readonly LIBRARY=/lib/x86_64-linux-gnu/libonig.so.5

things() {
	program "$1/program"
	mkdir -p "$1/libraries"
	cp $LOADER "$1/loader"
	cp $LIBRARY "$1/libraries/"
	cp /usr/bin/jq "$1/dynamic"
	printf '#!/bin/sh\n' >"$1/script"
	printf '#!%s/program\n' "$1" >"$1/interpreted"
	chmod 755 "$1/script" "$1/interpreted"
}

rows() {
	asks map:exec:program -- exec @/program
	asks map:exec:program -- exec-descriptor @/program
	asks map:exec:program -- exec-through @/program
	asks map:exec:dynamic -- exec @/dynamic
	asks map:exec:program -- exec @/interpreted
	asks read:open:script -- run @/script
	asks read:open:script -- run /bin/sh @/script
	asks read:open:dynamic map:map:dynamic -- run $LOADER @/dynamic --version
	asks map:exec:loader -- run @/loader /usr/bin/jq --version
	asks read:open:libraries/libonig.so.5 map:map:libraries/libonig.so.5 -- \
		with LD_PRELOAD=@/libraries/libonig.so.5 run /usr/bin/jq --version
}

cgroup /web
rows
asking_policy
bailiff_start
rows
expect_asked
