# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
poweroff -f
