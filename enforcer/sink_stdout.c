// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Records to standard output or another stream, whose reader may be slow or gone: what does not fit
 * now is dropped, but a line once begun is finished before the next one.
 */
#include "enforcer/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforcer/util.h"

struct stream {
	struct bl_sink sink;
	int fd;
	bool is_socket;
	char *rest; /* of a line the stream took a part of */
	size_t rest_len;
};

static ssize_t write_some(const struct stream *stream, const char *data, size_t len)
{
	ssize_t n;

	do {
		if (stream->is_socket)
			n = send(stream->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
		else
			n = write(stream->fd, data, len);
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static int write_rest(struct stream *stream)
{
	ssize_t n;

	if (stream->rest_len == 0)
		return 0;
	n = write_some(stream, stream->rest, stream->rest_len);
	if (n < 0)
		return (int)n;
	stream->rest_len -= (size_t)n;
	memmove(stream->rest, stream->rest + n, stream->rest_len);
	return stream->rest_len > 0 ? -EAGAIN : 0;
}

static int stream_write(struct bl_sink *sink, const char *line, size_t len)
{
	struct stream *stream = (struct stream *)sink;
	char *rest;
	ssize_t n;
	int r;

	r = write_rest(stream);
	if (r < 0)
		return r;

	/* Taken before writing, so that a line once begun can always be finished. */
	rest = realloc(stream->rest, len);
	if (!rest)
		return -ENOMEM;
	stream->rest = rest;

	n = write_some(stream, line, len);
	if (n < 0)
		return (int)n;
	stream->rest_len = len - (size_t)n;
	memcpy(stream->rest, line + n, stream->rest_len);
	return 0;
}

static int stream_flush(struct bl_sink *sink)
{
	return write_rest((struct stream *)sink);
}

static void stream_free(struct bl_sink *sink)
{
	struct stream *stream = (struct stream *)sink;

	close(stream->fd);
	free(stream->rest);
	free(stream);
}

static const struct bl_sink_ops stream_ops = {
	.name = "stdout",
	.write = stream_write,
	.flush = stream_flush,
	.free = stream_free,
};

/*
 * O_NONBLOCK belongs to the open file, which standard output shares with whoever started us. Pipes
 * and terminals are therefore opened anew; sockets cannot be, but have MSG_DONTWAIT; files do not
 * wait.
 */
static int own_stdout(void)
{
	bl_cleanup_close int fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	struct stat st;
	int own;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (S_ISREG(st.st_mode) || S_ISSOCK(st.st_mode))
		return TAKE_FD(fd);

	own = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	return own < 0 ? -errno : own;
}

int bl_sink_fd_new(int fd, struct bl_sink **ret_sink)
{
	struct stream *stream;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -errno;
	stream = calloc(1, sizeof(*stream));
	if (!stream)
		return -ENOMEM;

	stream->sink.ops = &stream_ops;
	stream->fd = fd;
	stream->is_socket = S_ISSOCK(st.st_mode);
	*ret_sink = &stream->sink;
	return 0;
}

int bl_sink_stdout_new(struct bl_sink **ret_sink)
{
	bl_cleanup_close int fd = own_stdout();
	int r;

	if (fd < 0)
		return fd;
	r = bl_sink_fd_new(fd, ret_sink);
	if (r == 0)
		TAKE_FD(fd);
	return r;
}
