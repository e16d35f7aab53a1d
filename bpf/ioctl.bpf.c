// SPDX-License-Identifier: GPL-2.0
/*
 * What ioctl(2) changes of files, with a descriptor that may be read-only: flags and attributes,
 * and the subvolumes of btrfs, which come and go without a hook of their own. Other commands are
 * the descriptor's, which was decided when it was opened.
 */
#include "bpf/check.bpf.h"

/* include/uapi/linux/fs.h, fsverity.h, fs/ext4/ext4.h; those with a 32 are of 32-bit programs. */
#define FS_IOC_SETFLAGS 0x40086602
#define FS_IOC32_SETFLAGS 0x40046602
#define FS_IOC_SETVERSION 0x40087602
#define FS_IOC32_SETVERSION 0x40047602
#define EXT4_IOC_SETVERSION 0x40086604
#define EXT4_IOC32_SETVERSION 0x40046604
#define FS_IOC_FSSETXATTR 0x401c5820
#define FS_IOC_ENABLE_VERITY 0x40806685

static __always_inline bool is_attr_ioctl(unsigned int command)
{
	switch (command) {
	case FS_IOC_SETFLAGS:
	case FS_IOC32_SETFLAGS:
	case FS_IOC_SETVERSION:
	case FS_IOC32_SETVERSION:
	case EXT4_IOC_SETVERSION:
	case EXT4_IOC32_SETVERSION:
	case FS_IOC_FSSETXATTR:
	case FS_IOC_ENABLE_VERITY:
		return true;
	}
	return false;
}

/* include/uapi/linux/btrfs.h */
#define BTRFS_IOC_SNAP_CREATE 0x50009401
#define BTRFS_IOC_SNAP_CREATE_V2 0x50009417
#define BTRFS_IOC_SUBVOL_CREATE 0x5000940e
#define BTRFS_IOC_SUBVOL_CREATE_V2 0x50009418
#define BTRFS_IOC_SNAP_DESTROY 0x5000940f
#define BTRFS_IOC_SNAP_DESTROY_V2 0x5000943f

/* A snapshot is a tree under another name, like a mount of one that is not known. */
static __always_inline int check_subvolume(const struct file *file, unsigned int command)
{
	struct bl_label *label = subject_current();
	struct name unknown = {};

	if (!label)
		return 0;
	return check_mount(label, &unknown, &file->f_path,
			   command != BTRFS_IOC_SNAP_CREATE && command != BTRFS_IOC_SNAP_CREATE_V2);
}

static __always_inline int check_ioctl(const struct file *file, unsigned int command)
{
	if (is_attr_ioctl(command))
		return check_attr(&file->f_path);
	switch (command) {
	case BTRFS_IOC_SNAP_CREATE:
	case BTRFS_IOC_SNAP_CREATE_V2:
	case BTRFS_IOC_SUBVOL_CREATE:
	case BTRFS_IOC_SUBVOL_CREATE_V2:
	case BTRFS_IOC_SNAP_DESTROY:
	case BTRFS_IOC_SNAP_DESTROY_V2:
		return check_subvolume(file, command);
	}
	return 0;
}

SEC("lsm/file_ioctl")
int BPF_PROG(bl_file_ioctl, struct file *file, unsigned int command, unsigned long arg, int prev)
{
	return prev ? prev : check_ioctl(file, command);
}

SEC("lsm/file_ioctl_compat")
int BPF_PROG(bl_file_ioctl_compat, struct file *file, unsigned int command, unsigned long arg,
	     int prev)
{
	return prev ? prev : check_ioctl(file, command);
}
