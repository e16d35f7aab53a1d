# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# An image whose entry point is the runtime's own file: runc's copy of itself, which has no name in the container, is executed
# without a policy, and denied under one that denies what has no name. That runc makes that copy and executes it is not.
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

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /hook/web*
	[exec]
	memory = deny
	[file]
	deny = read /secret
END
bailiff_start
expect_refused runc itself
expect_said "operation not permitted"
expect_records 1 record=access operation=exec verdict=deny enforced=true
expect_oci $DENIED runc web
expect_records 1 record=access operation=open verdict=deny $(rule 10-web 'deny = read /secret')
expect_equal "records" "$(count_records record=access)" 2
