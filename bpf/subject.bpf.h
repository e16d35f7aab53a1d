/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who acts: current's label, made up when it is first needed and kept as long as it is true.
 *
 * A label is true for one cgroup and one generation. So nothing has to find the tasks when a cgroup
 * is bound, a task is moved, or a generation replaced: each task's next hook finds its label out of
 * date and makes it up from the bindings of its cgroup and of the cgroups above. That covers tasks
 * moved in, tasks forked in with CLONE_INTO_CGROUP, threads, and tasks that were there before us,
 * by one mechanism.
 *
 * What a label holds it never loses (I4): a task that leaves its container's cgroup keeps the
 * container's profiles, and one that enters a second container is held by both.
 */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * A label that could not be stored: denied for what is mediated anywhere, because we do not know.
 */
static const struct bl_label label_lost = { .count = 0, .fail = BL_FAIL_LABEL };

struct cgroup_walk {
	__u64 generation;
	__u64 nearest;		/* key in bindings; 0: none */
	__u64 names[BL_LABEL_BINDINGS_MAX]; /* what the label holds */
	__u32 below;		/* bit i: current's cgroup is names[i] or below it */
};

/*
 * From the root of the hierarchy down, so that the last one found is the nearest: 6.1 verifies a
 * callback with the context it begins with only, and would take a test of nearest for never true.
 */
static long cgroup_step(__u32 index, struct cgroup_walk *walk)
{
	const volatile struct bl_binding *binding;
	__u64 id = bpf_get_current_ancestor_cgroup_id((int)index);

	if (!id)
		return 1;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
		if (walk->names[i] == id)
			walk->below |= 1u << i;
	binding = bpf_map_lookup_elem(&bindings, &id);
	if (binding && (binding->profile[walk->generation & 1] || binding->id != id))
		walk->nearest = id;
	return 0;
}

/* Reads again when the element was given to another cgroup between the look-up and the reading. */
#define BINDING_TRIES 3

/* What one binding comes to in the generation. */
static __always_inline void label_bind(struct bl_label *label, __u32 i, __u64 name,
				       __u64 generation)
{
	__u32 parity = generation & 1;

	if (i >= BL_LABEL_BINDINGS_MAX)
		return;
	label->bound[i].binding = name;
	for (int try = 0; try < BINDING_TRIES; try++) {
		const volatile struct bl_binding *binding = bpf_map_lookup_elem(&bindings, &name);
		__u64 made_for;

		if (!binding)
			break;
		made_for = binding->generation[parity];
		label->bound[i].container = binding->container;
		label->bound[i].profile = binding->profile[parity];
		if (binding->id != name)
			continue;
		if (made_for == generation)
			return;
		break;
	}
	label->bound[i].profile = 0;
	label->fail = BL_FAIL_BINDING;
}

/* Adds the binding of the cgroup the task is in to what the label holds already. */
static __always_inline void label_enter(struct bl_label *label, const struct cgroup_walk *walk,
					__u64 generation)
{
	__u32 i;

	for (i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		if (i >= label->count)
			break;
		/*
		 * Below a cgroup the label holds: bound by all its policies, and perhaps by more.
		 */
		if (walk->below & (1u << i) || label->bound[i].binding == walk->nearest) {
			label_bind(label, i, walk->nearest, generation);
			return;
		}
	}
	if (i >= BL_LABEL_BINDINGS_MAX) {
		label->fail = BL_FAIL_LABEL;
		return;
	}
	label->count = i + 1;
	label_bind(label, i, walk->nearest, generation);
}

static __noinline const struct bl_label *label_make(struct task_struct *task,
						    struct bl_label *label, __u64 cgroup)
{
	__u64 generation = state.generation;
	struct cgroup_walk walk = {
		.generation = generation,
	};
	int level = task->cgroups->dfl_cgrp->level;

	if (!generation)
		return NULL;
	if (label)
		for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
			if (i < label->count)
				walk.names[i] = label->bound[i].binding;
	bpf_loop(level + 1, cgroup_step, &walk, 0);

	if (!label)
		label = bpf_task_storage_get(&labels, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!label)
		return walk.nearest ? &label_lost : NULL;

	label->fail = BL_FAIL_NONE;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
		if (i < label->count)
			label_bind(label, i, label->bound[i].binding, generation);
	if (walk.nearest)
		label_enter(label, &walk, generation);
	/* Moved meanwhile: good for this hook, and to be made again by the next. */
	label->cgroup = task->cgroups->dfl_cgrp->kn->id == cgroup ? cgroup : 0;
	label->generation = generation;
	return label->count ? label : NULL;
}

static __always_inline bool may_be_bound(__u64 cgroup, __u64 generation)
{
	return bound_cgroups[generation & 1][cgroup % BL_BOUND_CGROUPS];
}

/*
 * NULL: unconfined. The label stays what it is until the hook returns: only the task itself changes
 * it.
 */
static __always_inline const struct bl_label *subject_current(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 cgroup = task->cgroups->dfl_cgrp->kn->id;
	__u64 generation = state.generation;
	struct bl_label *label;

	/* Whoever has a label has storage (I8). */
	if (!task->bpf_storage && !may_be_bound(cgroup, generation))
		return NULL;
	label = bpf_task_storage_get(&labels, task, NULL, 0);
	if (label && label->cgroup == cgroup && label->generation == generation)
		return label->count ? label : NULL;
	return label_make(task, label, cgroup);
}
