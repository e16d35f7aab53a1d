# SPDX-License-Identifier: GPL-2.0-or-later
# boot: rdinit=/no/such/init
. /guest/lib.sh
expect_allowed open-read /proc/version
