# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
echo "printed by the case"
expect_denied open-read /proc/version
