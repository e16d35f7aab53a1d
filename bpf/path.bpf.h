/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one resolver: a mount and a dentry to the absolute path in the task's mount namespace.
 *
 * bpf_d_path() is not used: it names a file relative to the task's root, so chroot(2) would give
 * the same file another name; it does not say whether the walk ended at the namespace's root at
 * all, so a detached mount would look like the root; and most hooks may not call it. The walk here
 * goes up from the object to the root mount of a mount namespace, whatever the task's root is, and
 * arrives there or fails (I2).
 *
 * A deleted file is judged by the last name it had.
 *
 * Renames and mounts that happen during the walk are noticed by the kernel's own sequence counters,
 * and the walk is done again; see path_resolve(). A name is made up from the leaf, so it is written
 * from the buffer's end.
 *
 * Everything here is global functions over plain numbers, so that the verifier goes through them
 * once for each program, whatever the number of callers. prefix.bpf.h is what makes it rare.
 */
#pragma once

#include "bpf/scratch.bpf.h"

/*
 * Each step writes at least "/x" or crosses a mount, so a path that fits is never cut short by
 * this.
 */
#define PATH_STEPS_MAX 4096

/*
 * The counters stand still for long compared with a walk; this many disturbed walks are an attack.
 */
#define PATH_TRIES_MAX 16

/* Names that are the same file in other spellings: folded to one case. */
#define DCACHE_FOLDS (DCACHE_OP_HASH | DCACHE_OP_COMPARE)

static __always_inline __u32 read_sequence(const void *lock)
{
	__u32 sequence = 1;

	bpf_probe_read_kernel(&sequence, sizeof(sequence), lock);
	return sequence;
}

/* An offset the compiler does not make part of a load: libbpf would adjust that load's size. */
#define DENTRY_OFFSET(field)                                                                       \
	({                                                                                         \
		__u32 offset = bpf_core_field_offset(struct dentry, field);                        \
		barrier_var(offset);                                                               \
		offset;                                                                            \
	})
#define DENTRY_FIELD(bytes, field, type)                                                           \
	(*(const type *)((const void *)(bytes) + DENTRY_OFFSET(field)))

/* Puts "/name" of the dentry in scratch before what is there. Returns enum bl_fail. */
static __always_inline __u32 path_prepend(struct scratch *scratch)
{
	const struct dentry_bytes *bytes = &scratch->dentry;
	struct path_walk *walk = &scratch->walk;
	__u32 inline_at = DENTRY_OFFSET(d_iname);
	__u32 len = DENTRY_FIELD(bytes, d_name.len, __u32);
	__u64 name = DENTRY_FIELD(bytes, d_name.name, __u64);
	__u32 end = walk->position;
	char *key = scratch->key;
	__u32 at;

	if (len > NAME_MAX || len + 1 > end)
		return BL_FAIL_TOO_LONG;
	at = (end - len - 1) & (BL_PATH_MAX - 1);
	if (inline_at + DNAME_INLINE_LEN <= sizeof(*bytes) && name == walk->dentry + inline_at &&
	    len < DNAME_INLINE_LEN) {
		/* By whole words; what stands behind the name is put back. */
		const void *iname = (const void *)bytes + inline_at;
		__u64 behind;

		end &= BL_PATH_MAX - 1;
		behind = *(__u64 *)(key + end);
		*(__u64 *)(key + at + 1) = *(const __u64 *)iname;
		if (len > 8)
			*(__u64 *)(key + at + 9) = *(const __u64 *)(iname + 8);
		if (len > 16)
			*(__u64 *)(key + at + 17) = *(const __u64 *)(iname + 16);
		if (len > 24)
			*(__u64 *)(key + at + 25) = *(const __u64 *)(iname + 24);
		*(__u64 *)(key + end) = behind;
	} else if (bpf_probe_read_kernel(key + at + 1, len & NAME_MAX, (const void *)name)) {
		return BL_FAIL_LOOKUP;
	}
	key[at] = '/';
	walk->position = at;
	return BL_FAIL_NONE;
}

