// SPDX-License-Identifier: GPL-2.0
/*
 * Mode, owner, times, extended attributes, flags. Some of these hooks name a dentry and no mount:
 * see everywhere.bpf.h.
 *
 * overlayfs changes the attributes of its layers' files on the task's behalf, with the credentials
 * of who mounted it. That is no operation of the task's own; the one that is was decided. A task's
 * own operations have credentials that were put aside only through an io_uring: in its workers, and
 * by a personality. There the object is decided if it has a path; if it has none, and is not an
 * overlay's own, it is taken for a layer's.
 */
#include "bpf/everywhere.bpf.h"

/* inode_setattr() has got an argument in front, an idmap, in 6.9. Set before load. */
const volatile bool cfg_setattr_has_idmap;

static __always_inline int check_attr(const struct path *path)
{
	struct bl_label *label = subject_current();

	if (!label)
		return 0;
	return check_path(label, path->mnt, path->dentry, ASK_FILE(ATTR), BL_OP_ATTR);
}

SEC("lsm/path_chmod")
int BPF_PROG(bl_path_chmod, const struct path *path, unsigned short mode, int prev)
{
	return prev ? prev : check_attr(path);
}

SEC("lsm/path_chown")
int BPF_PROG(bl_path_chown, const struct path *path, unsigned long uid, unsigned long gid, int prev)
{
	return prev ? prev : check_attr(path);
}

static __always_inline int check_attr_of(struct dentry *dentry)
{
	struct task_struct *task = bpf_get_current_task_btf();
	bool is_for_another = task->cred != task->real_cred;
	struct bl_label *label = subject_current();
	struct scratch *scratch;
	int verdict;

	if (!label)
		return 0;
	if (is_for_another && !label->has_personality && !(task->flags & PF_IO_WORKER))
		return 0;
	if (!(ASK_FILE(ATTR) & label->mediated) ||
	    guard_owns(number_of(label, dentry), ASK_FILE(ATTR)))
		return verdict_return(guard_path(label, NULL, dentry, ASK_FILE(ATTR), BL_OP_ATTR));
	scratch = check_begin(label, ASK_FILE(ATTR), BL_OP_ATTR, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	path_begin(scratch, 0, (__u64)dentry);
	scratch->is_for_another = is_for_another;
	verdict = check_everywhere(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/*
 * Only times: path_chmod, path_chown and path_truncate have had the rest. Cutting a file sets them
 * too, and so does writing; neither is meant.
 */
static __always_inline int check_setattr(struct dentry *dentry, const struct iattr *attr)
{
	unsigned int valid = attr->ia_valid;

	if (!(valid & (ATTR_ATIME | ATTR_MTIME)) || valid & ATTR_SIZE)
		return 0;
	return check_attr_of(dentry);
}

SEC("lsm/inode_setattr")
int bl_inode_setattr(unsigned long long *ctx)
{
	if (cfg_setattr_has_idmap) {
		if (ctx[3])
			return (int)ctx[3];
		return check_setattr((struct dentry *)ctx[1], (const struct iattr *)ctx[2]);
	}
	if (ctx[2])
		return (int)ctx[2];
	return check_setattr((struct dentry *)ctx[0], (const struct iattr *)ctx[1]);
}

SEC("lsm/inode_setxattr")
int BPF_PROG(bl_inode_setxattr, void *idmap, struct dentry *dentry, const char *name,
	     const void *value, unsigned long size, int flags, int prev)
{
	return prev ? prev : check_attr_of(dentry);
}

SEC("lsm/inode_removexattr")
int BPF_PROG(bl_inode_removexattr, void *idmap, struct dentry *dentry, const char *name, int prev)
{
	return prev ? prev : check_attr_of(dentry);
}

/* Since 6.2; before, ACLs are extended attributes like others. */
SEC("lsm/inode_set_acl")
int BPF_PROG(bl_inode_set_acl, void *idmap, struct dentry *dentry, const char *acl_name,
	     void *acl, int prev)
{
	return prev ? prev : check_attr_of(dentry);
}

SEC("lsm/inode_remove_acl")
int BPF_PROG(bl_inode_remove_acl, void *idmap, struct dentry *dentry, const char *acl_name,
	     int prev)
{
	return prev ? prev : check_attr_of(dentry);
}

/* A task is about to act with credentials it has put aside. */
SEC("lsm/uring_override_creds")
int BPF_PROG(bl_uring_override_creds, const struct cred *new, int prev)
{
	struct bl_label *label;

	if (prev)
		return prev;
	label = subject_current();
	if (label && !label->fail)
		label->has_personality = 1;
	return 0;
}
