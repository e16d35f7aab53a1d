# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=dash
# Containers without runtimes: the cgroups that runtimes make, and the files in which they keep what they know, laid out as
# they do it.

# hash NUMBER: an id of 64 hex digits.
hash() {
	printf '%064x\n' "$1"
}

# annotations KEY=VALUE...: as members of a JSON object.
annotations() {
	local pair separator=
	for pair; do
		printf '%s"%s":"%s"' "$separator" "${pair%%=*}" "${pair#*=}"
		separator=,
	done
}

# oci_bundle DIR [KEY=VALUE]...: a config.json with these annotations.
oci_bundle() {
	local dir=$1
	shift
	mkdir -p "$dir"
	printf '{"ociVersion":"1.0.2","process":{"terminal":false,"args":["sleep"],"cwd":"/"},"root":{"path":"rootfs"},"annotations":{%s}}' \
		"$(annotations "$@")" >"$dir/config.json.part"
	mv "$dir/config.json.part" "$dir/config.json"
}

# podman_files ID NAME IMAGE [KEY=VALUE]...
podman_files() {
	local id=$1 name=$2 image=$3 storage=/var/lib/containers/storage/overlay-containers list=
	shift 3
	oci_bundle "$storage/$id/userdata" io.container.manager=libpod "$@"
	# The list of all that are there.
	[ ! -e $storage/containers.json ] || list=$(sed 's/^\[//; s/]$/,/' $storage/containers.json)
	printf '[%s{"id":"%s","names":["%s"],"image":"%s","layer":"%s","metadata":"{\\"image-name\\":\\"%s\\",\\"name\\":\\"%s\\"}","flags":{}}]' \
		"$list" "$id" "$name" "$id" "$id" "$image" "$name" >$storage/containers.json.part
	mv $storage/containers.json.part $storage/containers.json
}

# docker_files ID NAME IMAGE [KEY=VALUE]...
docker_files() {
	local id=$1 name=$2 image=$3 dir=/var/lib/docker/containers/$1
	shift 3
	mkdir -p "$dir"
	printf '{"ID":"%s","Name":"/%s","Driver":"overlay2","Config":{"Hostname":"%.12s","Image":"%s","Labels":{%s}},"State":{"Running":true}}' \
		"$id" "$name" "$id" "$image" "$(annotations "$@")" >"$dir/config.v2.json.part"
	mv "$dir/config.v2.json.part" "$dir/config.v2.json"
}

# containerd_files NAMESPACE ID [KEY=VALUE]...
containerd_files() {
	local namespace=$1 id=$2
	shift 2
	oci_bundle "/run/containerd/io.containerd.runtime.v2.task/$namespace/$id" "$@"
}

# crio_files ID [KEY=VALUE]...
crio_files() {
	local id=$1
	shift
	oci_bundle "/run/containers/storage/overlay-containers/$id/userdata" io.container.manager=cri-o "$@"
}

# known CGROUP: what ps says of the container there, as JSON.
known() {
	bailiff ps --json | jq -c --arg cgroup "$1" '.containers[] | select(.cgroup == $cgroup)'
}

is_bound() {
	known "$1" | jq -e --arg policies "$2" '.policies | join(" ") == $policies' >/dev/null
}

# expect_bound CGROUP POLICIES: it is, once it is.
expect_bound() {
	wait_until "$1 to be bound to '$2'" is_bound "$1" "$2"
	echo "bound: $1 to '$2'"
}
