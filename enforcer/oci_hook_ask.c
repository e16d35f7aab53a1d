// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/oci_hook_ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "enforcer/util.h"

int64_t bl_hook_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int wait_for(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd poller = {.fd = fd, .events = events};
		int64_t left = deadline_ms - bl_hook_now_ms();
		int n;

		if (left <= 0)
			return -ETIMEDOUT;
		n = poll(&poller, 1, (int)left);
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			return 0;
	}
}

int bl_hook_read(int fd, size_t max, int64_t deadline_ms, char **ret_text, size_t *ret_len)
{
	bl_cleanup_free char *text = NULL;
	size_t size = 0;
	size_t len = 0;

	for (;;) {
		ssize_t n;
		int r;

		if (len + 1 >= size) {
			char *grown = realloc(text, size ? size * 2 : 16384);

			if (!grown)
				return -ENOMEM;
			text = grown;
			size = size ? size * 2 : 16384;
		}
		r = wait_for(fd, POLLIN, deadline_ms);
		if (r < 0)
			return r;
		n = read(fd, text + len, size - len - 1);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
		if (len > max)
			return -EFBIG;
	}
	text[len] = '\0';
	*ret_text = TAKE(text);
	*ret_len = len;
	return 0;
}

/* More hooks at a time than the daemon serves wait here: the socket's backlog is full. */
static int connect_to(const char *path, int64_t deadline_ms)
{
	bl_cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int64_t left = deadline_ms - bl_hook_now_ms();
	struct timeval timeout = {left / 1000, left % 1000 * 1000};

	if (fd < 0)
		return -errno;
	if (left <= 0)
		return -ETIMEDOUT;
	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	while (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		if (errno != EINTR)
			return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int send_all(int fd, const char *line, size_t len, int64_t deadline_ms)
{
	size_t sent = 0;

	while (sent < len) {
		ssize_t n = send(fd, line + sent, len - sent, MSG_NOSIGNAL);
		int r;

		if (n >= 0) {
			sent += (size_t)n;
			continue;
		}
		if (errno == EINTR)
			continue;
		/* Whom the daemon does not answer it hangs up on; whom it does may be told why. */
		if (errno == EPIPE || errno == ECONNRESET)
			return 0;
		if (errno != EAGAIN)
			return -errno;
		r = wait_for(fd, POLLOUT, deadline_ms);
		if (r < 0)
			return r;
	}
	return 0;
}

int bl_hook_ask(const char *socket_path, const char *line, size_t line_len, int64_t deadline_ms,
		char **ret_answer, size_t *ret_len)
{
	bl_cleanup_close int fd = connect_to(socket_path, deadline_ms);
	bl_cleanup_free char *answer = NULL;
	size_t len = 0;
	int r;

	if (fd < 0)
		return fd;
	r = send_all(fd, line, line_len, deadline_ms);
	if (r == 0)
		r = bl_hook_read(fd, BL_HOOK_ANSWER_MAX, deadline_ms, &answer, &len);
	if (r == -ECONNRESET || (r == 0 && len == 0))
		return -EPROTO;
	if (r < 0)
		return r;
	*ret_answer = TAKE(answer);
	*ret_len = len;
	return 0;
}
