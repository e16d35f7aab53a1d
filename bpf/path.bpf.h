/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one resolver: a mount and a dentry to the absolute path in the task's mount namespace.
 *
 * bpf_d_path() is not used: it names a file relative to the task's root, so chroot(2) would give the
 * same file another name; it does not say whether the walk ended at the namespace's root at all, so a detached
 * mount would look like the root; and most hooks may not call it. The walk here goes up from the object to the
 * root mount of current's mount namespace, whatever the task's root is, and arrives there or fails (I2).
 *
 * A deleted file is judged by the last name it had.
 *
 * Renames and mounts that happen during the walk are noticed by the kernel's own sequence counters, and the walk is
 * done again; see walk_path(). A name is made up from the leaf, so it is written from the buffer's end.
 */
#pragma once

#include "bpf/maps.bpf.h"

/* Each step writes at least "/x" or crosses a mount, so a path that fits is never cut short by this. */
#define PATH_STEPS_MAX 4096

/* The counters stand still for long compared with a walk; this many disturbed walks are an attack. */
#define PATH_TRIES_MAX 16

struct path_walk {
	struct mount *mount; /* where the walk is */
	struct dentry *dentry;
	struct dentry *mount_root; /* of mount */
	char *key;
	__u32 position; /* of the first byte written so far */
	__u32 fail;	/* enum bl_fail, BL_FAIL_NONE while walking */
	__u32 is_done;
};

static __always_inline __u32 read_sequence(const void *lock)
{
	__u32 sequence = 1;

	bpf_probe_read_kernel(&sequence, sizeof(sequence), lock);
	return sequence;
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

static long path_step(__u32 index, struct path_walk *walk)
{
	struct dentry *dentry = walk->dentry;
	struct dentry *parent;
	struct qstr name;
	__u32 position = walk->position;
	__u32 len;

	if (dentry == walk->mount_root) {
		path_leave_mount(walk);
		return walk->is_done;
	}

	parent = BPF_CORE_READ(dentry, d_parent);
	if (parent == dentry) {
		/* A tree of its own that is no mount's: a pipe, a memfd, a handle not connected yet. */
		walk->fail = BL_FAIL_LOOKUP;
		return 1;
	}
	name.name = BPF_CORE_READ(dentry, d_name.name);
	len = BPF_CORE_READ(dentry, d_name.len);
	if (len > NAME_MAX || len + 1 > position) {
		walk->fail = BL_FAIL_TOO_LONG;
		return 1;
	}

	position = (position - len) & (BL_PATH_MAX - 1);
	if (bpf_probe_read_kernel(walk->key + position, len & NAME_MAX, name.name)) {
		walk->fail = BL_FAIL_LOOKUP;
		return 1;
	}
	position = (position - 1) & (BL_PATH_MAX - 1);
	walk->key[position] = '/';
	walk->position = position;
	walk->dentry = parent;
	return 0;
}

/* Why a walk did not end at the root of the task's namespace. */
static __always_inline __u32 path_classify(struct vfsmount *vfsmount, struct mnt_namespace *ours)
{
	struct mount *mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt);
	struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);

	if (!namespace)
		return BL_FAIL_DETACHED;
	/* MNT_NS_INTERNAL of fs/mount.h is an error pointer. */
	if (IS_ERR_VALUE((__u64)namespace))
		return BL_FAIL_INTERNAL;
	return namespace == ours ? BL_FAIL_LOOKUP : BL_FAIL_FOREIGN;
}

struct path_try {
	struct vfsmount *vfsmount;
	struct dentry *dentry;
	struct mnt_namespace *namespace;
	char *key;
	__u32 position;
	__u32 fail;
};

/* One walk. Goes again (returns 0) when something was renamed or mounted meanwhile. */
static long path_try(__u32 index, struct path_try *try)
{
	__u32 renames = read_sequence(&rename_lock);
	__u32 mounts = read_sequence(&mount_lock);
	struct vfsmount *vfsmount = try->vfsmount;
	struct mnt_namespace *namespace = try->namespace;
	struct path_walk walk = {
		.mount = (void *)vfsmount - bpf_core_field_offset(struct mount, mnt),
		.dentry = try->dentry,
		.mount_root = BPF_CORE_READ(vfsmount, mnt_root),
		.key = try->key,
		.position = BL_PATH_MAX - 1,
	};

	try->fail = BL_FAIL_LOOKUP;
	if ((renames | mounts) & 1)
		return 0;
	bpf_loop(PATH_STEPS_MAX, path_step, &walk, 0);
	if (read_sequence(&rename_lock) != renames || read_sequence(&mount_lock) != mounts)
		return 0;

	try->position = walk.position;
	if (walk.is_done && walk.mount == BPF_CORE_READ(namespace, root))
		try->fail = BL_FAIL_NONE;
	else if (walk.fail == BL_FAIL_TOO_LONG)
		try->fail = BL_FAIL_TOO_LONG;
	else
		try->fail = path_classify(vfsmount, namespace);
	return 1;
}

/*
 * Writes the path to the end of scratch->key, without NUL. Returns its length and where it starts, or 0 and the
 * reason. The root directory is "/".
 */
static __always_inline __u32 path_resolve(struct vfsmount *vfsmount, struct dentry *dentry,
					  struct scratch *scratch, __u32 *ret_position,
					  __u32 *reterr_fail)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct path_try try = {
		.vfsmount = vfsmount,
		.dentry = dentry,
		.namespace = task->nsproxy->mnt_ns,
		.key = scratch->key,
		.fail = BL_FAIL_LOOKUP,
	};

	bpf_loop(PATH_TRIES_MAX, path_try, &try, 0);
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
