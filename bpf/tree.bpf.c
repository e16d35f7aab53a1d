// SPDX-License-Identifier: GPL-2.0
/*
 * Making, removing and moving names. All these hooks are called with the directory's path and the
 * entry, before anything is done; which is not called where the kernel itself works on the layers
 * of an overlay. Binding a unix socket to a path makes its name by path_mknod.
 */
#include "bpf/alias.bpf.h"

static __always_inline int check_entry(const struct path *dir, struct dentry *dentry, __u32 asked,
				  __u8 operation)
{
	struct bl_label *label = subject_current();

	if (!label)
		return 0;
	return check_path(label, dir->mnt, dentry, asked, operation);
}

/*
 * On a sealed machine nobody removes pins. Of who is not confined; nothing but these hooks comes
 * before that: no overlay can have a bpffs as its upper layer, where vfs_create() fails.
 */
static __noinline int check_pin(__u64 dentry, __u32 operation)
{
	if (!is_sealed_out() || !is_below(dentry, BL_GUARD_PINS))
		return 0;
	return verdict_fail(&label_nobody, operation, ASK_FILE(DELETE), BL_MODE_ENFORCE,
			    BL_FAIL_ENGINE);
}

/* A hook's argument as a number: the verifier lets nobody calculate with pointers. */
static __always_inline __u64 argument(const unsigned long long *ctx, int index)
{
	__u64 number = 0;

	bpf_probe_read_kernel(&number, sizeof(number), ctx + index);
	return number;
}

/* The same of a name that is removed. ctx: the hook's, whose second argument the dentry is. */
static __always_inline int check_removal(const unsigned long long *ctx, const struct path *dir,
					 struct dentry *dentry)
{
	struct bl_label *label = subject_current();

	if (label)
		return check_path(label, dir->mnt, dentry, ASK_FILE(DELETE), BL_OP_DELETE);
	if (!guard.is_sealed)
		return 0;
	return verdict_return(check_pin(argument(ctx, 1), BL_OP_DELETE));
}

SEC("lsm/path_mknod")
int BPF_PROG(bl_path_mknod, const struct path *dir, struct dentry *dentry, unsigned short mode,
	     unsigned int dev, int prev)
{
	__u32 asked = ASK_FILE(CREATE);

	/* bind(2) of a unix socket to a path makes it so; of mknod(2) it cannot be told. */
	if ((mode & S_IFMT) == S_IFSOCK)
		asked |= ASK_NETWORK(BIND);
	return prev ? prev : check_entry(dir, dentry, asked, BL_OP_CREATE);
}

SEC("lsm/path_mkdir")
int BPF_PROG(bl_path_mkdir, const struct path *dir, struct dentry *dentry, unsigned short mode,
	     int prev)
{
	return prev ? prev : check_entry(dir, dentry, ASK_FILE(CREATE), BL_OP_CREATE);
}

SEC("lsm/path_symlink")
int BPF_PROG(bl_path_symlink, const struct path *dir, struct dentry *dentry, const char *old_name,
	     int prev)
{
	return prev ? prev : check_entry(dir, dentry, ASK_FILE(CREATE), BL_OP_CREATE);
}

SEC("lsm/path_unlink")
int BPF_PROG(bl_path_unlink, const struct path *dir, struct dentry *dentry, int prev)
{
	return prev ? prev : check_removal(ctx, dir, dentry);
}

SEC("lsm/path_rmdir")
int BPF_PROG(bl_path_rmdir, const struct path *dir, struct dentry *dentry, int prev)
{
	return prev ? prev : check_removal(ctx, dir, dentry);
}

/* Of a dentry that is not negative. */
static __always_inline __u32 type_of(const struct dentry *dentry)
{
	return dentry->d_inode->i_mode & S_IFMT;
}

static __always_inline bool is_directory(const struct dentry *dentry)
{
	return type_of(dentry) == S_IFDIR;
}

/* What a name can give to an object. A directory may contain sockets. */
static __always_inline __u32 gains_of(const struct dentry *dentry)
{
	__u32 type = type_of(dentry);

	return type == S_IFSOCK || type == S_IFDIR ? ASK_GAINS : ASK_ALL & ~ASK_REACH;
}

/* What is asked of a name that is given to an object: a socket is bound to it. */
static __always_inline __u32 name_asks(const struct dentry *dentry)
{
	return type_of(dentry) == S_IFSOCK ? ASK_FILE(CREATE) | ASK_NETWORK(BIND)
					   : ASK_FILE(CREATE);
}

/*
 * Begins a move; see check_begin(). The names are given as numbers too, for what is decided by
 * global functions.
 */
static __always_inline struct scratch *move_begin(struct bl_label *label, struct move move,
						  int *ret_verdict)
{
	struct scratch *scratch;

	scratch = check_begin(label, ASK_ALL, move.operation, ret_verdict);
	if (!scratch)
		return NULL;
	move.mode = scratch->request.mode;
	scratch->move = move;
	return scratch;
}

