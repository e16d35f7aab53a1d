/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one resolver: a mount and a dentry to the absolute path in the task's mount namespace.
 *
 * bpf_d_path() is not used: it names a file relative to the task's root, so chroot(2) would give
 * the same file another name; it does not say whether the walk ended at the namespace's root at
 * all, so a detached mount would look like the root; and most hooks may not call it. The walk here
 * goes up from the object to the root mount of current's mount namespace, whatever the task's root
 * is, and arrives there or fails (I2).
 *
 * A deleted file is judged by the last name it had.
 *
 * Renames and mounts that happen during the walk are noticed by the kernel's own sequence counters,
 * and the walk is done again; see walk_path(). A name is made up from the leaf, so it is written
 * from the buffer's end.
 */
#pragma once

#include "bpf/maps.bpf.h"

/*
 * Each step writes at least "/x" or crosses a mount, so a path that fits is never cut short by
 * this.
 */
#define PATH_STEPS_MAX 4096

/*
 * The counters stand still for long compared with a walk; this many disturbed walks are an attack.
 */
#define PATH_TRIES_MAX 16

/* Components that are read through typed pointers, which costs a load and not a helper's call. */
#define PATH_QUICK_STEPS 8

struct path_walk {
	struct mount *mount; /* where the walk is */
	struct dentry *dentry;
	struct dentry *mount_root; /* of mount */
	char *key;
	__u32 position; /* of the first byte written so far */
	__u32 fail;	/* enum bl_fail, BL_FAIL_NONE while walking */
	__u32 is_done;
	__u64 seen; /* every dentry that was passed, and its sequence counter */
	__u32 is_odd; /* a dentry was being renamed */
};

static __always_inline __u32 read_sequence(const void *lock)
{
	__u32 sequence = 1;

	bpf_probe_read_kernel(&sequence, sizeof(sequence), lock);
	return sequence;
}

/* Puts "/name" before what is there; *position is where that starts. Returns enum bl_fail. */
static __always_inline __u32 path_prepend(char *key, __u32 *position, const void *name, __u32 len)
{
	__u32 at = *position;

	if (len > NAME_MAX || len + 1 > at)
		return BL_FAIL_TOO_LONG;
	at = (at - len) & (BL_PATH_MAX - 1);
	if (bpf_probe_read_kernel(key + at, len & NAME_MAX, name))
		return BL_FAIL_LOOKUP;
	at = (at - 1) & (BL_PATH_MAX - 1);
	key[at] = '/';
	*position = at;
	return BL_FAIL_NONE;
}

/*
 * The same for a name kept in the dentry itself, as nearly all are: by whole words and without a
 * helper's call. What stands behind the name is put back after the last word has run over it.
 */
static __always_inline __u32 path_prepend_dentry(char *key, __u32 *position,
						 const struct dentry *dentry)
{
	__u32 len = dentry->d_name.len;
	__u32 end = *position & (BL_PATH_MAX - 1);
	__u64 behind;
	__u32 at;

	if (!bpf_core_field_exists(dentry->d_iname) ||
	    dentry->d_name.name != &dentry->d_iname[0] || len >= DNAME_INLINE_LEN)
		return path_prepend(key, position, dentry->d_name.name, len);
	if (len + 1 > end)
		return BL_FAIL_TOO_LONG;

	at = (end - len - 1) & (BL_PATH_MAX - 1);
	behind = *(__u64 *)(key + end);
	*(__u64 *)(key + at + 1) = *(const __u64 *)&dentry->d_iname[0];
	if (len > 8)
		*(__u64 *)(key + at + 9) = *(const __u64 *)&dentry->d_iname[8];
	if (len > 16)
		*(__u64 *)(key + at + 17) = *(const __u64 *)&dentry->d_iname[16];
	if (len > 24)
		*(__u64 *)(key + at + 25) = *(const __u64 *)&dentry->d_iname[24];
	*(__u64 *)(key + end) = behind;
	key[at] = '/';
	*position = at;
	return BL_FAIL_NONE;
}

