# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
echo "WARNING: CPU: 0 PID: 1 at a/file.c:1" >/dev/kmsg
