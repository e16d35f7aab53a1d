/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What belongs to the engine, and who may touch it (I11): its objects of bpf(2), the file systems
 * these are pinned in, its files, its processes. Confined tasks may not, whatever their policies
 * say; sealed, nobody but the daemon may change any of it. guard.bpf.c has the hooks that are about
 * nothing else, and says what each stops.
 *
 * A refusal is a failure of class "engine": no rule is to blame. It is enforced if any policy is,
 * so that a dry run denies nothing here either.
 *
 * Files are known by super_block and inode number, whatever name or mount leads there. To find one
 * below a guarded directory takes a walk up from it; but where the state behind a directory's path
 * is kept (prefix.bpf.h), that walk has been done when it was made, and only the entry itself is
 * looked at. Objects on a bpffs, and what is written to files of procfs and cgroup2, are looked at
 * each time.
 */
#pragma once

#include "bpf/prefix.bpf.h"

/* Whom a seal keeps out and no policy binds: a label to be recorded with. Nothing writes to it. */
struct bl_label label_nobody SEC(".data.nobody") = {.fail = BL_FAIL_ENGINE};

/* The mode of a refusal: a seal does not depend on policies. */
static __always_inline __u32 guard_mode(const struct bl_label *label)
{
	return label->fail == BL_FAIL_ENGINE ? BL_MODE_ENFORCE : state.mode;
}

static __always_inline const volatile struct bl_guard_set *guard_set(void)
{
	return &guard.sets[guard.current & 1];
}

/* --- processes --- */

static __always_inline bool is_process(__u64 task_at, const volatile struct bl_guard_process *own)
{
	const struct task_struct *task = (const void *)task_at;

	return BPF_CORE_READ(task, group_leader, start_boottime) == own->start_ns;
}

/* Whether the task is one of the daemon's processes. */
static __always_inline bool is_engine(const struct task_struct *task)
{
	const volatile struct bl_guard_set *set = guard_set();
	__u32 tgid = task->tgid;

	for (int i = 0; i < BL_GUARD_PROCESSES; i++)
		if (set->processes[i].tgid == tgid)
			return is_process((__u64)task, &set->processes[i]);
	return false;
}

/* Whether current is kept out by the seal, which is for all but the daemon. */
static __always_inline bool is_sealed_out(void)
{
	return guard.is_sealed && !is_engine(bpf_get_current_task_btf());
}

/* --- files --- */

/* What an inode is; BL_GUARD_COUNT: nothing of the engine's. A global function: see path.bpf.h. */
__noinline int guard_kind(__u64 inode_at)
{
	const volatile struct bl_guard_set *set = guard_set();
	const struct inode *inode = (const void *)inode_at;
	__u64 number = BPF_CORE_READ(inode, i_ino);
	__u32 generation;
	__u64 super;

	if (!set->inodes[number & (BL_GUARD_INODES - 1)])
		return BL_GUARD_COUNT;
	super = (__u64)BPF_CORE_READ(inode, i_sb);
	generation = BPF_CORE_READ(inode, i_generation);
	for (__u32 i = 0; i < BL_GUARD_PLACES_MAX; i++) {
		if (i >= set->places_count)
			break;
		if (set->places[i].inode == number && set->places[i].super == super &&
		    set->places[i].inode_generation == generation)
			return set->places[i].kind;
	}
	return BL_GUARD_COUNT;
}

struct guard_walk {
	__u64 dentry;
	int kind; /* to be looked for */
	__u32 is_found;
};

static long guard_step(__u32 index, struct guard_walk *walk)
{
	const struct dentry *dentry = (const void *)walk->dentry;
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	__u64 parent = (__u64)BPF_CORE_READ(dentry, d_parent);

	if (inode && guard_kind(inode) == walk->kind) {
		walk->is_found = 1;
		return 1;
	}
	if (parent == walk->dentry)
		return 1;
	walk->dentry = parent;
	return 0;
}

/*
 * Whether the object is one of that kind, or below one. A directory is nowhere deeper than
 * PATH_STEPS_MAX; an object that is moved meanwhile is found on its old way or on its new one, and
 * what leads into a guarded directory was refused.
 */