/* Out of the mount, to the directory it is mounted on. */
static __always_inline void path_leave_mount(struct path_walk *walk)
{
	struct mount *mount = walk->mount;
	struct mount *parent = BPF_CORE_READ(mount, mnt_parent);

	if (parent == mount) {
		walk->is_done = 1;
		return;
	}
	walk->dentry = BPF_CORE_READ(mount, mnt_mountpoint);
	walk->mount = parent;
	walk->mount_root = BPF_CORE_READ(parent, mnt.mnt_root);
}

static __always_inline void path_see(struct path_walk *walk, const void *what, __u32 sequence)
{
	walk->seen = (walk->seen ^ (__u64)what) * 0x9e3779b97f4a7c15 + sequence;
	walk->is_odd |= sequence & 1;
}

static long path_step(__u32 index, struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct dentry *parent;

	if (dentry == walk->mount_root) {
		path_leave_mount(walk);
		return walk->is_done != 0;
	}
	parent = BPF_CORE_READ(dentry, d_parent);
	/* A tree of its own that is no mount's: a pipe, a memfd, a handle not connected yet. */
	if (parent == dentry) {
		walk->fail = BL_FAIL_LOOKUP;
		return 1;
	}
	walk->fail = path_prepend(walk->key, &walk->position, BPF_CORE_READ(dentry, d_name.name),
				  BPF_CORE_READ(dentry, d_name.len));
	/* After what it protects. */
	path_see(walk, parent,
		 read_sequence((const void *)dentry + bpf_core_field_offset(struct dentry, d_seq)));
	walk->dentry = parent;
	return walk->fail != BL_FAIL_NONE;
}

/* Why a walk did not end at the root of the task's namespace. */
static __always_inline __u32 path_classify(struct mount *mount, struct mnt_namespace *ours)
{
	struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);

	if (!namespace)
		return BL_FAIL_DETACHED;
	/* MNT_NS_INTERNAL of fs/mount.h is an error pointer. */
	if (IS_ERR_VALUE((__u64)namespace))
		return BL_FAIL_INTERNAL;
	if (namespace == ours)
		return BL_FAIL_LOOKUP;
	return BPF_CORE_READ(namespace, seq) ? BL_FAIL_FOREIGN : BL_FAIL_DETACHED;
}

struct path_try {
	struct vfsmount *vfsmount;
	struct dentry *dentry;
	struct mnt_namespace *namespace;
	char *key;
	__u32 position;
	__u32 fail;
	__u32 is_any_namespace; /* the root of any mount namespace will do */
	__u64 seen; /* by the last walk */
};

/* Whether the mount is the root mount of some namespace, and not of a tree that is detached. */
static __always_inline bool is_namespace_root(const struct mount *mount)
{
	const struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);

	return namespace && !IS_ERR_VALUE((__u64)namespace) && BPF_CORE_READ(namespace, seq) &&
	       BPF_CORE_READ(namespace, root) == mount;
}

/*
 * Whether the mount is mounted on the root of the namespace's root mount, as the root file system
 * nearly always is. Both fields are read at once, so no sequence counter is needed.
 */
static __always_inline bool is_root_mount(const struct mount *mount, const struct mount *ns_root)
{
	struct {
		const struct mount *parent;
		const struct dentry *mountpoint;
	} where = {};
	__u32 offset = bpf_core_field_offset(struct mount, mnt_parent);

	if (bpf_core_field_offset(struct mount, mnt_mountpoint) != offset + sizeof(where.parent))
		return false;
	if (bpf_probe_read_kernel(&where, sizeof(where), (const void *)mount + offset))
		return false;
	return where.parent == ns_root && where.mountpoint == ns_root->mnt.mnt_root;
}

static __always_inline void path_finish(struct path_try *try, const struct path_walk *walk)
{
	try->position = walk->position;
	if (walk->is_done && walk->mount == try->namespace->root)
		try->fail = BL_FAIL_NONE;
	else if (walk->is_done && try->is_any_namespace && is_namespace_root(walk->mount))
		try->fail = BL_FAIL_NONE;
	else if (walk->fail == BL_FAIL_TOO_LONG)
		try->fail = BL_FAIL_TOO_LONG;
	else
		try->fail = path_classify((void *)try->vfsmount -
						  bpf_core_field_offset(struct mount, mnt),
					  try->namespace);
}

