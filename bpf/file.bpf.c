// SPDX-License-Identifier: GPL-2.0
/*
 * Opening files. file_open is called once the file is found and before O_TRUNC cuts it. Not decided
 * here: opening with O_PATH, which gives no access to the contents, and the kernel's open of a
 * program it executes, which exec.bpf.c decides.
 */
#include "bpf/check.bpf.h"

static __always_inline __u8 open_permissions(const struct file *file)
{
	__u8 asked = 0;

	if (file->f_mode & FMODE_READ)
		asked |= 1u << BL_FILE_READ;
	/*
	 * O_TRUNC writes, also with O_RDONLY; do_open() of fs/namei.c clears the flag only later.
	 */
	if (file->f_mode & FMODE_WRITE || file->f_flags & O_TRUNC)
		asked |= 1u << BL_FILE_WRITE;
	/* Access mode 3, "for ioctl only": the kernel checks for both and grants neither. */
	if ((file->f_flags & O_ACCMODE) == O_ACCMODE)
		asked |= 1u << BL_FILE_READ | 1u << BL_FILE_WRITE;
	return asked;
}

SEC("lsm/file_open")
int BPF_PROG(bl_file_open, struct file *file, int prev)
{
	const struct bl_label *label;

	if (prev)
		return prev;
	label = subject_current();
	if (!label || file->f_flags & FMODE_EXEC)
		return 0;
	/*
	 * overlayfs opens the layer's file for a file that was decided under the name the task
	 * knows.
	 */
	if (file->f_mode & (FMODE_BACKING | FMODE_NOACCOUNT))
		return 0;
	return check_path(label, &file->f_path, BL_SECTION_FILE, open_permissions(file),
			  BL_OP_OPEN);
}
