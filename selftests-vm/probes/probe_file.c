/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done to a file, by its name or by a descriptor ("held"). */
#include "probe.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <linux/btrfs.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <linux/membarrier.h>

#define STORM_CHECK 32
#define FILL_COUNT  5000

/* fs/ext4/ext4.h: its own number for FS_IOC_SETVERSION. */
#define EXT4_IOC_SETVERSION _IOW('f', 4, long)

/* --- opening --- */

static enum outcome judge_descriptor(int fd)
{
	enum outcome outcome = judge(fd >= 0);

	if (fd >= 0)
		close(fd);
	return outcome;
}

static enum outcome try_open(const char *path, int flags)
{
	return judge_descriptor(open(path, flags | O_CLOEXEC, 0755));
}

static enum outcome open_read(int argc, char **argv)
{
	return try_open(argv[0], O_RDONLY);
}

static enum outcome open_write(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY);
}

static enum outcome open_rdwr(int argc, char **argv)
{
	return try_open(argv[0], O_RDWR);
}

static enum outcome open_append(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY | O_APPEND);
}

static enum outcome open_trunc(int argc, char **argv)
{
	return try_open(argv[0], O_RDONLY | O_TRUNC);
}

static enum outcome open_create(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY | O_CREAT | O_TRUNC);
}

static enum outcome open_new(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY | O_CREAT | O_EXCL);
}

static enum outcome open_new_read(int argc, char **argv)
{
	return try_open(argv[0], O_RDONLY | O_CREAT);
}

static enum outcome open_unnamed(int argc, char **argv)
{
	return try_open(argv[0], O_RDWR | O_TMPFILE);
}

static enum outcome open_unnamed_write(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY | O_TMPFILE | O_EXCL);
}

static enum outcome open_ioctl(int argc, char **argv)
{
	return try_open(argv[0], O_ACCMODE);
}

static enum outcome open_path(int argc, char **argv)
{
	return try_open(argv[0], O_PATH);
}

/* open-at held NAME: NAME in the directory that is held. */
static enum outcome open_at(int argc, char **argv)
{
	return judge_descriptor(openat(HELD, argv[1], O_RDONLY | O_CLOEXEC));
}

/* Opens what a descriptor is of once more, through /proc. */
static enum outcome try_open_again(int fd, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return try_open(path, flags);
}

static enum outcome again(const char *path, int flags)
{
	int fd = is_held(path) ? HELD : open(path, O_PATH | O_CLOEXEC);

	return fd < 0 ? not_tried(path) : try_open_again(fd, flags);
}

static enum outcome open_again(int argc, char **argv)
{
	return again(argv[0], O_RDONLY);
}

static enum outcome open_again_write(int argc, char **argv)
{
	return again(argv[0], O_WRONLY);
}

static enum outcome open_deleted(int argc, char **argv)
{
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	if (fd < 0)
		return not_tried(argv[0]);
	return unlink(argv[0]) < 0 ? judge(false) : try_open_again(fd, O_RDONLY);
}

/* The file has to be on the root mount. */
static enum outcome open_handle(int argc, char **argv)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} name = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int mount_id;

	if (root < 0 || name_to_handle_at(AT_FDCWD, argv[0], &name.handle, &mount_id, 0) < 0)
		return not_tried(argv[0]);
	return judge(open_by_handle_at(root, &name.handle, O_RDONLY | O_CLOEXEC) >= 0);
}

/* open-inode PATH NUMBER: the directory of that number on the file system of PATH, mounted there or not. */
static enum outcome open_inode(int argc, char **argv)
{
	struct {
		struct file_handle handle;
		uint32_t inode;
		uint32_t generation;
	} name = {{.handle_bytes = 8, .handle_type = 1 /* FILEID_INO32_GEN */}, atoi(argv[1]), 0};
	int mount = open(argv[0], O_RDONLY | O_CLOEXEC);

	if (mount < 0)
		return not_tried(argv[0]);
	return judge(open_by_handle_at(mount, &name.handle, O_RDONLY | O_CLOEXEC) >= 0);
}

/* open-told READY PATH: by way of the kernel telling that somebody else opened it, which gives a descriptor of it. */
static enum outcome open_told(int argc, char **argv)
{
	struct fanotify_event_metadata event;
	int fd = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC);
	ssize_t n;
	char byte;

	if (fd < 0 || fanotify_mark(fd, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, argv[1]) < 0 ||
	    touch(argv[0]) < 0)
		return not_tried("fanotify");
	n = read(fd, &event, sizeof(event));
	if (n < 0)
		return judge(false);
	errno = EBADF;
	return judge(n == sizeof(event) && event.fd >= 0 && read(event.fd, &byte, 1) == 1);
}