/* One walk. 0: something was renamed or mounted meanwhile, it has to be done again. */
static __noinline long path_walk(struct path_try *try)
{
	struct vfsmount *vfsmount = try->vfsmount;
	struct mnt_namespace *namespace = try->namespace;
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	struct dentry *mount_root = vfsmount->mnt_root;
	struct dentry *dentry = try->dentry;
	__u32 renames = read_sequence(&rename_lock);
	__u32 position = BL_PATH_MAX - 1;
	__u32 fail = BL_FAIL_NONE;
	__u32 mounts;
	struct path_walk walk;

	try->fail = BL_FAIL_LOOKUP;
	if (renames & 1)
		return 0;

	_Pragma("unroll") for (int i = 0; i < PATH_QUICK_STEPS; i++)
	{
		struct dentry *parent = dentry->d_parent;

		if (dentry == mount_root || parent == dentry)
			break;
		fail = path_prepend_dentry(try->key, &position, dentry);
		if (fail)
			break;
		dentry = parent;
	}
	if (dentry == mount_root && is_root_mount(mount, namespace->root)) {
		try->position = position;
		try->fail = BL_FAIL_NONE;
		return read_sequence(&rename_lock) == renames;
	}

	mounts = read_sequence(&mount_lock);
	if (mounts & 1)
		return 0;
	walk = (struct path_walk){
		.mount = mount,
		.dentry = dentry,
		.mount_root = mount_root,
		.key = try->key,
		.position = position,
		.fail = fail,
	};
	if (!fail)
		bpf_loop(PATH_STEPS_MAX, path_step, &walk, 0);
	if (read_sequence(&rename_lock) != renames || read_sequence(&mount_lock) != mounts)
		return 0;
	path_finish(try, &walk);
	return 1;
}

/*
 * A walk while somebody renames all the time, or was interrupted in the middle of it. That changes
 * rename_lock for everybody, but a dentry's own counter only for those that are renamed. Two walks
 * in a row that saw the same dentries with the same counters saw what was there between them.
 */
static long path_walk_again(__u32 index, struct path_try *try)
{
	struct vfsmount *vfsmount = try->vfsmount;
	__u32 mounts = read_sequence(&mount_lock);
	__u64 seen = try->seen;
	struct path_walk walk = {
		.mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt),
		.dentry = try->dentry,
		.mount_root = vfsmount->mnt_root,
		.key = try->key,
		.position = BL_PATH_MAX - 1,
		.seen = mounts, /* not a constant: 6.1 takes what follows from one for always so */
	};

	bpf_loop(PATH_STEPS_MAX, path_step, &walk, 0);
	try->seen = walk.seen;
	if (walk.is_odd || walk.seen != seen || mounts & 1 || read_sequence(&mount_lock) != mounts)
		return 0;
	path_finish(try, &walk);
	return 1;
}

/*
 * Writes the path to the end of scratch->key, without NUL. Returns its length and where it starts,
 * or 0 and the reason. The root directory is "/". With is_any_namespace it may be a path in another
 * mount namespace than the task's.
 */
static __always_inline __u32 path_resolve(const struct path *path, bool is_any_namespace,
					  struct scratch *scratch, __u32 *ret_position,
					  __u32 *reterr_fail)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct path_try try = {
		.vfsmount = path->mnt,
		.dentry = path->dentry,
		.namespace = task->nsproxy->mnt_ns,
		.key = scratch->key,
		.fail = BL_FAIL_LOOKUP,
		.is_any_namespace = is_any_namespace,
	};

	if (!path_walk(&try)) {
		try.fail = BL_FAIL_LOOKUP;
		bpf_loop(PATH_TRIES_MAX, path_walk_again, &try, 0);
	}
	if (try.fail) {
		*reterr_fail = try.fail;
		return 0;
	}
	if (try.position == BL_PATH_MAX - 1) {
		try.position--;
		scratch->key[BL_PATH_MAX - 2] = '/';
	}
	*ret_position = try.position;
	return BL_PATH_MAX - 1 - try.position;
}
