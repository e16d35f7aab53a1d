/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The daemon's control socket: asking it, and everything else one can do with it. */
#include "probe.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 20000 /* the daemon's own is a quarter of that */
#define SILENT      40    /* more than the daemon has places for */
#define ROUNDS      50
#define LARGE       (1 << 20)

static int dial(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = PATIENCE_MS / 1000};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is left unread, and when it was hung up, is the daemon's to decide: but it must do so. */
static bool is_hung_up(int fd)
{
	char text[4096];
	ssize_t n;

	do
		n = recv(fd, text, sizeof(text), 0);
	while (n > 0);
	close(fd);
	return n == 0 || errno == ECONNRESET;
}

static bool throw(const char *path, const char *bytes, size_t len)
{
	int fd = dial(path);

	if (fd < 0)
		return false;
	while (len > 0) {
		ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);

		if (n < 0)
			break; /* it has heard enough */
		bytes += n;
		len -= n;
	}
	return is_hung_up(fd);
}

/* Says nothing, or not enough, on more connections than are served at once. */
static bool keep_silent(const char *path)
{
	int fds[SILENT];
	bool is_done = true;

	for (int i = 0; i < SILENT; i++) {
		fds[i] = dial(path);
		if (fds[i] < 0 || (i % 2 && send(fds[i], "{\"request\":", 11, MSG_NOSIGNAL) < 0))
			return false;
	}
	for (int i = 0; i < SILENT; i++)
		is_done = is_hung_up(fds[i]) && is_done;
	return is_done;
}

/* A JSON text that is deeper than anybody reads, and one that is a number and does not end. */
static bool throw_texts(const char *path, char *bytes)
{
	memset(bytes, '[', LARGE);
	bytes[4000] = '\n';
	if (!throw(path, bytes, 4001) || !throw(path, bytes, LARGE))
		return false;
	memset(bytes, '1', LARGE);
	bytes[0] = '{';
	return throw(path, bytes, LARGE);
}

static enum outcome garbage(int argc, char **argv)
{
	char *bytes = malloc(LARGE);

	if (!bytes || getrandom(bytes, LARGE, 0) < 0)
		return not_tried("bytes");
	if (!throw(argv[0], bytes, LARGE))
		return judge(false);
	for (int i = 0; i < ROUNDS; i++) {
		int fd = dial(argv[0]);

		if (fd < 0 || !throw(argv[0], bytes + i * 1000, 999) || !throw(argv[0], "\n", 1))
			return judge(false);
		close(fd);
	}
	if (!throw_texts(argv[0], bytes))
		return judge(false);
	return judge(keep_silent(argv[0]));
}

/* Denied is being hung up on without an answer. */
static enum outcome ask(int argc, char **argv)
{
	static const char request[] = "{\"request\":\"status\"}\n";
	int fd = dial(argv[0]);
	char first;
	ssize_t n;

	if (fd < 0)
		return not_tried("connect");
	(void)!send(fd, request, strlen(request), MSG_NOSIGNAL);
	n = recv(fd, &first, 1, 0);
	if (n == 0 || (n < 0 && errno == ECONNRESET))
		errno = EPERM;
	close(fd);
	return judge(n == 1);
}

/* Sends a line and prints what is answered. */
static enum outcome request(int argc, char **argv)
{
	int fd = dial(argv[0]);
	char text[4096];
	ssize_t n;

	if (fd < 0)
		return not_tried("connect");
	if (dprintf(fd, "%s\n", argv[1]) < 0)
		return not_tried("send");
	while ((n = recv(fd, text, sizeof(text), 0)) > 0)
		fwrite(text, 1, (size_t)n, stdout);
	close(fd);
	return judge(n == 0);
}

static enum outcome as_user(int argc, char **argv)
{
	uid_t uid = (uid_t)strtoul(argv[0], NULL, 10);

	if (setresgid(uid, uid, uid) < 0 || setresuid(uid, uid, uid) < 0)
		return not_tried("setresuid");
	return run_verb(argc - 1, argv + 1);
}

const struct verb control_verbs[] = {
	{"as-user", 2, as_user, "UID VERB..."},
	{"ask", 1, ask, "SOCKET"},
	{"request", 2, request, "SOCKET TEXT (prints the answer)"},
	{"garbage", 1, garbage, "SOCKET (until it was hung up on each time)"},
	{NULL, 0, NULL, NULL},
};
