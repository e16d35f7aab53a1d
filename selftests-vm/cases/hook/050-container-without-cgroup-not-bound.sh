# SPDX-License-Identifier: GPL-2.0-or-later
# disk: runtimes
# timeout: 300
# What is in no cgroup of its own is not bound, because others would be with it; nor is what is no container.
. /guest/lib.sh
. /guest/oci.sh

# ask PID: what the daemon says of a container with that process.
ask() {
	oci_status=0
	$HOOK <<-END >"$oci_said" 2>&1 || oci_status=$?
		{"ociVersion": "1.0", "id": "asked", "pid": $1, "status": "created", "bundle": "/run/case/bundles/web"}
	END
}

runtimes_install
bundle web /hook/web
bundle_set web '.annotations += {"bailiff.required": "true"}'
secret_policy
cgroup /session
bailiff_start

oci_status=0
sh -c 'echo $$ >/sys/fs/cgroup/session/cgroup.procs
	exec crun --root /run/case/state-crun --cgroup-manager=disabled run --bundle /run/case/bundles/web alone' \
	>"$oci_said" 2>&1 || oci_status=$?
cat $hook_said >>"$oci_said"
expect_equal "the runtime's exit code" "$oci_status" 255
expect_said "the container has no cgroup of its own: it is in its runtime's"

ask 1
expect_equal "the hook's exit code" "$oci_status" 1
expect_said "the container has no cgroup of its own: it is in the root"
ask 4194303
expect_equal "the hook's exit code" "$oci_status" 1
expect_said "there is no process of the number in 'pid'"
