/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which cgroups are containers, by the names that runtimes give them. Nothing is read; a name says
 * only what the cgroup may be, and container_files.c whether the runtime knows it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum bl_runtime {
	BL_RUNTIME_PODMAN,
	BL_RUNTIME_DOCKER,
	BL_RUNTIME_CONTAINERD,
	BL_RUNTIME_CRIO,
	BL_RUNTIME_NSPAWN,
	BL_RUNTIME_LXC,
	BL_RUNTIME_COUNT,
};

const char *bl_runtime_name(enum bl_runtime runtime);

/* Longest id or machine's name, and containerd's namespace: both are safe as names of files. */
#define BL_CONTAINER_ID_MAX 76

struct bl_container_place {
	enum bl_runtime runtime;
	char id[BL_CONTAINER_ID_MAX + 1];
	char namespace[BL_CONTAINER_ID_MAX + 1]; /* containerd's; else "" */
	bool is_sure;                            /* false: it is one only if the runtime knows it */
};

/*
 * What the last component of the cgroup's path makes of it. There may be several answers: *at is 0
 * for the first, and what it was left at for the next. False: no more.
 */
bool bl_container_place_read(const char *cgroup, size_t *at, struct bl_container_place *ret_place);

/* The unit that the cgroup is systemd's own of, or in: a component of the path. NULL: none. */
const char *bl_cgroup_unit(const char *cgroup, size_t *ret_len);
