// SPDX-License-Identifier: GPL-2.0
/*
 * What one process does to another: tracing it, looking into it, sending it signals. Decided is who
 * does it; what is done to a confined process from outside of its container is not its own doing.
 *
 * Not decided: a task's own process, signal 0 (which only asks whether there is such a process),
 * and what the kernel sends on its own behalf.
 */
#include "bpf/use.bpf.h"

#define PTRACE_MODE_ATTACH 0x02
#define PTRACE_MODE_NOAUDIT 0x04

struct relation_walk {
	struct kernfs_node *node;
	const struct bl_label *label;
	__u32 is_inside;
};

/* From a cgroup up to the root: whether one of them belongs to a container of the label. */
static long relation_step(__u32 index, struct relation_walk *walk)
{
	struct kernfs_node *node = walk->node;
	const volatile struct bl_binding *binding;
	__u64 id = BPF_CORE_READ(node, id);
	__u64 container;

	binding = bpf_map_lookup_elem(&bindings, &id);
	if (binding) {
		container = binding->container;
		for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
			if (i < walk->label->count &&
			    walk->label->bound[i].container == container)
				walk->is_inside = 1;
		if (walk->is_inside)
			return 1;
	}
	walk->node = BPF_CORE_READ(node, parent);
	return !walk->node;
}

/* A task as a number: what hooks name is not all of one type to the verifier. */
static __always_inline enum bl_relation relation_of(const struct bl_label *label, __u64 task_at)
{
	const struct task_struct *task = (const void *)task_at;
	struct relation_walk walk = {
		.node = BPF_CORE_READ(task, cgroups, dfl_cgrp, kn),
		.label = label,
	};

	bpf_loop(CGROUP_LEVELS_MAX, relation_step, &walk, 0);
	return walk.is_inside ? BL_RELATION_INSIDE : BL_RELATION_OUTSIDE;
}

/* Decides an access to a task; 0 or -EPERM. */
static __always_inline int check_access(struct bl_label *label, __u64 task_at, __u32 relation,
					__u32 access, __u32 signal, bool is_probe)
{
	const struct task_struct *task = (const void *)task_at;
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct use use = {
		.key = BL_KEY_PROCESS | access << 8 | relation << 16 |
		       (__u64)(signal & 0xff) << 24 | (__u64)__builtin_bswap32(tgid) << 32,
		.key_len = BL_KEY_PROCESS_LEN,
		.asked = ASK_USE(PROCESS),
		.operation = access == BL_ACCESS_PTRACE ? BL_OP_PTRACE : BL_OP_SIGNAL,
		.is_probe = is_probe,
	};

	if (label->silent_accesses & BL_ACCESS_BIT(access, relation))
		return 0;
	return check_use(label, &use);
}

/* What label may do to all processes in silence needs no look at the process. */
static __always_inline bool is_restricted(const struct bl_label *label, enum bl_access access)
{
	__u32 both = BL_ACCESS_BIT(access, BL_RELATION_INSIDE) |
		     BL_ACCESS_BIT(access, BL_RELATION_OUTSIDE);

	return label && (label->silent_accesses & both) != both;
}

static __always_inline bool is_own(__u64 task_at)
{
	const struct task_struct *task = (const void *)task_at;

	return (__u32)BPF_CORE_READ(task, tgid) == bpf_get_current_pid_tgid() >> 32;
}

/* ptrace(2), and all that the kernel allows to whoever might: see there on access modes. */
SEC("lsm/ptrace_access_check")
int BPF_PROG(bl_ptrace_access_check, struct task_struct *child, unsigned int mode, int prev)
{
	struct bl_label *label;

	if (prev)
		return prev;
	label = user();
	if (label && mode & PTRACE_MODE_ATTACH) {
		const struct bl_label *other = bpf_task_storage_get(&labels, child, NULL, 0);

		/* Little of what it does is decided yet: whoever is in it would do it. */
		if (other && other->count && !other->has_executed)
			return verdict_return(verdict_fail(label, BL_OP_PTRACE, ASK_USE(PROCESS),
							   state.mode, BL_FAIL_ENGINE));
	}
	if (!is_restricted(label, BL_ACCESS_PTRACE))
		return 0;
	return check_access(label, (__u64)child, relation_of(label, (__u64)child),
			    BL_ACCESS_PTRACE, 0, mode & PTRACE_MODE_NOAUDIT);
}

/*
 * Current asks to be traced. By somebody of its own container: that is what this one may do. By
 * somebody outside: he traces into the container, and it is his doing.
 */
SEC("lsm/ptrace_traceme")
int BPF_PROG(bl_ptrace_traceme, struct task_struct *parent, int prev)
{
	struct bl_label *label;

	if (prev)
		return prev;
	label = user();
	if (!is_restricted(label, BL_ACCESS_PTRACE) ||
	    relation_of(label, (__u64)parent) == BL_RELATION_OUTSIDE)
		return 0;
	return check_access(label, (__u64)parent, BL_RELATION_INSIDE, BL_ACCESS_PTRACE, 0, false);
}

