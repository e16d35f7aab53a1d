# SPDX-License-Identifier: GPL-2.0-or-later
. /guest/lib.sh
cgroup /left
setsid probe in-cgroup /left listen /run/case/ready tcp4 127.0.0.1 8080 &
wait_until "the listener" test -e /run/case/ready
