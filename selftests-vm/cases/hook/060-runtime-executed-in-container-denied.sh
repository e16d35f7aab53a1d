# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# An image whose entry point is the runtime's own file: runc's copy of itself, which lies where no path of the container leads, is
# executed without a policy, and denied under one.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
bundle itself /hook/web-itself
bundle_set itself '.process.args = ["/proc/self/exe", "--version"]'
# What it is linked to, so that it can run there.
mkdir -p /run/case/bundles/itself/rootfs/lib/x86_64-linux-gnu /run/case/bundles/itself/rootfs/lib64
cp -L /lib64/ld-linux-x86-64.so.2 /run/case/bundles/itself/rootfs/lib64/
for file in libc.so.6 libseccomp.so.2 libpthread.so.0; do
	[ ! -e /lib/x86_64-linux-gnu/$file ] ||
		cp -L /lib/x86_64-linux-gnu/$file /run/case/bundles/itself/rootfs/lib/x86_64-linux-gnu/
done
expect_oci 0 runc itself
expect_said "runc version"

secret_policy
bailiff_start
expect_refused runc itself
expect_said "operation not permitted"
expect_records 1 record=access operation=exec verdict=deny enforced=true fail=detached
expect_oci $DENIED runc web