static __always_inline bool is_below(__u64 dentry, enum bl_guard_kind kind)
{
	struct guard_walk walk = {.dentry = dentry, .kind = kind};

	bpf_loop(PATH_STEPS_MAX, guard_step, &walk, 0);
	return walk.is_found;
}

/* A file below /proc/PID of the engine's. Whoever may trace is asked elsewhere. */
static __always_inline bool is_of_process(__u64 inode_at)
{
	const struct proc_inode *inode =
		(const void *)(inode_at - bpf_core_field_offset(struct proc_inode, vfs_inode));
	const volatile struct bl_guard_set *set = guard_set();
	const struct pid *pid = BPF_CORE_READ(inode, pid);
	__u32 tgid;

	if (!pid)
		return false;
	tgid = BPF_CORE_READ(pid, numbers[0].nr);
	for (int i = 0; i < BL_GUARD_PROCESSES; i++)
		if (tgid && set->processes[i].tgid == tgid)
			return true;
	return false;
}

union control_name {
	char text[16];
	__u64 words[2];
};

static __always_inline bool is_control(const union control_name *name,
				       const union control_name *other)
{
	return name->words[0] == other->words[0] && name->words[1] == other->words[1];
}

/* What kills or freezes a cgroup that the daemon is in. */
static __always_inline bool is_control_of_daemon(const struct dentry *dentry)
{
	const union control_name freeze = {"cgroup.freeze"};
	const union control_name kill = {"cgroup.kill"};
	union control_name name = {};

	bpf_probe_read_kernel_str(name.text, sizeof(name.text), BPF_CORE_READ(dentry, d_name.name));
	if (!is_control(&name, &freeze) && !is_control(&name, &kill))
		return false;
	return guard_kind((__u64)BPF_CORE_READ(dentry, d_parent, d_inode)) == BL_GUARD_CGROUP;
}

/* How a file system is looked at. */
enum guard_look { GUARD_LOOK_ALWAYS, GUARD_LOOK_UP, GUARD_LOOK_NOT };

static __always_inline bool is_looked_at_always(__u64 magic)
{
	return magic == BPF_FS_MAGIC || magic == PROC_SUPER_MAGIC || magic == CGROUP2_SUPER_MAGIC;
}

static __always_inline bool may_hold_places(__u64 super)
{
	const volatile struct bl_guard_set *set = guard_set();

	for (int i = 0; i < BL_GUARD_SUPERS_MAX; i++)
		if (set->supers[i] == super)
			return true;
	return false;
}

/* Of a file system that is looked at always. */
static __noinline bool is_own_special(__u64 dentry_at, __u64 magic, __u32 asked)
{
	const struct dentry *dentry = (const void *)dentry_at;
	__u64 inode;

	if (magic == BPF_FS_MAGIC)
		return true;
	if (!(asked & BL_ASK(BL_SECTION_FILE, BL_FILE_WRITE)))
		return false;
	if (magic == CGROUP2_SUPER_MAGIC)
		return is_control_of_daemon(dentry);
	inode = (__u64)BPF_CORE_READ(dentry, d_inode);
	return inode && is_of_process(inode);
}

/* Whether an object is the engine's. A global function: see path.bpf.h. */
__noinline int guard_owns(__u64 dentry_at, __u32 asked)
{
	const struct dentry *dentry = (const void *)dentry_at;
	const struct super_block *super = BPF_CORE_READ(dentry, d_sb);
	__u64 magic = BPF_CORE_READ(super, s_magic);

	if (is_looked_at_always(magic))
		return is_own_special(dentry_at, magic, asked);
	return may_hold_places((__u64)super) && is_below(dentry_at, BL_GUARD_OWN);
}

/*
 * What is looked at of an object whose directory is known to be none of the engine's: the entry
 * itself, and where it always is. is_moved: what is above a guarded directory stays where it is.
 */
static __always_inline bool is_own_entry(struct bl_label *label, const struct dentry *dentry,
					 __u32 asked, bool is_moved)
{
	const struct inode *inode = dentry->d_inode;
	__u64 magic = dentry->d_sb->s_magic;
	int kind;

	if (is_looked_at_always(magic))
		return is_own_special(number_of(label, dentry), magic, asked);
	if (!is_there(label, inode) || !guard_set()->inodes[inode->i_ino & (BL_GUARD_INODES - 1)])
		return false;
	kind = guard_kind(number_of(label, inode));
	return kind == BL_GUARD_OWN || (is_moved && kind == BL_GUARD_ABOVE);
}