/* --- names --- */

/* make KIND PATH */
static enum outcome make(int argc, char **argv)
{
	static const struct {
		const char *name;
		mode_t type;
		unsigned major;
		unsigned minor;
	} kinds[] = {
		{"file", S_IFREG, 0, 0},          {"fifo", S_IFIFO, 0, 0},
		{"socket", S_IFSOCK, 0, 0},       {"character-device", S_IFCHR, 1, 3},
		{"block-device", S_IFBLK, 7, 99}, {"whiteout", S_IFCHR, 0, 0},
	};

	if (!strcmp(argv[0], "directory"))
		return judge(mkdir(argv[1], 0755) == 0);
	if (!strcmp(argv[0], "symlink"))
		return judge(symlink("target", argv[1]) == 0);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (strcmp(kinds[i].name, argv[0]) == 0)
			return judge(mknod(argv[1], kinds[i].type | 0644,
					   makedev(kinds[i].major, kinds[i].minor)) == 0);
	}
	errno = EINVAL;
	return not_tried(argv[0]);
}

static enum outcome unlink_file(int argc, char **argv)
{
	return judge(unlink(argv[0]) == 0);
}

static enum outcome remove_directory(int argc, char **argv)
{
	return judge(rmdir(argv[0]) == 0);
}

/* However deep: fts(3) changes into the directories, while rm(1) of busybox ends where its path gets too long. */
static enum outcome remove_tree(int argc, char **argv)
{
	FTS *tree = fts_open(argv, FTS_PHYSICAL | FTS_XDEV, NULL);
	FTSENT *entry;
	int failed = 0;

	if (!tree)
		return not_tried("fts_open");
	while (!failed && (errno = 0, entry = fts_read(tree))) {
		bool is_missing = entry->fts_info == FTS_NS && entry->fts_level == 0;

		if (entry->fts_info == FTS_D || is_missing)
			continue;
		failed = entry->fts_info == FTS_DP ? rmdir(entry->fts_accpath)
						   : unlink(entry->fts_accpath);
	}
	return judge(!failed && !errno);
}

static enum outcome try_rename(char **argv, unsigned flags)
{
	return judge(renameat2(AT_FDCWD, argv[0], AT_FDCWD, argv[1], flags) == 0);
}

static enum outcome rename_file(int argc, char **argv)
{
	return try_rename(argv, 0);
}

static enum outcome rename_new(int argc, char **argv)
{
	return try_rename(argv, RENAME_NOREPLACE);
}

static enum outcome rename_whiteout(int argc, char **argv)
{
	return try_rename(argv, RENAME_WHITEOUT);
}

static enum outcome exchange(int argc, char **argv)
{
	return try_rename(argv, RENAME_EXCHANGE);
}

/* link OLD|held NEW: what is held without a name. */
static enum outcome link_file(int argc, char **argv)
{
	if (is_held(argv[0]))
		return judge(linkat(HELD, "", AT_FDCWD, argv[1], AT_EMPTY_PATH) == 0);
	return judge(link(argv[0], argv[1]) == 0);
}

/* link-through OLD|held NEW: through /proc. */
static enum outcome link_through(int argc, char **argv)
{
	char path[64];
	int fd = is_held(argv[0]) ? HELD : open(argv[0], O_PATH | O_CLOEXEC);

	if (fd < 0)
		return not_tried(argv[0]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return judge(linkat(AT_FDCWD, path, AT_FDCWD, argv[1], AT_SYMLINK_FOLLOW) == 0);
}

/* storm A B FILE: renames A to B and back until FILE is there. */
static enum outcome storm(int argc, char **argv)
{
	unsigned long total = 0;

	do {
		if (rename(argv[0], argv[1]) < 0 || rename(argv[1], argv[0]) < 0)
			return not_tried(argv[0]);
		total++;
	} while (total % STORM_CHECK != 0 || access(argv[2], F_OK) < 0);
	printf("renamed %lu times\n", total * 2);
	return DID;
}

/* wander FILE [OLD NEW]...: renames each OLD to its NEW, one after the other and over again, until FILE is there. */
static enum outcome wander(int argc, char **argv)
{
	unsigned long total = 0;

