# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
echo c >/proc/sysrq-trigger
