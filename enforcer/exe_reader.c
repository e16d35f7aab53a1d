// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/exe_reader.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "enforcer/log.h"
#include "enforcer/sandbox.h"
#include "enforcer/util.h"

struct bl_exe_reader {
	int fd; /* -1: it is gone */
};

struct answer {
	int32_t len; /* negative: an errno */
	char path[PATH_MAX];
};
#define ANSWER_MIN ((ssize_t)offsetof(struct answer, path))

/* Until the daemon is gone. */
static void answer_all(int fd)
{
	struct answer answer;
	char link[32];
	uint32_t tgid;
	size_t len;

	while (recv(fd, &tgid, sizeof(tgid), 0) == (ssize_t)sizeof(tgid)) {
		snprintf(link, sizeof(link), "/proc/%u/exe", tgid);
		answer.len = (int32_t)readlink(link, answer.path, sizeof(answer.path));
		if (answer.len < 0)
			answer.len = -errno;
		len = offsetof(struct answer, path) + (answer.len > 0 ? (size_t)answer.len : 0);
		if (send(fd, &answer, len, MSG_NOSIGNAL) != (ssize_t)len)
			return;
	}
}

static void __attribute__((noreturn)) run_reader(int fd)
{
	prctl(PR_SET_NAME, "bailiff-exe", 0, 0, 0);
	if (dup2(fd, 0) < 0 || close_range(1, ~0U, 0) < 0 || bl_sandbox_enter_reader() < 0)
		_exit(1);
	answer_all(0);
	_exit(0);
}

static void free_reader(struct bl_exe_reader **reader)
{
	bl_exe_reader_free(*reader);
}

int bl_exe_reader_new(struct bl_exe_reader **ret_reader)
{
	bl_cleanup(free_reader) struct bl_exe_reader *reader = malloc(sizeof(*reader));
	bl_cleanup_close int theirs = -1;
	char path[PATH_MAX];
	int fds[2];
	pid_t pid;

	if (!reader)
		return -ENOMEM;
	reader->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	reader->fd = fds[0];
	theirs = fds[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid == 0)
		run_reader(theirs);
	close(TAKE_FD(theirs));

	if (bl_exe_reader_ask(reader, (uint32_t)getpid(), path, sizeof(path)) <= 0)
		return -EIO;
	*ret_reader = TAKE(reader);
	return 0;
}

void bl_exe_reader_free(struct bl_exe_reader *reader)
{
	if (!reader)
		return;
	bl_close_fd(&reader->fd);
	free(reader);
}

ssize_t bl_exe_reader_ask(struct bl_exe_reader *reader, uint32_t tgid, char *path, size_t size)
{
	struct answer answer;
	ssize_t n;

	if (reader->fd < 0)
		return -EPIPE;
	n = send(reader->fd, &tgid, sizeof(tgid), MSG_NOSIGNAL);
	if (n >= 0)
		do
			n = recv(reader->fd, &answer, sizeof(answer), 0);
		while (n < 0 && errno == EINTR);
	if (n < ANSWER_MIN || n - ANSWER_MIN < answer.len) {
		bl_log(BL_LOG_ERROR, "records",
		       "the process that reads executables is gone; records go without them until the daemon is started again");
		close(TAKE_FD(reader->fd));
		return -EPIPE;
	}
	if (answer.len < 0)
		return answer.len;
	if ((size_t)answer.len < size)
		size = (size_t)answer.len;
	memcpy(path, answer.path, size);
	return (ssize_t)size;
}
