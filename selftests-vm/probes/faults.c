/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded into the daemon: what goes wrong while it changes what is kept on the disk, and what is in force.
 *
 * While /run/case/dying exists each of the calls below is counted, and before that number DIE_AT of the environment
 * the process ends as if it were killed. While /run/case/failing exists making a directory fails, and with it every
 * new generation: mkdir(2) of a cgroup is a part of it. Neither file is opened: the sandbox would not have it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static void live_or_die(void)
{
	static int calls;
	const char *last = getenv("DIE_AT");

	if (last && access("/run/case/dying", F_OK) == 0 && ++calls == atoi(last))
		syscall(SYS_exit_group, 99);
}

int fsync(int fd)
{
	live_or_die();
	return (int)syscall(SYS_fsync, fd);
}

int renameat(int old_dir, const char *old, int new_dir, const char *new)
{
	live_or_die();
	return (int)syscall(SYS_renameat, old_dir, old, new_dir, new);
}

int unlinkat(int dir, const char *path, int flags)
{
	live_or_die();
	return (int)syscall(SYS_unlinkat, dir, path, flags);
}

int mkdir(const char *path, mode_t mode)
{
	live_or_die();
	if (access("/run/case/failing", F_OK) == 0) {
		errno = ENOSPC;
		return -1;
	}
	return (int)syscall(SYS_mkdir, path, mode);
}

int rmdir(const char *path)
{
	live_or_die();
	return (int)syscall(SYS_rmdir, path);
}
