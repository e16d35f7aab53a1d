/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Mounting, and seeing files through other mounts, roots and namespaces. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- elsewhere --- */

static enum outcome in_root(int argc, char **argv)
{
	if (chroot(argv[0]) < 0 || chdir("/") < 0)
		return not_tried(argv[0]);
	return run_verb(argc - 1, argv + 1);
}

/* In a mount namespace of its own. */
static enum outcome own_mounts(int argc, char **argv)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return not_tried("unshare");
	return run_verb(argc, argv);
}

/* In one where what is mounted and unmounted is so everywhere. */
static enum outcome in_shared_mounts(int argc, char **argv)
{
	if (mount("none", "/", NULL, MS_REC | MS_SHARED, NULL) < 0 || unshare(CLONE_NEWNS) < 0)
		return not_tried("unshare");
	return run_verb(argc, argv);
}

/* Keeps opening a file, once for each byte it is sent. */
static void open_when_told(int orders, const char *path)
{
	char byte;

	while (read(orders, &byte, 1) == 1) {
		for (int i = 0; i < 4; i++)
			close(open(path, O_RDONLY | O_CLOEXEC));
		if (write(orders, &byte, 1) != 1)
			break;
	}
	_exit(0);
}

/*
 * foreign TIMES DIR NAME: opens it from mount namespaces that it is not in, one after the other, while somebody
 * opens it where it is.
 */
static enum outcome foreign(int argc, char **argv)
{
	int times = atoi(argv[0]);
	int directory = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[256];
	char byte = 'x';
	int orders[2];

	snprintf(path, sizeof(path), "%s/%s", argv[1], argv[2]);
	if (directory < 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, orders) < 0)
		return not_tried(argv[1]);
	if (fork() == 0)
		open_when_told(orders[1], path);
	close(orders[1]);
	for (int i = 0; i < times; i++) {
		int fd;

		if (unshare(CLONE_NEWNS) < 0 || write(orders[0], &byte, 1) != 1 ||
		    read(orders[0], &byte, 1) != 1)
			return not_tried("unshare");
		fd = openat(directory, argv[2], O_RDONLY | O_CLOEXEC);
		if (fd >= 0 || errno != EPERM)
			return judge(fd >= 0);
	}
	errno = EPERM;
	return judge(false);
}

/* In the mount namespace of another process. */
static enum outcome mounts_of(int argc, char **argv)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", argv[0]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) < 0)
		return not_tried(path);
	return run_verb(argc - 1, argv + 1);
}

/* bound FROM TO VERB...: with FROM mounted on TO as well. */
static enum outcome bound(int argc, char **argv)
{
	if (mount(argv[0], argv[1], NULL, MS_BIND, NULL) < 0)
		return not_tried(argv[1]);
	return run_verb(argc - 2, argv + 2);
}

static int write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);
	int r = fd < 0 || write(fd, text, len) != len ? -1 : 0;

	if (fd >= 0)
		close(fd);
	return r;
}

/* As root of a user namespace of its own, with the mounts that belong to it. */
static enum outcome own_users(int argc, char **argv)
{
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0 ||
	    write_text("/proc/self/uid_map", "0 0 1") < 0)
		return not_tried("unshare");
	return run_verb(argc, argv);
}

static enum outcome own_network(int argc, char **argv)
{
	return unshare(CLONE_NEWNET) < 0 ? not_tried("unshare") : run_verb(argc, argv);
}

/* own-root NEW VERB...: with NEW as the root mount, by pivot_root(2), and the old one gone. */
static enum outcome own_root(int argc, char **argv)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(argv[0], argv[0], NULL, MS_BIND | MS_REC, NULL) < 0 || chdir(argv[0]) < 0 ||
	    syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return not_tried("pivot_root");
	return run_verb(argc - 1, argv + 1);
}

/* --- mounting --- */

static enum outcome bind_mount(int argc, char **argv)
{
	return judge(mount(argv[0], argv[1], NULL, MS_BIND, NULL) == 0);
}

static enum outcome bind_all(int argc, char **argv)
{
	return judge(mount(argv[0], argv[1], NULL, MS_BIND | MS_REC, NULL) == 0);
}

/* A flag more, which the kernel takes no notice of. */
static enum outcome bind_private(int argc, char **argv)
{
	return judge(mount(argv[0], argv[1], NULL, MS_BIND | MS_PRIVATE, NULL) == 0);
}

static enum outcome move_mounted(int argc, char **argv)
{
	return judge(mount(argv[0], argv[1], NULL, MS_MOVE, NULL) == 0);
}

/* mount-new TYPE TARGET [OPTIONS [SOURCE]] */
static enum outcome mount_new(int argc, char **argv)
{
	return judge(mount(argc > 3 ? argv[3] : argv[0], argv[1], argv[0], 0,
			   argc > 2 ? argv[2] : NULL) == 0);
}

static enum outcome remount(int argc, char **argv)
{
	return judge(mount(NULL, argv[0], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0);
}

static enum outcome make_private(int argc, char **argv)
{
	return judge(mount(NULL, argv[0], NULL, MS_PRIVATE, NULL) == 0);
}

static enum outcome unmount(int argc, char **argv)
{
	return judge(umount2(argv[0], MNT_DETACH) == 0);
}

/* pivot NEW: the root becomes NEW, the old one is put on it. */
static enum outcome pivot(int argc, char **argv)
{
	if (chdir(argv[0]) < 0)
		return not_tried(argv[0]);
	return judge(syscall(SYS_pivot_root, ".", ".") == 0);
}

/* attach-tree FROM TO: a copy of FROM's mount, which is mounted nowhere before. */
static enum outcome attach_tree(int argc, char **argv)
{
	int tree = open_tree(AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return not_tried("open_tree");
	return judge(move_mount(tree, "", AT_FDCWD, argv[1], MOVE_MOUNT_F_EMPTY_PATH) == 0);
}

/* move-tree FROM TO: the mount itself. */
static enum outcome move_tree(int argc, char **argv)
{
	return judge(move_mount(AT_FDCWD, argv[0], AT_FDCWD, argv[1], 0) == 0);
}

/* attach-new TYPE TO [KEY VALUE]...: by the calls of the new kind. */
static enum outcome attach_new(int argc, char **argv)
{
	int context = fsopen(argv[0], FSOPEN_CLOEXEC);
	int tree;

