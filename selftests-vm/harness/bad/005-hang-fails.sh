# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 2
. /guest/lib.sh
while true; do
	sleep 1
done
