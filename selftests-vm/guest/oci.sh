# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash disable=SC2046 # words are split on purpose
# For cases with "# disk: runtimes": crun and runc, as programs of the guest's own, and bundles for them. On a real machine a
# runtime is in the root of the first mount namespace, too.

readonly HOOK=/usr/libexec/bailiff/bailiff-oci-hook
readonly HOOK_CONFIG=/etc/bailiff/oci-hook.ini
readonly oci_said=/run/case/oci-said
readonly hook_said=/run/case/hook-said # crun shows it to nobody else

# runtimes_install: puts the runtimes and what they are linked to where they belong.
runtimes_install() {
	local file
	modprobe -a virtio_pci virtio_blk || fail "no modules for the disk"
	wait_until "the disk" test -b /dev/vda
	mkdir -p /run/case/disk
	mount -t ext4 -o ro /dev/vda /run/case/disk
	for file in /usr/bin/crun /usr/sbin/runc $(chroot /run/case/disk ldd /usr/bin/crun /usr/sbin/runc |
		sed -n 's/.*[[:space:]]\(\/[^ ]*\) (0x.*/\1/p'); do
		[ -e "$file" ] || {
			mkdir -p "${file%/*}"
			cp -L "/run/case/disk$file" "$file"
		}
	done
	umount /run/case/disk
	rm -f $HOOK_CONFIG
}

# bundle NAME CGROUP: one whose program opens /secret first of all, in /run/case/bundles; with the hook.
bundle() {
	local dir=/run/case/bundles/$1
	mkdir -p "$dir/rootfs/bin" "$dir/rootfs/proc" "$dir/rootfs/dev" "$dir/rootfs/sys"
	cp /usr/bin/first /usr/bin/probe "$dir/rootfs/bin/"
	echo secret >"$dir/rootfs/secret"
	echo public >"$dir/rootfs/public"
	jq -n --arg cgroup "$2" --arg hook $HOOK '{
		ociVersion: "1.0.2", hostname: "web-1",
		annotations: {"run.oci.hooks.stderr": "/run/case/hook-said"},
		root: {path: "rootfs"},
		process: {cwd: "/", args: ["/bin/first"], env: ["PATH=/bin"], user: {uid: 0, gid: 0}},
		mounts: [
			{destination: "/proc", type: "proc", source: "proc"},
			{destination: "/dev", type: "tmpfs", source: "tmpfs",
				options: ["nosuid", "mode=755", "size=64k"]}],
		linux: {
			cgroupsPath: $cgroup,
			namespaces: ["pid", "mount", "ipc", "uts"] | map({type: .}),
			maskedPaths: ["/proc/kcore"], readonlyPaths: ["/proc/sys"]},
		hooks: {prestart: [{path: $hook}]}}' >"$dir/config.json"
}

# bundle_set NAME FILTER: changes its config.json.
bundle_set() {
	local config=/run/case/bundles/$1/config.json
	jq "$2" "$config" >"$config.new" && mv "$config.new" "$config"
}

# oci RUNTIME BUNDLE: runs it to its end; what it said is in $oci_said, how it ended in $oci_status.
oci() {
	oci_status=0
	rm -f $hook_said
	"$1" --root "/run/case/state-${1##*/}" run --bundle "/run/case/bundles/$2" "${1##*/}-$2" >"$oci_said" 2>&1 || oci_status=$?
	[ ! -e $hook_said ] || cat $hook_said >>"$oci_said"
}

# expect_oci CODE RUNTIME BUNDLE: that is the program's exit code, or the runtime's.
expect_oci() {
	oci "$2" "$3"
	[ "$oci_status" -eq "$1" ] || {
		cat "$oci_said"
		fail "$2 run $3: exit code $oci_status instead of $1"
	}
	echo "$2 run $3: exit code $1"
}

# expect_refused RUNTIME BUNDLE: the runtime gives the container up, with the exit code that it has for that.
expect_refused() {
	case $1 in
	crun) expect_oci 255 crun "$2" ;;
	runc) expect_oci 1 runc "$2" ;;
	esac
}

expect_said() {
	grep -q -F -e "$1" "$oci_said" || {
		cat "$oci_said"
		fail "nothing said '$1'"
	}
	echo "said: $1"
}

# What the program says of its open.
# shellcheck disable=SC2034 # for the cases
readonly OPENED=0 DENIED=71

# secret_policy: denies /secret to what is in /hook/web*.
secret_policy() {
	policy 10-web <<-'END'
		[policy]
		name = web
		[select]
		cgroup = /hook/web*
		[file]
		deny = read /secret
	END
}

# hook_config LINE...: of [hook].
hook_config() {
	mkdir -p "${HOOK_CONFIG%/*}"
	printf '%s\n' '[hook]' "$@" >$HOOK_CONFIG
}

# denied_each_time RUNTIME N: the first instruction of N containers in a row, and nothing else, each by the rule.
denied_each_time() {
	local n=0 begin_ms
	begin_ms=$(uptime_ms)
	while [ "$n" -lt "$2" ]; do
		oci "$1" web
		n=$((n + 1))
		[ "$oci_status" -eq $DENIED ] || {
			cat "$oci_said"
			fail "start $n: exit code $oci_status"
		}
	done
	echo "$1: denied in $n of $2 starts, $((($(uptime_ms) - begin_ms) / n)) ms each"
	expect_records "$2" record=access operation=open verdict=deny enforced=true object.path=/secret \
		subject.comm=first $(rule 10-web 'deny = read /secret')
	expect_equal "records" "$(count_records record=access)" "$2"
	expect_counted "$2" 10-web 'deny = read /secret'
}
