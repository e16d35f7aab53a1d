/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which profile binds which cgroup: the bindings map, for cgroups that exist. Cgroups made later
 * are bound in the kernel, when they are made (bpf/lifecycle.bpf.c), from the same selector table;
 * what only the daemon knows of a container is added here.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "enforcer/containers.h"
#include "enforcer/ruleset.h"
#include "enforcer/sensor.h"
#include "enforcer/tables.h"

struct bl_binding_totals {
	size_t containers;
	size_t bindings;
};

/* One generation, and what it is bound to. Borrowed. */
struct bl_binder {
	struct bl_sensor *sensor;
	const char *cgroup_root;
	const struct bl_containers *containers;
	struct bl_ruleset *ruleset;
	struct bl_tables *tables; /* of the ruleset's generation; it has the number */
};

/*
 * Writes the half of every binding that belongs to the binder's number, for the cgroups below
 * cgroup_root and for removed ones that labels still name. What the generation in force uses is not
 * touched. A combination of policies that cannot be compiled is in diags.
 */
int bl_binding_prepare(const struct bl_binder *binder, struct bl_diags *diags,
		       struct bl_binding_totals *ret_totals) __attribute__((warn_unused_result));

/*
 * Binds a container to the policies that select it, in the generation in force: its cgroup and
 * those below, with all tasks and threads that are in them. *known is one of binder's. -ENOSPC,
 * -E2BIG, -EINVAL: as bl_generation_combine(), the container keeps what selects its path; else
 * -errno. ret_profile: 1 + index of the profile, 0 if nobody selects it.
 */
int bl_binding_bind_container(const struct bl_binder *binder, const struct bl_known *known,
			      struct bl_diags *diags, uint32_t *ret_profile)
	__attribute__((warn_unused_result));

/*
 * Of a cgroup in a container, which was made: adds the policies of its own path to the container's,
 * where the kernel could not.
 */
int bl_binding_bind_inner(const struct bl_binder *binder, const struct bl_known *known, uint64_t id,
			  const char *cgroup, struct bl_diags *diags)
	__attribute__((warn_unused_result));

/*
 * Waits until every mkdir in the cgroup tree that began before has ended, by making a cgroup: both
 * take cgroup_mutex (kernel/cgroup/cgroup.c). After it a scan sees every cgroup that was bound
 * without knowing of the generation being prepared.
 */
#define BL_BARRIER "/bailiff.barrier"
int bl_binding_barrier(const char *cgroup_root) __attribute__((warn_unused_result));

/*
 * Removes bindings of removed or unselected cgroups that no label names. Returns how many, or
 * -errno.
 */
int bl_binding_collect(struct bl_sensor *sensor, const char *cgroup_root)
	__attribute__((warn_unused_result));

/* Whether there is a binding of that cgroup. */
bool bl_binding_exists(const struct bl_sensor *sensor, uint64_t id);

/*
 * Whether the label of some thread names the container of that id, wherever the thread is by now: 0
 * or 1, or -errno.
 */
int bl_binding_is_named(const struct bl_sensor *sensor, uint64_t container)
	__attribute__((warn_unused_result));
