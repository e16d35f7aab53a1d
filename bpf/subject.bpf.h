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
 *
 * The subject "by" speaks of is the executable, by the path it has when it is executed. That path
 * is not kept; what it matches is, for each profile. A label that is made anew takes the path from
 * the executable again, and only if it is still the one that was executed: PR_SET_MM_EXE_FILE
 * replaces it.
 */
#pragma once

#include "bpf/match.bpf.h"
#include "bpf/path.bpf.h"

/*
 * A label that could not be stored: denied for what is mediated anywhere, because we do not know.
 * Nothing writes to it.
 */
struct bl_label label_lost SEC(".data.lost") = { .fail = BL_FAIL_LABEL, .mediated = ~0u };

/* A path that is bound has no more components. */
#define CGROUP_LEVELS_MAX (BL_CGROUP_PATH_MAX / 2)

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

struct rebind {
	struct bl_label *label;
	__u64 generation;
};

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

static long label_rebind(__u32 index, struct rebind *rebind)
{
	struct bl_label *label = rebind->label;

	if (index >= BL_LABEL_BINDINGS_MAX || index >= label->count)
		return 1;
	label_bind(label, index, label->bound[index].binding, rebind->generation);
	return 0;
}

/* Adds the binding of the cgroup the task is in to what the label holds already. */
static __always_inline void label_enter(struct bl_label *label, const struct cgroup_walk *walk,
					__u64 generation)
{
	__u32 i;

	for (i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		/*
		 * Below a cgroup the label holds: bound by all its policies, and perhaps by more.
		 */
		if (i >= label->count || walk->below & (1u << i) ||
		    label->bound[i].binding == walk->nearest)
			break;
	}
	if (i >= BL_LABEL_BINDINGS_MAX) {
		label->fail = BL_FAIL_LABEL;
		return;
	}
	if (i >= label->count)
		label->count = i + 1;
	label_bind(label, i, walk->nearest, generation);
}

/* By a shift, so that the verifier need not be shown that the section is within the array. */
static __always_inline __u8 mode_of(__u64 modes, __u32 section)
{
	return modes >> (section * 8);
}

/* Takes the stricter modes of one profile. */
static long label_take_mode(__u32 index, struct bl_label **of)
{
	struct bl_label *label = *of;
	const struct bl_profile *profile;
	__u32 id;

	if (index >= BL_LABEL_BINDINGS_MAX || index >= label->count)
		return 1;
	id = label->bound[index].profile;
	if (!id)
		return 0;
	profile = bpf_map_lookup_elem(&profiles, &id);
	/* Bound by a profile that is not there. */
	if (!profile || !profile->table_bytes) {
		label->fail = BL_FAIL_TABLE;
		return 1;
	}
	label->conditions |= profile->conditions;
	label->silent_accesses &= profile->silent_accesses;
	label->silent_privileges &= profile->silent_privileges;
	label->silent_capabilities &= profile->silent_capabilities;
	for (__u32 section = 0; section < BL_SECTION_COUNT; section++) {
		if (profile->mode[section] > label->mode[section])
			label->mode[section] = profile->mode[section];
		if (profile->mode[section] != BL_MODE_OFF)
			label->mediated |= BL_ASK_SECTION(section);
	}
	return 0;
}

/* The strictest mode any of the label's profiles has for each section. */
static __always_inline void label_take_modes(struct bl_label *label)
{
	__builtin_memset(label->mode, BL_MODE_OFF, sizeof(label->mode));
	__builtin_memset(label->allowed_inet4, 0, sizeof(label->allowed_inet4));
	label->conditions = 0;
	label->mediated = 0;
	label->silent_accesses = ~0u;
	label->silent_privileges = ~0u;
	label->silent_capabilities = ~0ull;
	label->key = 0;
	bpf_loop(BL_LABEL_BINDINGS_MAX, label_take_mode, &label, 0);
	/* It binds the task to we know not what. */
	if (label->fail) {
		label->mediated = ~0u;
		label->silent_accesses = 0;
		label->silent_privileges = 0;
		label->silent_capabilities = 0;
		return;
	}
	if (label->count == 1)
		label->key = MIX(label->generation << 32, label->bound[0].profile);
}