	do {
		for (int i = 1; i + 1 < argc; i += 2) {
			if (rename(argv[i], argv[i + 1]) < 0)
				return not_tried(argv[i]);
		}
		total++;
	} while (total % STORM_CHECK != 0 || access(argv[0], F_OK) < 0);
	printf("went around %lu times\n", total);
	return DID;
}

/* --- contents and attributes --- */

static enum outcome truncate_file(int argc, char **argv)
{
	return judge((is_held(argv[0]) ? ftruncate(HELD, 0) : truncate(argv[0], 0)) == 0);
}

/*
 * truncate-one-of DIR COUNT: opens something with O_TRUNC that is not truncated, and removes it, so that its place in the
 * kernel's memory is free. Then truncates DIR/1 to DIR/COUNT by name, one of which may take that place.
 */
static enum outcome truncate_one_of(int argc, char **argv)
{
	int count = atoi(argv[1]);
	char path[4096];
	bool is_done = false;
	int fd;

	/* Takes all free places there are, so that the next ones are those that become free. */
	for (int i = 0; i < FILL_COUNT; i++) {
		snprintf(path, sizeof(path), "%s/none-%d", argv[0], i);
		access(path, F_OK);
	}
	snprintf(path, sizeof(path), "/run/case/fifo");
	unlink(path);
	fd = mkfifo(path, 0600) < 0 ? -1 : open(path, O_RDWR | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return not_tried(path);
	close(fd);
	if (unlink(path) < 0 || syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL, 0, 0) < 0)
		return not_tried("membarrier");
	for (int i = 1; i <= count; i++) {
		snprintf(path, sizeof(path), "%s/%d", argv[0], i);
		is_done |= truncate(path, 0) == 0;
	}
	return judge(is_done);
}

static enum outcome allocate(int argc, char **argv)
{
	return judge(fallocate(HELD, 0, 0, 4096) == 0);
}

static enum outcome read_held(int argc, char **argv)
{
	char byte;

	return judge(read(HELD, &byte, 1) >= 0);
}

static enum outcome write_held(int argc, char **argv)
{
	return judge(write(HELD, "x", 1) == 1);
}

static enum outcome change_mode(int argc, char **argv)
{
	return judge((is_held(argv[0]) ? fchmod(HELD, 0711) : chmod(argv[0], 0711)) == 0);
}

static enum outcome change_mode_at(int argc, char **argv)
{
	return judge(fchmodat(AT_FDCWD, argv[0], 0711, 0) == 0);
}

static enum outcome change_owner(int argc, char **argv)
{
	return judge((is_held(argv[0]) ? fchown(HELD, 1, 1) : chown(argv[0], 1, 1)) == 0);
}

/* Of a symbolic link, or of what is held without being open. */
static enum outcome change_owner_at(int argc, char **argv)
{
	if (is_held(argv[0]))
		return judge(fchownat(HELD, "", 1, 1, AT_EMPTY_PATH) == 0);
	return judge(lchown(argv[0], 1, 1) == 0);
}

static enum outcome change_times(int argc, char **argv)
{
	const struct timespec times[2] = {{.tv_sec = 1}, {.tv_sec = 1}};

	if (is_held(argv[0]))
		return judge(futimens(HELD, times) == 0);
	return judge(utimensat(AT_FDCWD, argv[0], times, 0) == 0);
}

/* To now, which needs no ownership; of a symbolic link. */
static enum outcome touch_at(int argc, char **argv)
{
	return judge(utimensat(AT_FDCWD, argv[0], NULL, AT_SYMLINK_NOFOLLOW) == 0);
}

/* A value that the attribute may have. */
static size_t attribute_value(const char *name, const void **ret_value)
{
	static const struct {
		uint32_t version;
		struct {
			uint16_t tag;
			uint16_t permission;
			uint32_t id;
		} entries[5];
	} acl = {2, {{1, 6, -1}, {2, 4, 1000}, {4, 4, -1}, {16, 4, -1}, {32, 4, -1}}};

	if (strncmp(name, "system.posix_acl", strlen("system.posix_acl")) == 0) {
		*ret_value = &acl;
		return sizeof(acl);
	}
	*ret_value = "value";
	return strlen("value");
}

/* set-attribute PATH|held NAME */
static enum outcome set_attribute(int argc, char **argv)
{
	const void *value;
	size_t size = attribute_value(argv[1], &value);

	if (is_held(argv[0]))
		return judge(fsetxattr(HELD, argv[1], value, size, 0) == 0);
	return judge(setxattr(argv[0], argv[1], value, size, 0) == 0);
}

static enum outcome set_attribute_at(int argc, char **argv)
{
	const void *value;
	size_t size = attribute_value(argv[1], &value);

