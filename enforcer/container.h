/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a container: from its runtime, by whatever way it came. All of it is somebody
 * else's text, to be matched and shown, never to be taken for a path or a pattern. Which policies
 * it selects is not decided here.
 */
#pragma once

#include <stddef.h>

struct bl_container_label {
	char *key;
	char *value;
};

/* All strings are owned, NULL when not known. */
struct bl_container {
	char *id; /* the runtime's: 64 hex digits, or a machine's or unit's name */
	char *name;
	char *image;	 /* as the runtime was told it */
	char *pod;	 /* Kubernetes or podman pod's name */
	char *namespace; /* Kubernetes namespace, or podman/containerd namespace */
	/* "podman" "docker" "containerd" "cri-o" "systemd" "nspawn" "lxc" "oci" "run" */
	char *runtime;
	char *unit;   /* systemd unit, NULL if none */
	char *cgroup; /* path in the unified hierarchy, begins with '/' */
	struct bl_container_label *labels; /* OCI annotations and labels */
	size_t label_count;
};

void bl_container_fini(struct bl_container *container);

/* Accepts NULL. */
void bl_container_free(struct bl_container *container);

/* Copies. A key that is there already gets the value. -ENOMEM. */
int bl_container_add_label(struct bl_container *container, const char *key, const char *value)
	__attribute__((warn_unused_result));
