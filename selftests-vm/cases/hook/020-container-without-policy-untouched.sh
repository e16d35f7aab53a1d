# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# Containers that no policy selects run as if there were no hook, beside one that is confined; what a container may do is
# allowed to it, and what is moved into it later is held by its policy, too.
. /guest/lib.sh
. /guest/oci.sh

runtimes_install
bundle web /hook/web
bundle mail /hook/mail
bundle public /hook/web-public
bundle_set public '.process.args = ["/bin/probe", "open-read", "/public"]'
bundle stays /hook/web-stays
bundle_set stays '.process.args = ["/bin/probe", "stay", "/dev/ready"]'
secret /secret
secret_policy
bailiff_start --log-level debug

for runtime in crun runc; do
	expect_oci $OPENED $runtime mail
	expect_log "container '$runtime-mail' of oci, cgroup '/hook/mail': selected by no policy"
	expect_oci 0 $runtime public
	expect_oci $DENIED $runtime web
	expect_log "container '$runtime-web' of oci, cgroup '/hook/web': bound"
done
expect_records 2 record=access operation=open verdict=deny object.path=/secret container.cgroup=/hook/web
expect_equal "records" "$(count_records record=access)" 2

has_tasks() {
	[ -n "$(cat /sys/fs/cgroup/hook/web-stays/cgroup.procs)" ]
}
crun --root /run/case/state-crun run --detach --bundle /run/case/bundles/stays stays >"$oci_said" 2>&1
wait_until "the container" has_tasks
expect_denied in-cgroup /hook/web-stays open-read /secret
crun --root /run/case/state-crun delete --force stays