/* Into the mount: what is needed to leave it at its root. */
static __always_inline void path_enter_mount(struct path_walk *walk, __u64 mount)
{
	struct {
		__u64 parent;
		__u64 mountpoint;
		__u64 root;
	} where = {};
	__u32 offset = bpf_core_field_offset(struct mount, mnt_parent);
	const struct mount *typed = (const struct mount *)mount;

	walk->mount = mount;
	if (bpf_core_field_offset(struct mount, mnt_mountpoint) == offset + 8 &&
	    bpf_core_field_offset(struct mount, mnt.mnt_root) == offset + 16) {
		bpf_probe_read_kernel(&where, sizeof(where), (const void *)mount + offset);
	} else {
		where.parent = (__u64)BPF_CORE_READ(typed, mnt_parent);
		where.mountpoint = (__u64)BPF_CORE_READ(typed, mnt_mountpoint);
		where.root = (__u64)BPF_CORE_READ(typed, mnt.mnt_root);
	}
	walk->parent_mount = where.parent;
	walk->mountpoint = where.mountpoint;
	walk->mount_root = where.root;
}

static __always_inline void path_see(struct path_walk *walk, __u64 parent, __u32 sequence)
{
	walk->seen = (walk->seen ^ parent) * 0x9e3779b97f4a7c15 + sequence;
	walk->is_odd |= sequence & 1;
}

static long path_step(__u32 index, struct scratch **of)
{
	struct scratch *scratch = *of;
	struct path_walk *walk = &scratch->walk;
	__u64 dentry = walk->dentry;
	__u32 sequence;
	__u64 parent;
	__u32 flags;

	if (dentry == walk->mount_root) {
		if (walk->parent_mount == walk->mount) {
			walk->is_done = 1;
			return 1;
		}
		walk->dentry = walk->mountpoint;
		path_enter_mount(walk, walk->parent_mount);
		return 0;
	}
	if (bpf_probe_read_kernel(&scratch->dentry, sizeof(scratch->dentry),
				  (const void *)dentry)) {
		walk->fail = BL_FAIL_LOOKUP;
		return 1;
	}
	parent = DENTRY_FIELD(&scratch->dentry, d_parent, __u64);
	/* A tree of its own that is no mount's: a pipe, a memfd, a handle not connected yet. */
	if (parent == dentry) {
		walk->is_outside = 1;
		walk->fail = BL_FAIL_LOOKUP;
		return 1;
	}
	walk->fail = path_prepend(scratch);
	flags = DENTRY_FIELD(&scratch->dentry, d_flags, __u32);
	if ((flags & DCACHE_FOLDS) == DCACHE_FOLDS)
		walk->folded = walk->position;
	if (!index)
		walk->leaf = walk->position;
	if (index == 1 && walk->leaf < BL_PATH_MAX - 1)
		walk->stem = walk->position;
	/* What a second walk is compared by is read after what it protects, the first's before. */
	sequence = DENTRY_FIELD(&scratch->dentry, d_seq, __u32);
	if (walk->is_again)
		sequence = read_sequence((const void *)dentry + DENTRY_OFFSET(d_seq));
	path_see(walk, parent, sequence);
	walk->dentry = parent;
	return walk->fail != BL_FAIL_NONE;
}

static __always_inline __u64 mount_of(__u64 vfsmount)
{
	return vfsmount - bpf_core_field_offset(struct mount, mnt);
}

/* Why a walk did not end at the root of the task's namespace. */
static __always_inline __u32 path_classify(__u64 vfsmount, __u64 ours)
{
	const struct mount *mount = (const void *)mount_of(vfsmount);
	struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);

	if (!namespace)
		return BL_FAIL_DETACHED;
	/* MNT_NS_INTERNAL of fs/mount.h is an error pointer. */
	if (IS_ERR_VALUE((__u64)namespace))
		return BL_FAIL_INTERNAL;
	if ((__u64)namespace == ours)
		return BL_FAIL_LOOKUP;
	return BPF_CORE_READ(namespace, seq) ? BL_FAIL_FOREIGN : BL_FAIL_DETACHED;
}

/* Whether the mount is the root mount of some namespace, and not of a tree that is detached. */
static __always_inline bool is_namespace_root(__u64 mount)
{
	const struct mount *typed = (const struct mount *)mount;
	const struct mnt_namespace *namespace = BPF_CORE_READ(typed, mnt_ns);

	return namespace && !IS_ERR_VALUE((__u64)namespace) && BPF_CORE_READ(namespace, seq) &&
	       (__u64)BPF_CORE_READ(namespace, root) == mount;
}

