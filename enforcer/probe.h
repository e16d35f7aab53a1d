/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What this kernel and this process have of what bailiff needs, each with its remedy. Only looks:
 * loads nothing, changes nothing, and works without privileges (what cannot be seen is said to be
 * unknown).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/policy.h"

enum bl_probe_state {
	BL_PROBE_SUPPORTED,
	BL_PROBE_MISSING,
	BL_PROBE_UNKNOWN, /* could not be looked at */
	BL_PROBE_STATE_COUNT,
};

struct bl_probe_item {
	const char *name;
	bool is_needed; /* enforcement is not possible without it */
	enum bl_probe_state state;
	char *detail;       /* what was seen, or NULL */
	const char *remedy; /* static; what to do when it is not supported */
};

struct bl_probe {
	struct bl_probe_item *items;
	size_t count;
};

const char *bl_probe_state_name(enum bl_probe_state state);

/*
 * cgroup_root NULL: wherever cgroup2 is mounted. is_deep: also looks every hook up in the kernel's
 * BTF, which takes a moment. -ENOMEM.
 */
int bl_probe_run(const char *pin_dir, const char *cgroup_root, bool is_deep,
		 struct bl_probe *ret_probe) __attribute__((warn_unused_result));
void bl_probe_fini(struct bl_probe *probe);

/* Whether an item stands in the way: needed, and not supported. */
bool bl_probe_is_in_the_way(const struct bl_probe_item *item);
bool bl_probe_can_enforce(const struct bl_probe *probe);

/*
 * Adds a diagnostic for each facility that a policy restricts and the running kernel has no hook
 * for. A negative errno: its BTF cannot be read, and nothing was added.
 */
int bl_probe_check_policies(const struct bl_policies *policies, enum bl_severity severity,
			    struct bl_diags *diags) __attribute__((warn_unused_result));

/* Where the whole cgroup2 hierarchy is mounted, freed with free(). -ENOENT: nowhere. */
int bl_probe_find_cgroup2(char **ret_path) __attribute__((warn_unused_result));
