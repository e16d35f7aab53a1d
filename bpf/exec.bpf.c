// SPDX-License-Identifier: GPL-2.0
/*
 * Running programs, and mapping code. bprm_check_security is called for the script and again for
 * its interpreter, so both are decided. It is not called for the ELF interpreter (ld.so) and
 * libraries: they are mapped, and so is a program that ld.so is given as an argument.
 *
 * Where a file came from, "drift" and "memory", is asked of both. A script that an interpreter is
 * given as an argument is only read: that is for [file].
 */
#include "bpf/check.bpf.h"

#define ELF_MAGIC 0x464c457f /* the first four bytes, little endian */

/* What is asked about of a file's inode; read by type or, where that is not known, by address. */
struct origin {
	__u64 inode;
	__u64 super;
	__u64 magic;
	__u32 links;
	__u32 type; /* S_IFMT bits */
	__u32 is_internal; /* on a mount of the kernel's own */
};

static __always_inline struct origin origin_of(const struct inode *inode)
{
	return (struct origin){
		.inode = (__u64)inode,
		.super = (__u64)inode->i_sb,
		.magic = inode->i_sb->s_magic,
		.links = inode->i_nlink,
		.type = inode->i_mode & S_IFMT,
		.is_internal = inode->i_sb->s_flags & SB_KERNMOUNT,
	};
}

static __always_inline struct origin origin_at(__u64 dentry_at)
{
	const struct dentry *dentry = (const void *)dentry_at;
	const struct inode *inode = BPF_CORE_READ(dentry, d_inode);

	return (struct origin){
		.inode = (__u64)inode,
		.super = (__u64)BPF_CORE_READ(inode, i_sb),
		.magic = BPF_CORE_READ(inode, i_sb, s_magic),
		.links = BPF_CORE_READ(inode, i_nlink),
		.type = BPF_CORE_READ(inode, i_mode) & S_IFMT,
		.is_internal = BPF_CORE_READ(inode, i_sb, s_flags) & SB_KERNMOUNT,
	};
}

/*
 * Whether an overlay has the file in its upper layer. struct ovl_inode of fs/overlayfs/ovl_entry.h
 * is the module's own: its __upperdentry stands right behind the inode that it contains.
 */
static __always_inline bool is_copied_up(const struct origin *origin)
{
	__u64 upper = 1;

	bpf_probe_read_kernel(&upper, sizeof(upper),
			      (const void *)origin->inode + bpf_core_type_size(struct inode));
	return upper != 0;
}

/* An image that a confined task has mounted itself is what that task made it. */
static __always_inline __u32 drift_of(const struct origin *origin)
{
	__u64 super = origin->super;

	if (!is_image_magic(origin->magic) || bpf_map_lookup_elem(&mounted_inside, &super))
		return ASK_EXEC(DRIFT_MOUNT);
	if (origin->magic == OVERLAYFS_SUPER_MAGIC && is_copied_up(origin))
		return ASK_EXEC(DRIFT_LAYER);
	return 0;
}

/* What is asked because of where code comes from. */
static __always_inline __u32 origin_asks(const struct origin *origin)
{
	return drift_of(origin) | (origin->links ? 0 : ASK_EXEC(MEMORY));
}

/* What is asked of every file of which code is mapped. */
#define ASK_MAP (ASK_EXEC(MAP) | ASK_FILE(MAP))

static __always_inline bool is_elf(const struct linux_binprm *bprm)
{
	return *(const __u32 *)&bprm->buf[0] == ELF_MAGIC;
}

/*
 * The program may become the subject: what it matches is kept until it is; see subject_current().
 * Bindings are many only for tasks that were moved between containers; these have it worked out
 * when it is needed.
 */
static __always_inline void keep_next_subject(struct bl_label *label,
					      const struct dentry *dentry, __u64 by)
{
	label->bound[0].by_next = by;
	label->exe_next = subject_number(number_of(label, dentry), dentry->d_name.hash);
}

/* Finds out which "by" patterns a program matches about which nothing is asked. */
static __always_inline void find_next_subject(struct bl_label *label, struct vfsmount *mount,
					      struct dentry *dentry)
{
	struct scratch *scratch;
	__u64 by = label->bound[0].by;

	scratch = label->key ? scratch_take() : NULL;
	if (!scratch)
		return;
	path_begin(scratch, (__u64)mount, (__u64)dentry);
	if (!path_resolve(scratch) && !scratch->try.folded_len && !label_take_by(label, scratch))
		keep_next_subject(label, dentry, label->bound[0].by);
	label->bound[0].by = by;
	scratch_release(scratch);
}

