# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# An image that has its runtime execute itself inside the container gets no runtime's freedom by that: the copy that runc made
# of itself lies where no path of the container leads.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
bundle itself /hook/web-itself
bundle_set itself '.process.args = ["/proc/self/exe", "--version"]'
for runtime in crun runc; do
	oci $runtime itself
	expect_equal "$runtime executes itself" "$oci_status" "$oci_status"
done
secret_policy
bailiff_start
for runtime in crun runc; do
	oci $runtime itself
	[ "$oci_status" -ne 0 ] || fail "$runtime was executed"
	expect_oci $DENIED $runtime web
done
