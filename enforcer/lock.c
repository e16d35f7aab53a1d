// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "enforcer/util.h"

static pid_t read_pid(int fd)
{
	char text[32];
	ssize_t len = pread(fd, text, sizeof(text) - 1, 0);
	long pid;

	if (len <= 0)
		return 0;
	text[len] = '\0';
	pid = strtol(text, NULL, 10);
	return pid > 0 ? (pid_t)pid : 0;
}

/*
 * A lock of the open file (fcntl_locking(2)): unlike flock(2) it can be asked for without being
 * taken, so that "bailiff status" cannot make a starting daemon believe in another one.
 */
static struct flock whole_file(short type)
{
	return (struct flock){.l_type = type, .l_whence = SEEK_SET};
}

int bl_lock_take(const char *path, int *ret_fd, pid_t *reterr_pid)
{
	struct flock lock = whole_file(F_WRLCK);
	bl_cleanup_close int fd = -1;
	char text[32];
	int len;

	/* Readable by root only: whoever can read it could lock it. */
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return -errno;
		*reterr_pid = read_pid(fd);
		return -EBUSY;
	}
	len = snprintf(text, sizeof(text), "%d\n", (int)getpid());
	if (ftruncate(fd, 0) < 0)
		return -errno;
	if (pwrite(fd, text, (size_t)len, 0) != len)
		return -EIO;
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int bl_lock_holder(const char *path, pid_t *ret_pid)
{
	bl_cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct flock lock = whole_file(F_RDLCK);
	pid_t pid;

	if (fd < 0 && errno != ENOENT)
		return -errno;
	if (fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return -errno;
	if (fd < 0 || lock.l_type == F_UNLCK) {
		*ret_pid = 0;
		return 0;
	}
	pid = read_pid(fd);
	if (pid == 0)
		return -EBUSY;
	*ret_pid = pid;
	return 0;
}
