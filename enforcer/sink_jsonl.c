// SPDX-License-Identifier: GPL-2.0-or-later
/* Records into a file, one a line. The file may be rotated away: reopen makes it again. */
#include "enforcer/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforcer/util.h"

struct jsonl {
	struct bl_sink sink;
	char *path;
	int fd;       /* -1: could not be opened yet; each write tries again */
	bool is_torn; /* part of a line stands at the end of the file and could not be taken back */
};

/* O_NONBLOCK: a FIFO somebody put there must not hold the daemon up in open(). */
static int open_file(const char *path)
{
	bl_cleanup_close int fd = -1;
	struct stat st;

	fd = open(path,
		  O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK,
		  0640);
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EMEDIUMTYPE;
	return TAKE_FD(fd);
}

/* A directory of the path's own is made; what is above it is the operator's. */
static int open_or_make(const char *path)
{
	bl_cleanup_free char *copy = NULL;
	int fd = open_file(path);

	if (fd != -ENOENT)
		return fd;
	copy = strdup(path);
	if (!copy)
		return -ENOMEM;
	if (mkdir(dirname(copy), 0750) < 0)
		return -errno;
	return open_file(path);
}

static ssize_t write_all(int fd, const char *data, size_t len)
{
	size_t done = 0;

	while (done < len) {
		ssize_t n = write(fd, data + done, len - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static int jsonl_write(struct bl_sink *sink, const char *line, size_t len)
{
	struct jsonl *jsonl = (struct jsonl *)sink;
	struct stat st;
	size_t done;
	int error;

	if (jsonl->fd < 0) {
		jsonl->fd = open_or_make(jsonl->path);
		if (jsonl->fd < 0)
			return jsonl->fd;
	}
	if (jsonl->is_torn) {
		errno = EIO;
		if (write_all(jsonl->fd, "\n", 1) != 1)
			return -errno;
		jsonl->is_torn = false;
	}

	errno = EIO;
	done = (size_t)write_all(jsonl->fd, line, len);
	if (done == len)
		return 0;
	error = -errno;

	/* We are the only writer, so the end of the file is the end of what was just written. */
	if (done > 0 && (fstat(jsonl->fd, &st) < 0 || st.st_size < (off_t)done ||
			 ftruncate(jsonl->fd, st.st_size - (off_t)done) < 0))
		jsonl->is_torn = true;
	return error;
}

static int jsonl_reopen(struct bl_sink *sink)
{
	struct jsonl *jsonl = (struct jsonl *)sink;
	int fd = open_or_make(jsonl->path);

	if (fd < 0)
		return fd;
	if (jsonl->fd >= 0)
		close(jsonl->fd);
	jsonl->fd = fd;
	jsonl->is_torn = false;
	return 0;
}

static int jsonl_flush(struct bl_sink *sink)
{
	struct jsonl *jsonl = (struct jsonl *)sink;

	return jsonl->fd >= 0 && fdatasync(jsonl->fd) < 0 ? -errno : 0;
}

static void jsonl_free(struct bl_sink *sink)
{
	struct jsonl *jsonl = (struct jsonl *)sink;

	if (jsonl->fd >= 0)
		close(jsonl->fd);
	free(jsonl->path);
	free(jsonl);
}

static const struct bl_sink_ops jsonl_ops = {
	.name = "jsonl",
	.write = jsonl_write,
	.reopen = jsonl_reopen,
	.flush = jsonl_flush,
	.free = jsonl_free,
};

int bl_sink_jsonl_new(const char *path, struct bl_sink **ret_sink)
{
	struct jsonl *jsonl = calloc(1, sizeof(*jsonl));

	if (!jsonl || !(jsonl->path = strdup(path))) {
		free(jsonl);
		return -ENOMEM;
	}
	jsonl->sink.ops = &jsonl_ops;
	jsonl->fd = open_or_make(path);
	jsonl->sink.error = jsonl->fd < 0 ? jsonl->fd : 0;
	*ret_sink = &jsonl->sink;
	return 0;
}
