# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 240
# Containers that run when the daemon starts, of every runtime, with either driver of cgroups: each is selected by
# something that only its runtime's files say, with all its tasks and threads. Their keepers are not.
. /guest/lib.sh
. /guest/containers.sh

readonly burst=/kubepods.slice/kubepods-burstable.slice

secret /srv/secret /srv/public
podman_files "$(hash 1)" web-1 docker.io/library/nginx:1.25
podman_files "$(hash 2)" db docker.io/library/postgres:16 tier=data
docker_files "$(hash 3)" shop registry:5000/shop:2 com.example.team=front
docker_files "$(hash 4)" cache redis:7
containerd_files k8s.io "$(hash 5)" io.kubernetes.cri.container-name=api io.kubernetes.cri.sandbox-name=api-0 \
	io.kubernetes.cri.sandbox-namespace=prod io.kubernetes.cri.image-name=ghcr.io/api:3
containerd_files k8s.io "$(hash 6)" io.kubernetes.cri.container-name=side io.kubernetes.cri.sandbox-name=side-0 \
	io.kubernetes.cri.sandbox-namespace=test
containerd_files default by-ctr owner=ops
crio_files "$(hash 8)" io.kubernetes.container.name=job io.kubernetes.pod.name=batch-7 io.kubernetes.pod.namespace=prod \
	io.kubernetes.cri-o.ImageName=quay.io/job:1

# WHERE CONTAINER, of which each is selected by one rule of one policy.
CONTAINERS="/machine.slice/libpod-$(hash 1).scope
	/libpod_parent/libpod-$(hash 2)
	/system.slice/docker-$(hash 3).scope
	/docker/$(hash 4)
	$burst/kubepods-burstable-pod1.slice/cri-containerd-$(hash 5).scope
	/kubepods/burstable/pod2/$(hash 6)
	/default/by-ctr
	$burst/kubepods-burstable-pod3.slice/crio-$(hash 8).scope
	/machine.slice/machine-old\\x2dbox.scope
	/lxc.payload.guest"
OTHERS="/machine.slice/libpod-conmon-$(hash 1).scope /lxc.monitor.guest /docker /default/by-hand
	/system.slice/sshd.service"
readonly CONTAINERS OTHERS

policy 10-named <<-'END'
	[policy]
	name = named
	[select]
	container = web-*
	container = old-box
	container = guest
	[file]
	deny = read /srv/secret
END
policy 20-imaged <<-'END'
	[policy]
	name = imaged
	[select]
	image = */postgres:*
	image = redis:?
	[file]
	deny = read /srv/secret
END
policy 30-labelled <<-'END'
	[policy]
	name = labelled
	[select]
	label = com.example.team=front
	[file]
	deny = read /srv/secret
END
policy 31-owned <<-'END'
	[policy]
	name = owned
	[select]
	label = owner=ops
	namespace = default
	[file]
	deny = read /srv/secret
END
policy 40-pods <<-'END'
	[policy]
	name = pods
	[select]
	pod = api-*
	pod = side-*
	[file]
	deny = read /srv/secret
END
policy 50-namespaced <<-'END'
	[policy]
	name = namespaced
	[select]
	namespace = prod
	[file]
	deny = read /srv/secret
END

tasks=
for where in $CONTAINERS $OTHERS; do
	cgroup "$where"
	for way in waiting in-thread; do
		rm -f /run/case/ready
		probe in-cgroup "$where" $way /run/case/ready /run/case/go open-read /srv/secret &
		tasks="$tasks $!"
		wait_until "the task" test -e /run/case/ready
	done
done
bailiff_start
touch /run/case/go
count=0
for task in $tasks; do
	count=$((count + 1))
	expect_exit $((count <= 20)) "$task"
done

for where in $CONTAINERS; do
	expect_denied in-cgroup "$where" open-read /srv/secret
	expect_allowed in-cgroup "$where" open-read /srv/public
done
for where in $OTHERS; do
	expect_allowed in-cgroup "$where" open-read /srv/secret
done
expect_records 30 record=access verdict=deny enforced=true object.path=/srv/secret
expect_records 3 policy=named container.runtime=podman container.name=web-1 container.runtime_id="$(hash 1)" \
	container.image=docker.io/library/nginx:1.25 $(rule 10-named 'deny = read')
expect_records 3 policy=named container.runtime=nspawn container.name=old-box
expect_records 3 policy=named container.runtime=lxc container.name=guest
expect_records 3 policy=imaged container.runtime=podman container.name=db container.labels.tier=data
expect_records 3 policy=imaged container.runtime=docker container.name=cache container.image=redis:7
expect_records 3 policy=labelled container.runtime=docker container.name=shop
expect_records 3 policy=owned container.runtime=containerd container.runtime_id=by-ctr container.namespace=default
expect_records 3 policy=pods container.runtime=containerd container.namespace=prod container.pod=api-0 \
	container.name=api container.image=ghcr.io/api:3
expect_records 3 policy=pods container.runtime=containerd container.namespace=test container.pod=side-0
expect_bound "$burst/kubepods-burstable-pod1.slice/cri-containerd-$(hash 5).scope" "pods namespaced"
expect_records 3 policy=namespaced container.runtime=cri-o container.name=job container.pod=batch-7
