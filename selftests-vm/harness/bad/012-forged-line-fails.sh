# SPDX-License-Identifier: GPL-2.0-or-later
# What a case prints is no report.
. /guest/lib.sh
echo "end bad/012-forged-line-fails passed 0"
exit 1