	return judge(lsetxattr(argv[0], argv[1], value, size, 0) == 0);
}

static enum outcome remove_attribute(int argc, char **argv)
{
	if (is_held(argv[0]))
		return judge(fremovexattr(HELD, argv[1]) == 0);
	return judge(removexattr(argv[0], argv[1]) == 0);
}

static enum outcome remove_attribute_at(int argc, char **argv)
{
	return judge(lremovexattr(argv[0], argv[1]) == 0);
}

/* change-flags HOW: of what is held, as chattr and others do it. */
static enum outcome change_flags(int argc, char **argv)
{
	struct fsverity_enable_arg verity = {
		.version = 1, .hash_algorithm = FS_VERITY_HASH_ALG_SHA256, .block_size = 4096};
	struct fsxattr attributes;
	int flags;
	int version = 1;

	if (!strcmp(argv[0], "version"))
		return judge(ioctl(HELD, FS_IOC_SETVERSION, &version) == 0);
	if (!strcmp(argv[0], "ext4-version"))
		return judge(ioctl(HELD, EXT4_IOC_SETVERSION, &version) == 0);
	if (!strcmp(argv[0], "verity"))
		return judge(ioctl(HELD, FS_IOC_ENABLE_VERITY, &verity) == 0);
	if (!strcmp(argv[0], "attributes")) {
		if (ioctl(HELD, FS_IOC_FSGETXATTR, &attributes) < 0)
			return not_tried("get");
		attributes.fsx_xflags ^= FS_XFLAG_NOATIME;
		return judge(ioctl(HELD, FS_IOC_FSSETXATTR, &attributes) == 0);
	}
	errno = EINVAL;
	if ((strcmp(argv[0], "flags") != 0 && strcmp(argv[0], "casefold") != 0) ||
	    ioctl(HELD, FS_IOC_GETFLAGS, &flags) < 0)
		return not_tried("get");
	flags ^= strcmp(argv[0], "casefold") == 0 ? FS_CASEFOLD_FL : FS_NOATIME_FL;
	return judge(ioctl(HELD, FS_IOC_SETFLAGS, &flags) == 0);
}

/* --- what btrfs does to names by other calls --- */

/* snapshot SUBVOLUME DIR NAME: all files of the subvolume get names below DIR/NAME as well. */
static enum outcome snapshot(int argc, char **argv)
{
	struct btrfs_ioctl_vol_args args = {
		.fd = open(argv[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
	int dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (args.fd < 0 || dir < 0)
		return not_tried(argv[0]);
	snprintf(args.name, sizeof(args.name), "%s", argv[2]);
	return judge(ioctl(dir, BTRFS_IOC_SNAP_CREATE, &args) == 0);
}

/* subvolume create|remove DIR NAME */
static enum outcome subvolume(int argc, char **argv)
{
	struct btrfs_ioctl_vol_args args = {0};
	int dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return not_tried(argv[1]);
	snprintf(args.name, sizeof(args.name), "%s", argv[2]);
	return judge(ioctl(dir,
			   strcmp(argv[0], "remove") == 0 ? BTRFS_IOC_SNAP_DESTROY
							  : BTRFS_IOC_SUBVOL_CREATE,
			   &args) == 0);
}

/* --- what only looks --- */

static enum outcome get_status(int argc, char **argv)
{
	struct stat status;
	struct statfs system;

	return judge(lstat(argv[0], &status) == 0 && stat(argv[0], &status) == 0 &&
		     statfs(argv[0], &system) == 0);
}

static enum outcome check_access(int argc, char **argv)
{
	return judge(access(argv[0], R_OK | W_OK) == 0 &&
		     faccessat(AT_FDCWD, argv[0], R_OK, AT_EACCESS) == 0);
}

static enum outcome read_link(int argc, char **argv)
{
	char target[64];

	return judge(readlink(argv[0], target, sizeof(target)) >= 0);
}

/* Opened, and read from. */
static enum outcome read_file(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	char byte;

	return judge(fd >= 0 && read(fd, &byte, 1) >= 0);
}

static enum outcome change_directory(int argc, char **argv)
{
	return judge((is_held(argv[0]) ? fchdir(HELD) : chdir(argv[0])) == 0);
}

static enum outcome list_held(int argc, char **argv)
{
	char room[1024];

	return judge(syscall(SYS_getdents64, HELD, room, sizeof(room)) >= 0);
}

/* get-attribute PATH NAME */
static enum outcome get_attribute(int argc, char **argv)
{
	char value[64];

	return judge(listxattr(argv[0], value, sizeof(value)) >= 0 &&
		     getxattr(argv[0], argv[1], value, sizeof(value)) >= 0);
}

const struct verb file_verbs[] = {
	{"open-read", 1, open_read, "PATH"},
	{"open-write", 1, open_write, "PATH"},
	{"open-rdwr", 1, open_rdwr, "PATH"},
	{"open-append", 1, open_append, "PATH"},
	{"open-trunc", 1, open_trunc, "PATH (O_RDONLY | O_TRUNC)"},
	{"open-create", 1, open_create, "PATH (O_WRONLY | O_CREAT | O_TRUNC)"},
	{"open-new", 1, open_new, "PATH (O_WRONLY | O_CREAT | O_EXCL)"},
	{"open-new-read", 1, open_new_read, "PATH (O_RDONLY | O_CREAT)"},
	{"open-unnamed", 1, open_unnamed, "DIR (O_RDWR | O_TMPFILE)"},
	{"open-unnamed-write", 1, open_unnamed_write, "DIR (O_WRONLY | O_TMPFILE | O_EXCL)"},
	{"open-ioctl", 1, open_ioctl, "PATH (access mode 3)"},
	{"open-path", 1, open_path, "PATH (O_PATH)"},
	{"open-at", 2, open_at, "held NAME"},
	{"open-again", 1, open_again, "PATH|held (O_PATH, then through /proc)"},
	{"open-again-write", 1, open_again_write, "PATH|held"},
	{"open-deleted", 1, open_deleted, "PATH (removes it)"},
	{"open-handle", 1, open_handle, "PATH"},
	{"open-inode", 2, open_inode, "PATH NUMBER"},
	{"open-told", 2, open_told, "READY PATH (fanotify)"},
	{"make", 2, make,
	 "file|directory|symlink|fifo|socket|character-device|block-device|whiteout PATH"},
	{"unlink", 1, unlink_file, "PATH"},
	{"rmdir", 1, remove_directory, "DIR"},
	{"remove-tree", 1, remove_tree, "PATH..."},
	{"rename", 2, rename_file, "OLD NEW"},
	{"rename-new", 2, rename_new, "OLD NEW (RENAME_NOREPLACE)"},
	{"rename-whiteout", 2, rename_whiteout, "OLD NEW (RENAME_WHITEOUT)"},
	{"exchange", 2, exchange, "A B (RENAME_EXCHANGE)"},
	{"link", 2, link_file, "OLD|held NEW"},
	{"link-through", 2, link_through, "OLD|held NEW (through /proc)"},
	{"storm", 3, storm, "A B FILE"},
	{"wander", 3, wander, "FILE [OLD NEW]..."},
	{"truncate", 1, truncate_file, "PATH|held"},
	{"truncate-one-of", 2, truncate_one_of, "DIR COUNT"},
	{"allocate", 1, allocate, "held"},
	{"read", 1, read_held, "held"},
	{"write", 1, write_held, "held"},
	{"change-mode", 1, change_mode, "PATH|held"},
	{"change-mode-at", 1, change_mode_at, "PATH"},
	{"change-owner", 1, change_owner, "PATH|held"},
	{"change-owner-at", 1, change_owner_at, "LINK|held"},
	{"change-times", 1, change_times, "PATH|held"},
	{"touch-at", 1, touch_at, "LINK"},
	{"set-attribute", 2, set_attribute, "PATH|held NAME"},
	{"set-attribute-at", 2, set_attribute_at, "LINK NAME"},
	{"remove-attribute", 2, remove_attribute, "PATH|held NAME"},
	{"remove-attribute-at", 2, remove_attribute_at, "LINK NAME"},
	{"change-flags", 1, change_flags,
	 "flags|casefold|attributes|version|ext4-version|verity (of what is held)"},
	{"snapshot", 3, snapshot, "SUBVOLUME DIR NAME (btrfs)"},
	{"subvolume", 3, subvolume, "create|remove DIR NAME (btrfs)"},
	{"status", 1, get_status, "PATH"},
	{"access", 1, check_access, "PATH"},
	{"read-file", 1, read_file, "PATH"},
	{"read-link", 1, read_link, "LINK"},
	{"change-directory", 1, change_directory, "DIR|held"},
	{"list", 1, list_held, "held"},
	{"get-attribute", 2, get_attribute, "PATH NAME"},
	{NULL, 0, NULL, NULL},
};
