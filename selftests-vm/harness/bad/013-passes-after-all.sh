# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
expect_allowed open-read /proc/version