/* Decides whether the program may run, and finds out which "by" patterns it matches. */
static __always_inline int check_next_subject(struct bl_label *label, struct vfsmount *mount,
					      struct dentry *dentry, __u32 asked)
{
	struct scratch *scratch;
	int verdict;

	if (!(asked & label->mediated)) {
		find_next_subject(label, mount, dentry);
		return 0;
	}
	scratch = check_begin(label, asked, BL_OP_EXEC, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	scratch->request.wants_beyond = 1;
	scratch->try.key_len = 1;
	scratch->try.folded_len = 0;
	verdict = check_object(scratch, label, mount, dentry);
	if (label->key && scratch->try.key_len && !scratch->try.folded_len)
		keep_next_subject(label, dentry, scratch->request.beyond.by);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* What is asked of a program, if it is any. */
#define ASK_PROGRAM                                                                                \
	(ASK_EXEC(EXECUTE) | ASK_EXEC(DRIFT_LAYER) | ASK_EXEC(DRIFT_MOUNT) | ASK_EXEC(MEMORY) |    \
	 ASK_FILE(MAP))

static __always_inline __u32 program_asks(const struct linux_binprm *bprm,
					  const struct inode *inode)
{
	struct origin origin = origin_of(inode);
	__u32 asked = ASK_EXEC(EXECUTE) | origin_asks(&origin);

	/* What [exec] says of mapping it says of running: see enum bl_exec_permission. */
	return is_elf(bprm) ? asked | ASK_FILE(MAP) : asked;
}

/*
 * runc executes a copy of itself after it has come into the container's cgroup: memory, or a mount
 * that it has taken away. That is still the runtime. Whoever has its parent's root directory, and
 * the parent in another cgroup, is not in the container yet: a container that has "/proc/self/exe"
 * executed is not meant, and no child of the runtime's there.
 */
static __always_inline bool is_runtime_again(const struct linux_binprm *bprm)
{
	const struct task_struct *task = bpf_get_current_task_btf();
	const struct mount *mount = (const void *)mount_of((__u64)bprm->file->f_path.mnt);
	const struct mnt_namespace *namespace = BPF_CORE_READ(mount, mnt_ns);

	if (namespace && !IS_ERR_VALUE((__u64)namespace) && BPF_CORE_READ(namespace, seq))
		return false;
	if (BPF_CORE_READ(task, mm, exe_file, f_inode) !=
	    BPF_CORE_READ(task, real_parent, mm, exe_file, f_inode))
		return false;
	if (BPF_CORE_READ(task, real_parent, cgroups, dfl_cgrp) ==
	    BPF_CORE_READ(task, cgroups, dfl_cgrp))
		return false;
	return BPF_CORE_READ(task, fs, root.mnt) ==
		       BPF_CORE_READ(task, real_parent, fs, root.mnt) &&
	       BPF_CORE_READ(task, fs, root.dentry) ==
		       BPF_CORE_READ(task, real_parent, fs, root.dentry);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(bl_bprm_check_security, struct linux_binprm *bprm, int prev)
{
	struct vfsmount *mount;
	struct bl_label *label;
	struct dentry *dentry;
	__u64 key = 0;

	if (prev)
		return prev;
	label = subject_executing();
	if (!label)
		return 0;
	label->executes_again = 0;
	if (!label->has_executed && !label->fail) {
		label->executes_again = is_runtime_again(bprm);
		if (label->executes_again) {
			label->exe_next = 0;
			return 0;
		}
	}
	mount = bprm->file->f_path.mnt;
	dentry = bprm->file->f_path.dentry;
	label->exe_next = 0;
	if (label->conditions & BL_CONDITION_BY)
		return check_next_subject(label, mount, dentry,
					  program_asks(bprm, dentry->d_inode));
	if (label->key) {
		keep_next_subject(label, dentry, 0);
		key = file_key(label, mount, dentry);
		/* Then it does not matter where it comes from. */
		if (is_silent(label, dentry, key, ASK_PROGRAM & label->mediated))
			return 0;
	}
	return check_unknown(label, mount, dentry, program_asks(bprm, dentry->d_inode),
			     BL_OP_EXEC, key);
}

/*
 * An executable mapping of a file. One that may be written without the file being written holds
 * what no file holds.
 */
static __always_inline __u32 mapping_asks(const struct origin *origin, bool can_change)
{
	__u32 asked = ASK_MAP | origin_asks(origin);

	if (can_change || origin->type == S_IFCHR)
		asked |= ASK_EXEC(ANONYMOUS);
	/* Shared memory without a name, an io_uring's rings: a file only to the kernel. */
	if (origin->is_internal)
		asked |= ASK_EXEC(ANONYMOUS) | ASK_EXEC(MEMORY);
	return asked;
}

/* Memory of no file has no key; a setting does not depend on one. */
static __noinline int check_anonymous(struct bl_label *label)
{
	struct scratch *scratch;
	int verdict;

	scratch = check_begin(label, ASK_EXEC(ANONYMOUS), BL_OP_MAP, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	verdict = verdict_of_key(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* The kernel maps the program that it has just had checked. It has one: NULL is none. */
static __always_inline bool is_being_loaded(const struct file *file)
{
	const struct task_struct *task = bpf_get_current_task_btf();

	return BPF_CORE_READ_BITFIELD(task, in_execve) && task->mm->exe_file == file;
}

static __always_inline bool is_changeable(unsigned long prot, unsigned long flags)
{
	return (flags & MAP_TYPE) == MAP_PRIVATE && prot & PROT_WRITE;
}

/* For what maps code. ctx: the hook's arguments. */
static __noinline int check_code(unsigned long long *ctx)
{
	struct file *file = (void *)ctx[0];
	struct bl_label *label;
	struct origin origin;
	__u64 file_at = 0;

	label = subject_current();
	if (!label)
		return 0;
	/* 6.12 takes the argument for valid and a test of it for needless. Both are mistaken. */
	bpf_probe_read_kernel(&file_at, sizeof(file_at), ctx);
	if (!file_at)
		return check_anonymous(label);
	origin = origin_of(file->f_path.dentry->d_inode);
	return check_file(label, file->f_path.mnt, file->f_path.dentry,
			  mapping_asks(&origin, is_changeable(ctx[2], ctx[3])), BL_OP_MAP,
			  false);
}

static __noinline int check_mapping(unsigned long long *ctx)
{
	if (!is_changeable(ctx[2], ctx[3]) && is_being_loaded((const struct file *)ctx[0]))
		return 0;
	return check_code(ctx);
}

/* Most mappings are none of code, or of the program: apart, so that these save few registers. */
SEC("lsm/mmap_file")
int BPF_PROG(bl_mmap_file, struct file *file, unsigned long reqprot, unsigned long prot,
	     unsigned long flags, int prev)
{
	if (prev || !((reqprot | prot) & PROT_EXEC))
		return prev;
	return check_mapping(ctx);
}

/*
 * The path the task knows the mapped file by. overlayfs maps the file of a layer: before 6.5 that
 * carries the overlay's path, after it the path is kept beside.
 */
static __noinline int check_mapped(struct bl_label *label, const struct file *file,
				   bool can_change)
{
	const struct backing_file *backing = (const struct backing_file *)file;
	__u64 mount = (__u64)file->f_path.mnt;
	__u64 dentry = (__u64)file->f_path.dentry;
	struct scratch *scratch;
	struct origin origin;
	int verdict;

	if (bpf_core_type_exists(struct backing_file) && file->f_mode & FMODE_NOACCOUNT &&
	    file->f_mode & FMODE_BACKING) {
		mount = (__u64)BPF_CORE_READ(backing, user_path.mnt);
		dentry = (__u64)BPF_CORE_READ(backing, user_path.dentry);
	}
	origin = origin_at(dentry);
	scratch = check_begin(label, mapping_asks(&origin, can_change), BL_OP_MAP, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	path_begin(scratch, mount, dentry);
	verdict = check_try(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* Private pages of a file's mapping have their own anon_vma once they have been written to. */
static __noinline int check_protection(unsigned long long *ctx)
{
	const struct vm_area_struct *vma = (const void *)ctx[0];
	unsigned long prot = ctx[2];
	bool is_shared = vma->vm_flags & VM_SHARED;
	struct bl_label *label;

	label = subject_current();
	if (!label)
		return 0;
	if (!vma->vm_file)
		return check_anonymous(label);
	return check_mapped(label, vma->vm_file,
			    !is_shared && (prot & PROT_WRITE || vma->anon_vma));
}

SEC("lsm/file_mprotect")
int BPF_PROG(bl_file_mprotect, struct vm_area_struct *vma, unsigned long reqprot,
	     unsigned long prot, int prev)
{
	if (prev || !((reqprot | prot) & PROT_EXEC))
		return prev;
	return check_protection(ctx);
}
