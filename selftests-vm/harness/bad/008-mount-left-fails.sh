# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
mkdir /run/left
mount -t tmpfs tmpfs /run/left