/* What the path in scratch matches as a subject, for each profile. */
static __always_inline int label_take_by(struct bl_label *label, struct scratch *scratch)
{
	struct request *request = &scratch->request;

	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		__u32 id = label->bound[i].profile;

		if (i >= label->count)
			break;
		label->bound[i].by = 0;
		if (!id)
			continue;
		request->state = 0;
		request->skip = 0;
		request->asked = 0;
		request->wants_beyond = 1;
		request->position = scratch->try.position;
		request->key_len = scratch->try.key_len;
		if (ask_profile(scratch, id))
			return -1;
		label->bound[i].by = request->beyond.by;
	}
	return 0;
}

/*
 * Stands for an executable: its dentry's address and its name's hash, which is salted with the
 * directory's address. A dentry that is used again has another hash, or stands for the same path.
 */
static __always_inline __u64 subject_number(__u64 dentry, __u32 hash)
{
	return (dentry << 16 ^ hash) | 1;
}

/*
 * Finds out who the subject is, unless somebody made it look like another since it was executed.
 * All of this is rare, and read by helper: 6.12 searches its whole BTF by name for each pointer
 * that is read out of a trusted one, which makes a program slow to load.
 */
static __always_inline void label_take_subject(struct bl_label *label)
{
	struct task_struct *task = (struct task_struct *)bpf_get_current_task();
	struct file *file = BPF_CORE_READ(task, mm, exe_file);
	struct scratch *scratch;
	__u64 executed;

	label->exe_next = 0;
	label->is_subject_known = 0;
	if (!file)
		return;
	executed = subject_number((__u64)BPF_CORE_READ(file, f_path.dentry),
				  BPF_CORE_READ(file, f_path.dentry, d_name.hash));
	if (label->exe && label->exe != executed)
		return;
	label->exe = executed;
	scratch = scratch_take();
	if (!scratch)
		return;
	path_begin(scratch, (__u64)BPF_CORE_READ(file, f_path.mnt),
		   (__u64)BPF_CORE_READ(file, f_path.dentry));
	/* It may have been executed before it came here. */
	scratch->try.is_any_namespace = 1;
	/* A pattern knows one spelling only. */
	if (!path_resolve(scratch) && !scratch->try.folded_len && !label_take_by(label, scratch))
		label->is_subject_known = 1;
	scratch_release(scratch);
}

/* Whoever is found in it without a label has come from outside, to set it up. */
static __always_inline bool is_new_binding(__u64 id)
{
	const volatile struct bl_binding *binding = bpf_map_lookup_elem(&bindings, &id);

	return binding && binding->id == id && binding->is_new;
}

/*
 * The binding of current's very cgroup, if a runtime's hook has told of the process there. The
 * label may have been made before that, by the binding of a cgroup above.
 */
static __always_inline volatile struct bl_binding *binding_of_runtime(void)
{
	const struct task_struct *task = bpf_get_current_task_btf();
	__u64 id = bpf_get_current_cgroup_id();
	volatile struct bl_binding *binding = bpf_map_lookup_elem(&bindings, &id);

	if (!binding || binding->id != id || binding->runtime_tgid != (__u32)task->tgid)
		return NULL;
	return binding;
}

/*
 * Whether the process is the runtime's own until it executes something (I5): nothing that it does
 * is decided. A global function: see path.bpf.h.
 */
__noinline int is_runtime(struct bl_label *label)
{
	if (!label || label->has_executed || label->fail || label->count != 1)
		return 0;
	return binding_of_runtime() != NULL;
}

/* The number of a process that was the runtime's may be another's one day. */
__noinline int runtime_is_done(struct bl_label *label)
{
	volatile struct bl_binding *binding = binding_of_runtime();

	if (binding)
		binding->runtime_tgid = 0;
	return 0;
}

static __always_inline void label_begin(struct bl_label *label)
{
	if (!label->has_executed)
		runtime_is_done(label);
	label->has_executed = 1;
}

/* Another program runs than the one the label was made for: who it is has to be found out. */
static __always_inline void label_executed(struct bl_label *label)
{
	if (!label->executes_again)
		label_begin(label);
	label->executes_again = 0;
	label->exe = 0;
}

enum label_made { LABEL_NONE, LABEL_STORED, LABEL_LOST };

/*
 * Makes current's label for the cgroup it is in, but for the subject: whoever needs only this much
 * leaves it to be made again by the next. A global function: see path.bpf.h.
 */
