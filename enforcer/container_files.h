/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runtimes have written about their containers, read from their own files. Of a cgroup's name
 * only what container_path.c has let through becomes part of a path; sizes are bounded; what the
 * files say is copied and nothing else.
 *
 *	podman		/var/lib/containers/storage/overlay-containers: containers.json (and
 *			volatile-containers.json) and ID/userdata/config.json
 *	Docker		/var/lib/docker/containers/ID/config.v2.json
 *	containerd	/run/containerd/io.containerd.runtime.v2.task/NAMESPACE/ID/config.json
 *	CRI-O		ID/userdata/config.json below /run/containers/storage/overlay-containers or
 *			podman's
 *	nspawn		/run/systemd/machines/NAME
 *	LXC		nothing
 */
#pragma once

#include "enforcer/container.h"
#include "enforcer/container_path.h"

/* The directories above that are read; NULL ends the list. For the daemon's sandbox. */
extern const char *const bl_container_dirs[];

/*
 * What the runtime knows of the container at the place, into container, which has at least runtime
 * and id afterwards. root goes in front of all paths, "" for the machine's own. -ENOENT: it knows
 * nothing, or not yet; -EINVAL, -EFBIG: its files are not what they should be; -EMEDIUMTYPE: it is
 * no container, but a virtual machine; -ENOMEM, or what reading gave.
 */
int bl_container_read(const char *root, const struct bl_container_place *place,
		      struct bl_container *container) __attribute__((warn_unused_result));