/* Both names of a move that has begun: the new one first, then the old one for what that gives. */
static __always_inline int check_names(struct scratch *scratch, struct bl_label *label,
				       struct vfsmount *old_mount, struct dentry *old_dentry,
				       struct vfsmount *new_mount, struct dentry *new_dentry)
{
	int verdict;

	ask_new_name(scratch, label, scratch->move.asked_to);
	verdict = check_object(scratch, label, new_mount, new_dentry);
	if (verdict)
		return verdict;
	ask_old_name(scratch, label, scratch->move.asked_from);
	verdict = check_object(scratch, label, old_mount, old_dentry);
	if (verdict || !must_ask_outside(scratch, label))
		return verdict;
	ask_old_name_outside(scratch, label);
	return check_object(scratch, label, old_mount, old_dentry);
}

/* Both names, where no policy mediates anything that a name could give. */
static __always_inline int guard_names(struct bl_label *label, const struct move *move)
{
	struct vfsmount *from_mount = (struct vfsmount *)move->from_mount;
	struct vfsmount *to_mount = (struct vfsmount *)move->to_mount;
	int verdict;

	verdict = guard_place(label, from_mount, (struct dentry *)move->from_dentry,
			      ASK_FILE(DELETE), move->operation);
	if (!verdict)
		verdict = guard_place(label, to_mount, (struct dentry *)move->to_dentry,
				      ASK_FILE(CREATE), move->operation);
	return verdict_return(verdict);
}

/* A link stays on one mount: do_linkat() of fs/namei.c has compared them. */
SEC("lsm/path_link")
int BPF_PROG(bl_path_link, struct dentry *old_dentry, const struct path *new_dir,
	     struct dentry *new_dentry, int prev)
{
	struct vfsmount *mount = new_dir->mnt;
	struct move move = {
		.from_mount = (__u64)mount,
		.from_dentry = (__u64)old_dentry,
		.to_mount = (__u64)mount,
		.to_dentry = (__u64)new_dentry,
		.operation = BL_OP_LINK,
	};
	struct scratch *scratch;
	struct bl_label *label;
	int verdict;

	if (prev)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	if (!(ASK_ALL & label->mediated))
		return guard_names(label, &move);
	move.asked_to = name_asks(old_dentry);
	move.gains = gains_of(old_dentry);
	scratch = move_begin(label, move, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	verdict = check_names(scratch, label, mount, old_dentry, mount, new_dentry);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* What a rename takes along: everything below it, and an exchange the other way round as well. */
static __always_inline int check_rename_rest(struct scratch *scratch, struct bl_label *label,
					     const struct dentry *old_dentry,
					     const struct dentry *new_dentry, bool is_exchange)
{
	int verdict = 0;

	/* Recorded as denied already, and nothing of it is enforced. */
	if (scratch->request.verdict >= BL_VERDICT_DENY && scratch->move.mode != BL_MODE_ENFORCE)
		return 0;
	if (is_directory(old_dentry))
		verdict = check_move_below(scratch, label);
	if (verdict || !is_exchange)
		return verdict;
	verdict = check_move_back(scratch, label);
	if (verdict || !is_directory(new_dentry))
		return verdict;
	move_turn(&scratch->move);
	return check_move_below(scratch, label);
}

SEC("lsm/path_rename")
int BPF_PROG(bl_path_rename, const struct path *old_dir, struct dentry *old_dentry,
	     const struct path *new_dir, struct dentry *new_dentry, unsigned int flags, int prev)
{
	struct vfsmount *old_mount = old_dir->mnt;
	struct vfsmount *new_mount = new_dir->mnt;
	struct move move = {
		.from_mount = (__u64)old_mount,
		.from_dentry = (__u64)old_dentry,
		.to_mount = (__u64)new_mount,
		.to_dentry = (__u64)new_dentry,
		.asked_from = ASK_FILE(DELETE),
		.operation = BL_OP_RENAME,
	};
	struct scratch *scratch;
	struct bl_label *label;
	int verdict;

	if (prev)
		return prev;
	label = subject_current();
	if (!label && guard.is_sealed &&
	    (check_pin(argument(ctx, 1), BL_OP_RENAME) ||
	     check_pin(argument(ctx, 3), BL_OP_RENAME)))
		return verdict_return(-1);
	if (!label)
		return 0;
	if (!(ASK_ALL & label->mediated))
		return guard_names(label, &move);
	move.asked_to = name_asks(old_dentry);
	move.gains = gains_of(old_dentry);
	if (flags & RENAME_WHITEOUT)
		move.asked_from |= ASK_FILE(CREATE);
	if (flags & RENAME_EXCHANGE)
		move.asked_from |= name_asks(new_dentry);
	scratch = move_begin(label, move, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	if (is_there(label, new_dentry->d_inode))
		scratch->move.asked_to |= ASK_FILE(DELETE);
	verdict = check_names(scratch, label, old_mount, old_dentry, new_mount, new_dentry);
	if (!verdict)
		verdict = check_rename_rest(scratch, label, old_dentry, new_dentry,
					    flags & RENAME_EXCHANGE);
	scratch_release(scratch);
	return verdict_return(verdict);
}
