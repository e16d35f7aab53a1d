/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The containers of this machine, by the cgroup that each one is. Of containers within containers
 * only the outer one is: what is in it is its own business.
 *
 * One whose cgroup was removed stays as long as it has a binding, because tasks that left it are
 * still held by its policies.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "enforcer/container.h"

struct bl_known {
	uint64_t id; /* of the cgroup */
	struct bl_container container;
	bool is_new; /* while it is bound because its cgroup has just been made */
	/*
	 * While it is bound because a hook has told of it: the process in which its runtime sets it
	 * up, and the cgroup that is in, which may be below the container's. 0: none.
	 */
	pid_t runtime_tgid;
	uint64_t runtime_cgroup;
	bool is_complete; /* its runtime's files have been read, or it was told of by a hook */
	bool is_started;  /* there is a record of it */
	bool is_gone;     /* the cgroup was removed */
	unsigned tries;   /* how often the files were read again */
	int error;        /* why they have told nothing: -errno */
};

struct bl_containers {
	struct bl_known **items; /* in order of id */
	size_t count;
};

void bl_containers_fini(struct bl_containers *containers);

/* NULL: none. */
struct bl_known *bl_containers_find(const struct bl_containers *containers, uint64_t id);

/* The one whose cgroup is at the path or above it, and is still there. NULL: none. */
struct bl_known *bl_containers_find_at(const struct bl_containers *containers, const char *cgroup);

/*
 * Adds one, or replaces what is known of that cgroup. Takes over what *container owns on success
 * only; it has a cgroup. -ENOMEM.
 */
int bl_containers_put(struct bl_containers *containers, uint64_t id, struct bl_container *container,
		      struct bl_known **ret_known) __attribute__((warn_unused_result));

void bl_containers_remove(struct bl_containers *containers, struct bl_known *known);
