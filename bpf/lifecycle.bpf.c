// SPDX-License-Identifier: GPL-2.0
/*
 * Tasks and cgroups that come and go: labels at fork, bindings at mkdir. None of it needs the
 * daemon (I7).
 */
#include "bpf/verdict.bpf.h"

/* The child has its parent's label before it can run (I4). */
SEC("lsm/task_alloc")
int BPF_PROG(bl_task_alloc, struct task_struct *task, unsigned long clone_flags, int prev)
{
	struct bl_label *label;
	struct bl_label *child;

	if (prev)
		return prev;
	label = subject_rare();
	if (!label)
		return 0;
	child = bpf_task_storage_get(&labels, task, NULL, BPF_LOCAL_STORAGE_GET_F_CREATE);
	if (!child || label == &label_lost)
		return verdict_return(
			verdict_fail(label, BL_OP_FORK, 0, state.mode, BL_FAIL_LABEL));
	*child = *label;
	return 0;
}

/*
 * What a selector table of one generation says to the path in scratch, into that generation's half.
 */
static __always_inline bool binding_select(struct bl_binding *binding, struct scratch *scratch,
					   __u64 generation)
{
	__u32 selectors = BL_PROFILE_SELECTORS(generation);
	struct bl_selected selected = {};

	if (!generation || select_profile(scratch, binding->path_len, selectors, &selected))
		return false;
	binding->generation[generation & 1] = generation;
	if (selected.profile)
		binding->profile[generation & 1] = BL_PROFILE_ID(generation, selected.profile);
	return selected.is_own;
}

static __always_inline void mark_bound(__u64 cgroup)
{
	bound_cgroups[0][cgroup % BL_BOUND_CGROUPS] = 1;
	bound_cgroups[1][cgroup % BL_BOUND_CGROUPS] = 1;
}

struct parent_walk {
	struct kernfs_node *node;
	const struct bl_binding *binding;
};

static long parent_step(__u32 index, struct parent_walk *walk)
{
	struct kernfs_node *node = walk->node;
	__u64 id = BPF_CORE_READ(node, id);

	walk->binding = bpf_map_lookup_elem(&bindings, &id);
	walk->node = BPF_CORE_READ(node, parent);
	return walk->binding || !walk->node;
}

/*
 * What a confined task makes is no place for a runtime: who comes into it without a label may have
 * been in the container all along.
 */
static __always_inline bool is_maker_confined(void)
{
	const struct bl_label *label =
		bpf_task_storage_get(&labels, bpf_get_current_task_btf(), NULL, 0);

	return label && label->count;
}

/*
 * A cgroup gets a binding of its own if it is a container or is given another profile than what is
 * above.
 */
static __always_inline void binding_make(struct cgroup *cgroup, const char *path,
					 struct scratch *scratch)
{
	/*
	 * In this order: a switch between the two reads shows the same generation twice, and misses
	 * none.
	 */
	__u64 pending = state.pending;
	__u64 generation = state.generation;
	__u64 id = BPF_CORE_READ(cgroup, kn, id);
	struct parent_walk walk = { .node = BPF_CORE_READ(cgroup, kn, parent) };
	struct bl_binding *binding = &scratch->binding;
	bool is_own;
	long len;

	__builtin_memset(binding, 0, sizeof(*binding) - sizeof(binding->path));
	len = bpf_probe_read_kernel_str(scratch->key, BL_CGROUP_PATH_MAX, path);
	/*
	 * What fills the tracepoint's buffer may have been cut. It stays part of the cgroup above.
	 */
	if (len <= 1 || len >= BL_CGROUP_PATH_MAX) {
		mark_bound(id);
		count_fail(id, BL_FAIL_TOO_LONG);
		return;
	}
	binding->path_len = len - 1;
	is_own = binding_select(binding, scratch, generation);
	is_own |= binding_select(binding, scratch, pending);
	if (generation && binding->generation[generation & 1] != generation) {
		mark_bound(id);
		count_fail(id, BL_FAIL_TABLE);
	}
	if (binding->profile[0] || binding->profile[1])
		mark_bound(id);
	bpf_loop(CGROUP_LEVELS_MAX, parent_step, &walk, 0);

	if (!is_own) {
		__u32 above[2] = {};

		if (walk.binding) {
			above[0] = walk.binding->profile[0];
			above[1] = walk.binding->profile[1];
		}
		if ((!binding->generation[0] || binding->profile[0] == above[0]) &&
		    (!binding->generation[1] || binding->profile[1] == above[1]))
			return;
	}
	binding->id = id;
	binding->is_new = !is_maker_confined();
	binding->container = is_own || !walk.binding ? id : walk.binding->container;
	__builtin_memset(binding->path, 0, sizeof(binding->path));
	bpf_probe_read_kernel(binding->path, len & (BL_CGROUP_PATH_MAX - 1), scratch->key);
	if (bpf_map_update_elem(&bindings, &id, binding, BPF_ANY))
		count_fail(id, BL_FAIL_BINDING);
	else
		container_counter(binding->container);
}

/*
 * Before the cgroup can be seen or entered: cgroup_mkdir() of kernel/cgroup/cgroup.c calls the
 * tracepoint before kernfs_activate(), with cgroup_mutex held.
 */
SEC("tp_btf/cgroup_mkdir")
int BPF_PROG(bl_cgroup_mkdir, struct cgroup *cgroup, const char *path)
{
	struct scratch *scratch;

	/*
	 * Version 1 hierarchies count their cgroups on their own: the ids would be mistaken for
	 * ours.
	 */
	if (BPF_CORE_READ(cgroup, root, hierarchy_id))
		return 0;
	if (!state.generation && !state.pending)
		return 0;
	scratch = scratch_take();
	if (!scratch) {
		mark_bound(BPF_CORE_READ(cgroup, kn, id));
		count_fail(BPF_CORE_READ(cgroup, kn, id), BL_FAIL_BUSY);
		return 0;
	}
	binding_make(cgroup, path, scratch);
	scratch_release(scratch);
	return 0;
}

/* Reads out who is bound by what, every thread of the system; see sensor.h. */
SEC("iter/task")
int bl_task_labels(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct bl_task_label out = {};
	const struct bl_label *label;

	if (!task)
		return 0;
	label = bpf_task_storage_get(&labels, task, NULL, 0);
	if (!label)
		return 0;
	out.tgid = task->tgid;
	out.tid = task->pid;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		if (i >= label->count)
			break;
		out.binding = label->bound[i].binding;
		out.container = label->bound[i].container;
		bpf_seq_write(ctx->meta->seq, &out, sizeof(out));
	}
	return 0;
}