	for (int i = 2; i + 1 < argc; i += 2) {
		if (fsconfig(context, FSCONFIG_SET_STRING, argv[i], argv[i + 1], 0) < 0)
			return not_tried(argv[i]);
	}
	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return not_tried("fsconfig");
	tree = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (tree < 0)
		return not_tried("fsmount");
	return judge(move_mount(tree, "", AT_FDCWD, argv[1], MOVE_MOUNT_F_EMPTY_PATH) == 0);
}

/* open-detached DIR NAME: NAME in a copy of DIR's mount that is mounted nowhere. */
static enum outcome open_detached(int argc, char **argv)
{
	int tree = open_tree(AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return not_tried("open_tree");
	return judge(openat(tree, argv[1], O_RDONLY | O_CLOEXEC) >= 0);
}

/* make-detached TYPE NAME: creates NAME in a new file system that is mounted nowhere. */
static enum outcome make_detached(int argc, char **argv)
{
	int context = fsopen(argv[0], FSOPEN_CLOEXEC);
	int tree;

	if (context < 0 || fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return not_tried("fsconfig");
	tree = fsmount(context, FSMOUNT_CLOEXEC, 0);
	if (tree < 0)
		return not_tried("fsmount");
	return judge(mkdirat(tree, argv[1], 0755) == 0);
}

/* --- the steps of it, each for itself --- */

static enum outcome new_tree(int argc, char **argv)
{
	return judge(open_tree(AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC) >= 0);
}

static enum outcome new_context(int argc, char **argv)
{
	return judge(fsopen(argv[0], FSOPEN_CLOEXEC) >= 0);
}

static enum outcome pick_context(int argc, char **argv)
{
	return judge(fspick(AT_FDCWD, argv[0], FSPICK_CLOEXEC) >= 0);
}

/* new-mount TYPE: mounted nowhere. */
static enum outcome new_mount(int argc, char **argv)
{
	int context = fsopen(argv[0], FSOPEN_CLOEXEC);

	return judge(context >= 0 && fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0 &&
		     fsmount(context, FSMOUNT_CLOEXEC, 0) >= 0);
}

/* configure-again TARGET: its file system, and changes nothing of it. */
static enum outcome configure_again(int argc, char **argv)
{
	int context = fspick(AT_FDCWD, argv[0], FSPICK_CLOEXEC);

	return judge(context >= 0 &&
		     fsconfig(context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) == 0);
}

/* change-mounted TARGET: by mount_setattr(2) */
static enum outcome change_mounted(int argc, char **argv)
{
	struct mount_attr attributes = {.attr_set = MOUNT_ATTR_NODEV};

	return judge(mount_setattr(AT_FDCWD, argv[0], 0, &attributes, sizeof(attributes)) == 0);
}

const struct verb mount_verbs[] = {
	{"foreign", 3, foreign, "TIMES DIR NAME"},
	{"in-root", 2, in_root, "DIR VERB..."},
	{"in-shared-mounts", 1, in_shared_mounts, "VERB..."},
	{"own-mounts", 1, own_mounts, "VERB..."},
	{"own-users", 1, own_users, "VERB..."},
	{"own-network", 1, own_network, "VERB..."},
	{"own-root", 2, own_root, "NEW VERB... (pivot_root)"},
	{"mounts-of", 2, mounts_of, "PID VERB..."},
	{"bound", 3, bound, "FROM TO VERB..."},
	{"bind", 2, bind_mount, "FROM TO"},
	{"bind-all", 2, bind_all, "FROM TO (MS_REC)"},
	{"bind-private", 2, bind_private, "FROM TO (MS_BIND | MS_PRIVATE)"},
	{"move-mount", 2, move_mounted, "FROM TO (MS_MOVE)"},
	{"mount-new", 2, mount_new, "TYPE TARGET [OPTIONS [SOURCE]]"},
	{"remount", 1, remount, "TARGET (read-only)"},
	{"make-private", 1, make_private, "TARGET"},
	{"unmount", 1, unmount, "TARGET (with what is mounted below)"},
	{"pivot", 1, pivot, "NEW"},
	{"attach-tree", 2, attach_tree, "FROM TO (open_tree, move_mount)"},
	{"move-tree", 2, move_tree, "FROM TO (move_mount)"},
	{"attach-new", 2, attach_new, "TYPE TO [KEY VALUE]... (fsopen, fsmount, move_mount)"},
	{"open-detached", 2, open_detached, "DIR NAME"},
	{"new-tree", 1, new_tree, "DIR (open_tree)"},
	{"new-context", 1, new_context, "TYPE (fsopen)"},
	{"pick-context", 1, pick_context, "TARGET (fspick)"},
	{"new-mount", 1, new_mount, "TYPE (fsopen, fsmount)"},
	{"configure-again", 1, configure_again, "TARGET (fspick, fsconfig)"},
	{"change-mounted", 1, change_mounted, "TARGET (mount_setattr)"},
	{"make-detached", 2, make_detached, "TYPE NAME"},
	{NULL, 0, NULL, NULL},
};
