# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
test ! -e /sys/fs/cgroup/left || fail "the cgroup is still there"
listen tcp4 127.0.0.1 8080
