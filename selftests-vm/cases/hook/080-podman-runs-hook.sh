# SPDX-License-Identifier: GPL-2.0-or-later
# disk: debian
# timeout: 300
# podman runs the hook by the definition that is installed: the daemon is told of its containers, a container that asks for
# confinement is refused without it, and one that a policy with [file] holds is denied.
. /guest/lib.sh
. /guest/debian.sh

readonly LIBEXEC=/usr/libexec/bailiff
readonly DEFINITION=/usr/share/containers/oci/hooks.d/50-bailiff.json
readonly CONFIG=/run/case/bailiff.ini

# podman_run CODE OPTION...: a container of the image that tries to read /etc/passwd, and ends.
podman_run() {
	local status=0 wanted=$1
	shift
	in_debian $PODMAN run --rm --quiet --network=none "$@" debian cat /etc/passwd >"$debian_said" 2>&1 || status=$?
	[ "$status" -eq "$wanted" ] || {
		cat "$debian_said"
		fail "podman run $*: exit code $status instead of $wanted"
	}
	echo "podman run $*: exit code $status"
}

debian_start
container_image debian
# What the disk's system shares with the guest is /run/case.
in_debian mkdir -p $LIBEXEC "${DEFINITION%/*}" /etc/bailiff
cp $LIBEXEC/bailiff-oci-hook $DEFINITION /run/case/
in_debian mv /run/case/bailiff-oci-hook $LIBEXEC/
in_debian mv /run/case/50-bailiff.json $DEFINITION
printf '[hook]\nsocket = /run/case/run/bailiff.sock\ntimeout = 20s\n' | in_debian tee /etc/bailiff/oci-hook.ini >/dev/null
printf '[daemon]\nrun_dir = /run/case/run\n' >$CONFIG

policy 10-web <<-'END'
	[policy]
	name = web
	[select]
	cgroup = /confined/libpod-*
	[file]
	deny = read /etc/passwd
END
bailiff_start --config $CONFIG --log-level debug
podman_run 0 --name free --annotation bailiff.required=true
podman_run 1 --name web --cgroup-parent=/confined
grep -q 'Operation not permitted' "$debian_said"
expect_log "of podman, cgroup '/libpod_parent/libpod-"
expect_log "of podman, cgroup '/confined/libpod-"
expect_equal "bound" "$(log_count ': bound')" 1
expect_records 1 record=access operation=open verdict=deny object.path=/etc/passwd $(rule 10-web 'deny = read /etc/passwd')
bailiff_stop

podman_run 0 --name free
podman_run 126 --name required --annotation bailiff.required=true --annotation run.oci.hooks.stderr=/run/case/hook-said
grep "its annotation 'bailiff.required' is 'true', and no daemon listens at '/run/case/run/bailiff.sock'" /run/case/hook-said
