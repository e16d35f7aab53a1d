# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 900
# A container's first instruction is an open that its policy denies: in 200 of 200 starts by crun, with the hook. Its runtime sets
# it up under the same policy, and is refused nothing.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
expect_oci $OPENED crun web
secret_policy
bailiff_start
denied_each_time crun 200