/* With cred: what a USB device's driver sends later, to whoever asked for it. */
SEC("lsm/task_kill")
int BPF_PROG(bl_task_kill, struct task_struct *task, void *info, int signal,
	     const struct cred *cred, int prev)
{
	struct bl_label *label;
	__u64 cred_at = 0;

	if (prev || !signal)
		return prev;
	/* 6.12 takes the argument for valid, and a test of it for needless. */
	bpf_probe_read_kernel(&cred_at, sizeof(cred_at), ctx + 3);
	label = user();
	if (cred_at || !is_restricted(label, BL_ACCESS_SIGNAL) || is_own((__u64)task))
		return 0;
	return check_access(label, (__u64)task, relation_of(label, (__u64)task),
			    BL_ACCESS_SIGNAL, signal, false);
}

/* --- signals that a file sends --- */

/*
 * The owner of a file (F_SETOWN, F_SETSIG) is sent signals when something happens to the file, in
 * whatever task that happens. So it is decided when the owner is set, and what was denied then is
 * remembered, because it cannot be refused there, until another owner is set, or one of another
 * file in its place. Who sets more than can be remembered is killed.
 */
#define SIGIO 29

static __always_inline __u64 owner_of(struct file *file)
{
	struct file___before_6_12 *before = (void *)file;

	if (bpf_core_field_exists(before->f_owner))
		return (__u64)file + bpf_core_field_offset(before->f_owner);
	return (__u64)BPF_CORE_READ(file, f_owner);
}

/* The tasks of a process or of a group. */
struct group_walk {
	const struct bl_label *label;
	__u64 link;   /* struct hlist_node of the task to look at */
	__u64 offset; /* where it is in that */
	__u64 task;   /* one outside, or else one that is not current's own; 0: there is none */
	__u32 relation;
};

static long group_step(__u32 index, struct group_walk *walk)
{
	__u64 task = walk->link - walk->offset;

	if (relation_of(walk->label, task) == BL_RELATION_OUTSIDE) {
		walk->task = task;
		walk->relation = BL_RELATION_OUTSIDE;
		return 1;
	}
	if (!is_own(task))
		walk->task = task;
	bpf_probe_read_kernel(&walk->link, sizeof(walk->link), (const void *)walk->link);
	return !walk->link;
}

/* Of a group that is larger than is looked at, somebody may be outside. */
#define GROUP_MAX 4096

static __always_inline struct group_walk walk_group(const struct bl_label *label,
						    const struct pid *pid, __u32 type)
{
	__u32 index = type & (PIDTYPE_MAX - 1);
	struct group_walk walk = {
		.label = label,
		.offset = bpf_core_field_offset(struct task_struct, pid_links) +
			  index * sizeof(struct hlist_node),
		.relation = BL_RELATION_INSIDE,
	};

	bpf_probe_read_kernel(&walk.link, sizeof(walk.link),
			      (const void *)pid + bpf_core_field_offset(pid->tasks) +
				      index * sizeof(struct hlist_head));
	if (walk.link && bpf_loop(GROUP_MAX, group_step, &walk, 0) == GROUP_MAX)
		walk.relation = BL_RELATION_OUTSIDE;
	return walk;
}

/* Whether current may have signals sent to it; 0 or -EPERM. */
static __always_inline int check_owner(const struct fown_struct *owner, const struct pid *pid)
{
	struct bl_label *label = user();
	struct group_walk walk;
	__u32 signal;

	if (!is_restricted(label, BL_ACCESS_SIGNAL))
		return 0;
	walk = walk_group(label, pid, BPF_CORE_READ(owner, pid_type));
	if (!walk.task)
		return 0;
	signal = BPF_CORE_READ(owner, signum);
	return check_access(label, walk.task, walk.relation, BL_ACCESS_SIGNAL,
			    signal ? signal : SIGIO, false);
}

SEC("lsm/file_set_fowner")
int BPF_PROG(bl_file_set_fowner, struct file *file)
{
	__u64 key = owner_of(file);
	const struct fown_struct *owner = (const void *)key;
	const struct pid *pid = BPF_CORE_READ(owner, pid);
	__u64 denied = (__u64)pid;

	if (!pid)
		return 0;
	if (!check_owner(owner, pid))
		bpf_map_delete_elem(&owners_denied, &key);
	else if (bpf_map_update_elem(&owners_denied, &key, &denied, BPF_ANY))
		bpf_send_signal(SIGKILL);
	return 0;
}

SEC("lsm/file_send_sigiotask")
int BPF_PROG(bl_file_send_sigiotask, struct task_struct *task, struct fown_struct *owner,
	     int signal, int prev)
{
	__u64 key = (__u64)owner;
	const __u64 *denied;

	if (prev)
		return prev;
	denied = bpf_map_lookup_elem(&owners_denied, &key);
	return denied && *denied == (__u64)owner->pid ? verdict_return(verdict_of_before()) : 0;
}