__noinline int label_renew(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct bl_label *label = bpf_task_storage_get(&labels, task, NULL, 0);
	__u64 generation = state.generation;
	struct rebind rebind = { .generation = generation };
	struct cgroup_walk walk = { .generation = generation };
	const struct task_struct *current = (const void *)bpf_get_current_task();
	int level = BPF_CORE_READ(current, cgroups, dfl_cgrp, level);
	bool is_first;

	if (!generation)
		return LABEL_NONE;
	if (label)
		for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
			if (i < label->count)
				walk.names[i] = label->bound[i].binding;
	bpf_loop(level + 1, cgroup_step, &walk, 0);
	if (!label)
		label = bpf_task_storage_get(&labels, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	/* 6.1 finds no storage while a task preempted on this CPU is looking for some. */
	if (!label)
		return walk.nearest || task->bpf_storage ? LABEL_LOST : LABEL_NONE;

	/* Of what is there, not of what was found: the first look-up may have failed as well. */
	is_first = !label->count;
	label->fail = BL_FAIL_NONE;
	rebind.label = label;
	bpf_loop(BL_LABEL_BINDINGS_MAX, label_rebind, &rebind, 0);
	if (walk.nearest)
		label_enter(label, &walk, generation);
	if (is_first)
		label->has_executed = !is_new_binding(walk.nearest);
	else if (label->exec_id != task->self_exec_id)
		label_executed(label);
	label->exec_id = task->self_exec_id;
	label->generation = generation;
	label->is_subject_known = 0;
	label_take_modes(label);
	label->cgroup = 0;
	return LABEL_STORED;
}

/* Makes all of current's label. */
__noinline int label_make(__u64 cgroup)
{
	struct bl_label *label;
	int made = label_renew();

	if (made != LABEL_STORED)
		return made;
	label = bpf_task_storage_get(&labels, bpf_get_current_task_btf(), NULL, 0);
	if (!label)
		return LABEL_LOST;
	if (label->count)
		label_take_subject(label);
	/* Moved meanwhile: good for this hook, and to be made again by the next. */
	label->cgroup = bpf_get_current_cgroup_id() == cgroup ? cgroup : 0;
	return LABEL_STORED;
}

/*
 * The first hook after an exec that could not fail any more: what bprm_check_security has found out
 * about the program becomes true. false: it has found out nothing.
 */
static __always_inline bool label_succeed(struct bl_label *label, const struct task_struct *task)
{
	if (!label->exe_next)
		return false;
	label->exe = label->exe_next;
	label->exe_next = 0;
	label->bound[0].by = label->bound[0].by_next;
	label->is_subject_known = 1;
	label_begin(label);
	label->exec_id = task->self_exec_id;
	return true;
}

static __always_inline bool may_be_bound(__u64 cgroup, __u64 generation)
{
	return bound_cgroups[generation & 1][cgroup % BL_BOUND_CGROUPS];
}

/* wants_subject: else the label is good for what does not ask who the subject is. */
static __always_inline struct bl_label *subject_find(bool wants_subject)
{
	struct task_struct *task = bpf_get_current_task_btf();
	__u64 cgroup = bpf_get_current_cgroup_id();
	__u64 generation = state.generation;
	struct bl_label *label;

	/* Whoever has a label has storage (I8). */
	if (!task->bpf_storage && !may_be_bound(cgroup, generation))
		return NULL;
	label = bpf_task_storage_get(&labels, task, NULL, 0);
	if (label && label->cgroup == cgroup && label->generation == generation) {
		if (!label->count)
			return NULL;
		if (label->exec_id == task->self_exec_id || label_succeed(label, task))
			return label;
	}
	switch (wants_subject ? label_make(cgroup) : label_renew()) {
	case LABEL_STORED:
		label = bpf_task_storage_get(&labels, task, NULL, 0);
		if (!label)
			return &label_lost;
		return label->count ? label : NULL;
	case LABEL_LOST:
		return &label_lost;
	}
	return NULL;
}

/* Who executes a program: also a runtime, which executes the container's (I5). */
static __always_inline struct bl_label *subject_executing(void)
{
	return subject_find(true);
}

/*
 * NULL: unconfined, or not yet. The label stays what it is until the hook returns: only the task
 * itself changes it.
 */
static __always_inline struct bl_label *subject_current(void)
{
	struct bl_label *label = subject_find(true);

	return label && !label->has_executed && is_runtime(label) ? NULL : label;
}

/*
 * For hooks that are rare: a label that has to be made, after a reload, does not know its subject
 * yet. So no "allow by" holds here and every "deny by" does, until a file or a program is asked of.
 */
static __always_inline struct bl_label *subject_rare(void)
{
	return subject_find(false);
}