static __always_inline void path_finish(struct path_try *try, const struct path_walk *walk)
{
	const struct mnt_namespace *ours = (const struct mnt_namespace *)try->namespace;

	try->position = walk->position;
	try->leaf_len = BL_PATH_MAX - 1 - walk->leaf;
	try->stem_len = BL_PATH_MAX - 1 - walk->stem;
	try->folded_len = walk->folded ? BL_PATH_MAX - 1 - walk->folded : 0;
	try->is_outside = walk->is_outside;
	if (walk->is_done && walk->mount == (__u64)BPF_CORE_READ(ours, root))
		try->fail = BL_FAIL_NONE;
	else if (walk->is_done && try->is_any_namespace && is_namespace_root(walk->mount))
		try->fail = BL_FAIL_NONE;
	else if (walk->fail == BL_FAIL_TOO_LONG)
		try->fail = BL_FAIL_TOO_LONG;
	else
		try->fail = path_classify(try->vfsmount, try->namespace);
}

/*
 * The first walk counts if nobody renamed or mounted anything meanwhile. One after it counts if it
 * saw the same dentries with the same counters as the walk before it: then both saw what was there
 * between them. rename_lock changes with everybody's renames, a dentry's own counter only with its
 * own; so somebody else's renames deny nothing.
 */
static long path_walk(__u32 index, struct scratch **of)
{
	struct scratch *scratch = *of;
	struct path_try *try = &scratch->try;
	__u32 renames = index ? 0 : read_sequence(&rename_lock);
	__u32 mounts = read_sequence(&mount_lock);
	struct path_walk *walk = &scratch->walk;
	__u64 seen = walk->seen;

	__builtin_memset(walk, 0, sizeof(*walk));
	walk->dentry = try->dentry;
	walk->position = BL_PATH_MAX - 1;
	walk->leaf = BL_PATH_MAX - 1;
	walk->stem = BL_PATH_MAX - 1;
	walk->is_again = index;
	path_enter_mount(walk, mount_of(try->vfsmount));
	bpf_loop(PATH_STEPS_MAX, path_step, of, 0);
	if (mounts & 1 || read_sequence(&mount_lock) != mounts)
		return 0;
	if (index ? walk->is_odd || walk->seen != seen
		  : renames & 1 || read_sequence(&rename_lock) != renames)
		return 0;
	path_finish(try, walk);
	return 1;
}

/*
 * Writes the path of scratch->try to the end of scratch->key, without NUL: key_len bytes from
 * position on. Not 0: it failed, and try.fail says why. The root directory is "/".
 */
__noinline int path_resolve(struct scratch *scratch)
{
	struct path_try *try;

	if (!scratch)
		return -1;
	try = &scratch->try;
	try->fail = BL_FAIL_LOOKUP;
	try->key_len = 0;
	bpf_loop(1 + PATH_TRIES_MAX, path_walk, &scratch, 0);
	if (try->fail)
		return -1;
	if (try->position >= BL_PATH_MAX - 1) {
		try->position = BL_PATH_MAX - 2;
		try->leaf_len = 0;
		scratch->key[BL_PATH_MAX - 2] = '/';
	}
	try->key_len = BL_PATH_MAX - 1 - try->position;
	return 0;
}

#define MIX(key, word) (((key) ^ (word)) * 0x9e3779b97f4a7c15)

/*
 * Stands for all the mounts of the namespace, as they are now; see prefix.bpf.h. Both are small
 * numbers that a task can steer: the first is spread before the second is added.
 */
static __always_inline __u64 mounts_key(__u64 namespace, __u64 event)
{
	__u64 key = MIX(namespace, 0);

	return MIX(key ^ key >> 32, event);
}

/* Sets out to resolve a path in current's mount namespace. */
static __always_inline void path_begin(struct scratch *scratch, __u64 vfsmount, __u64 dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct mnt_namespace *namespace = task->nsproxy->mnt_ns;

	scratch->try.vfsmount = vfsmount;
	scratch->try.dentry = dentry;
	scratch->try.namespace = (__u64)namespace;
	scratch->try.event = namespace->event;
	scratch->try.mounts = mounts_key(namespace->seq, scratch->try.event);
	scratch->try.is_any_namespace = 0;
	scratch->try.prefix_state = 0;
	scratch->try.parent_state = 0;
}
