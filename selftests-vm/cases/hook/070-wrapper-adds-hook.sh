# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# The runtime for engines that cannot be given hooks, in place of runc and of crun: it adds the hook once, keeps others, and is
# asked for containers that are there by the same name.
. /guest/lib.sh
. /guest/oci.sh

readonly WRAPPER=/usr/libexec/bailiff/bailiff-oci-runtime

# hooks: the programs of the stage.
hooks() {
	jq -r '[.hooks.prestart[].path] | join(" ")' /run/case/bundles/web/config.json
}

runtimes_install
bundle web /hook/web
bundle_set web 'del(.hooks)'
secret_policy
bailiff_start

expect_equal "its runtime's name" "$($WRAPPER --version | head -n 1 | cut -d ' ' -f 1)" runc
expect_oci $DENIED $WRAPPER web
expect_equal "hooks" "$(hooks)" $HOOK
expect_oci $DENIED $WRAPPER web
expect_equal "hooks" "$(hooks)" $HOOK
bundle_set web '.hooks = {prestart: [{path: "/bin/true"}], poststop: [{path: "/bin/true"}]}'
BAILIFF_OCI_RUNTIME=crun
export BAILIFF_OCI_RUNTIME
expect_equal "its runtime's name" "$($WRAPPER --version | head -n 1 | cut -d ' ' -f 1)" crun
expect_oci $DENIED $WRAPPER web
expect_equal "hooks" "$(hooks)" "/bin/true $HOOK"

# As an engine calls it: made, started, removed.
bundle_set web 'del(.hooks)'
$WRAPPER --root /run/case/state --log /run/case/crun.log create --pid-file /run/case/pid \
	--bundle=/run/case/bundles/web create >"$oci_said" 2>&1
expect_equal "hooks" "$(hooks)" $HOOK
$WRAPPER --root /run/case/state start create
is_stopped() {
	[ "$($WRAPPER --root /run/case/state state create | jq -r .status)" = stopped ]
}
wait_until "its end" is_stopped
$WRAPPER --root /run/case/state delete create
expect_records 4 record=access operation=open verdict=deny enforced=true object.path=/secret $(rule 10-web 'deny = read /secret')
expect_equal "records" "$(count_records record=access)" 4