/* --- refusals --- */

/* Refuses what the request asks of scratch->try. */
static __always_inline int guard_refuse_try(struct scratch *scratch, struct bl_label *label)
{
	struct request *request = &scratch->request;

	request->mode = guard_mode(label);
	/* Of an old name it is not of interest what the new one would give. */
	if (request->is_gain)
		request->asked =
			request->own ? request->own : BL_ASK(BL_SECTION_FILE, BL_FILE_CREATE);
	if (path_resolve(scratch))
		return verdict_fail(label, request->operation, request->asked, request->mode,
				    BL_FAIL_ENGINE);
	request->position = scratch->try.position;
	request->key_len = scratch->try.key_len;
	return verdict_fail_key(scratch, label, BL_FAIL_ENGINE);
}

/* The same of an object about which no policy has to say anything. */
__noinline int guard_refuse(struct bl_label *label, __u64 vfsmount, __u64 dentry, __u32 asked,
			    __u32 operation)
{
	struct scratch *scratch;
	int verdict;

	if (!label)
		return -EPERM;
	scratch = scratch_take();
	if (!scratch)
		return verdict_fail(label, operation, asked, guard_mode(label), BL_FAIL_ENGINE);
	__builtin_memset(&scratch->request, 0, __builtin_offsetof(struct request, beyond));
	scratch->request.asked = asked;
	scratch->request.operation = operation;
	path_begin(scratch, vfsmount, dentry);
	verdict = guard_refuse_try(scratch, label);
	scratch_release(scratch);
	return verdict;
}

/* For what no policy mediates: the engine's objects only. */
static __always_inline int guard_path(struct bl_label *label, struct vfsmount *mount,
				      struct dentry *dentry, __u32 asked, __u32 operation)
{
	if (!guard_owns(number_of(label, dentry), asked))
		return 0;
	return guard_refuse(label, number_of(label, mount), number_of(label, dentry), asked,
			    operation);
}

/* The same of a name that is moved or mounted over: what is above the engine's stays, too. */
static __always_inline int guard_place(struct bl_label *label, struct vfsmount *mount,
				       struct dentry *dentry, __u32 asked, __u32 operation)
{
	__u64 inode = (__u64)BPF_CORE_READ(dentry, d_inode);

	if (!guard_owns(number_of(label, dentry), asked) &&
	    !(inode && guard_kind(inode) == BL_GUARD_ABOVE))
		return 0;
	return guard_refuse(label, number_of(label, mount), number_of(label, dentry), asked,
			    operation);
}

/* Refuses what a key says, of a process or a facility. */
__noinline int guard_refuse_key(struct bl_label *label, __u64 key, __u32 key_len, __u32 asked,
				__u32 operation)
{
	struct scratch *scratch;
	int verdict;

	if (!label)
		return -EPERM;
	scratch = scratch_take();
	if (!scratch)
		return verdict_fail(label, operation, asked, guard_mode(label), BL_FAIL_ENGINE);
	__builtin_memset(&scratch->request, 0, __builtin_offsetof(struct request, beyond));
	scratch->request.asked = asked;
	scratch->request.operation = operation;
	scratch->request.mode = guard_mode(label);
	scratch->request.key_len = key_len;
	*(__u64 *)scratch->key = key;
	verdict = verdict_fail_key(scratch, label, BL_FAIL_ENGINE);
	scratch_release(scratch);
	return verdict;
}

/* --- objects of bpf(2) --- */

static __always_inline bool is_own_object(enum bl_object object, __u32 id)
{
	__u64 key = BL_OBJECT_KEY(object, id);

	return bpf_map_lookup_elem(&engine_objects, &key);
}

/* As a use of the facility. */
static __always_inline int refuse_bpf(struct bl_label *label)
{
	return guard_refuse_key(label, BL_KEY_PRIVILEGE | BL_PRIVILEGE_BPF << 8,
				BL_KEY_PRIVILEGE_LEN, BL_ASK(BL_SECTION_PRIVILEGE, BL_USE),
				BL_OP_PRIVILEGE);
}
