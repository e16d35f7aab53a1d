// SPDX-License-Identifier: GPL-2.0
/*
 * Opening files and cutting them. file_open is called once the file is found and before O_TRUNC
 * cuts it. Not decided here: opening with O_PATH, which gives no access to the contents, and the
 * kernel's open of a program it executes, which exec.bpf.c decides. What an open descriptor may do
 * was decided when it was opened: reading and writing have no hook here.
 */
#include "bpf/check.bpf.h"

static __always_inline __u32 open_asks(const struct file *file)
{
	__u32 asked = 0;

	if (file->f_mode & FMODE_READ)
		asked |= ASK_FILE(READ);
	/*
	 * O_TRUNC writes, also with O_RDONLY; do_open() of fs/namei.c clears the flag only later.
	 */
	if (file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC)
		asked |= ASK_FILE(WRITE);
	/* Access mode 3, "for ioctl only": the kernel checks for both and grants neither. */
	if ((file->f_flags & O_ACCMODE) == O_ACCMODE)
		asked |= ASK_FILE(READ) | ASK_FILE(WRITE);
	/* path_mknod is not called for a file that begins without a name. */
	if (file->f_flags & O_TMPFILE_ONLY)
		asked |= ASK_FILE(CREATE);
	return asked;
}

/* handle_truncate() of fs/namei.c: a file that was there, and not a pipe or a device. */
static __always_inline bool will_be_cut(const struct file *file)
{
	return file->f_flags & O_TRUNC && !(file->f_mode & FMODE_CREATED) &&
	       (file->f_inode->i_mode & S_IFMT) == S_IFREG;
}

/*
 * runc looks at its own file once it has executed a copy of itself; see is_runtime_again() of
 * exec.bpf.c. That lies where no path leads.
 */
static __always_inline bool is_own_runtime(const struct bl_label *label, const struct file *file)
{
	const struct task_struct *task = bpf_get_current_task_btf();

	return !label->has_executed && !label->fail && !(file->f_mode & FMODE_WRITE) &&
	       BPF_CORE_READ(task, mm, exe_file, f_path.mnt) == file->f_path.mnt &&
	       BPF_CORE_READ(task, mm, exe_file, f_path.dentry) == file->f_path.dentry;
}

/* ctx: the hook's argument. */
static __noinline int check_open(unsigned long long *ctx)
{
	struct file *file = (void *)ctx[0];
	struct bl_label *label = subject_current();
	int verdict;

	if (!label || is_own_runtime(label, file))
		return 0;
	label->truncating = 0;
	verdict = check_file(label, file->f_path.mnt, file->f_path.dentry, open_asks(file),
			     BL_OP_OPEN, file->f_mode & FMODE_CREATED);
	if (!verdict && !label->fail && will_be_cut(file))
		label->truncating = (__u64)&file->f_path;
	return verdict;
}

/*
 * overlayfs opens the layer's file for a file that was decided under the name the task knows. What
 * needs no decision is apart, so that it saves no registers.
 */
SEC("lsm/file_open")
int BPF_PROG(bl_file_open, struct file *file, int prev)
{
	if (prev || file->f_flags & FMODE_EXEC)
		return prev;
	if (file->f_mode & FMODE_NOACCOUNT)
		return 0;
	return check_open(ctx);
}

static __always_inline int check_truncate(const struct path *path)
{
	struct bl_label *label = subject_current();

	if (!label)
		return 0;
	/* Of the file that is just being opened: its open was asked for it. */
	if (!label->fail && label->truncating == (__u64)path) {
		label->truncating = 0;
		return 0;
	}
	return check_path(label, path->mnt, path->dentry, ASK_FILE(WRITE), BL_OP_TRUNCATE);
}

SEC("lsm/path_truncate")
int BPF_PROG(bl_path_truncate, const struct path *path, int prev)
{
	return prev ? prev : check_truncate(path);
}

/* Since 6.2: ftruncate and O_TRUNC. */
SEC("lsm/file_truncate")
int BPF_PROG(bl_file_truncate, struct file *file, int prev)
{
	return prev ? prev : check_truncate(&file->f_path);
}
