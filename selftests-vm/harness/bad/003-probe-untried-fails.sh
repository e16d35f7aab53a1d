# SPDX-License-Identifier: GPL-2.0-or-later
# A probe that could not try is not a denial.
. /guest/lib.sh
expect_denied in-cgroup /no/such/cgroup open-read /proc/version
