/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that go from one process to another. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int unix_socket(const char *path, struct sockaddr_un *ret_address)
{
	*ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(ret_address->sun_path, path, sizeof(ret_address->sun_path) - 1);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

union control {
	struct cmsghdr header;
	char bytes[CMSG_SPACE(sizeof(int))];
};

static int send_descriptor(int to, int fd)
{
	char byte = 'x';
	struct iovec part = {&byte, 1};
	union control control = {.header = {.cmsg_len = CMSG_LEN(sizeof(int)),
					    .cmsg_level = SOL_SOCKET,
					    .cmsg_type = SCM_RIGHTS}};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control.bytes)};

	memcpy(CMSG_DATA(&control.header), &fd, sizeof(fd));
	return sendmsg(to, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

/* pass READY SOCKET: gives what is held to everybody who connects, until it is killed. */
static enum outcome pass(int argc, char **argv)
{
	struct sockaddr_un address;
	int server = unix_socket(argv[1], &address);
	int client;

	if (server < 0 || bind(server, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(server, 8) < 0 || touch(argv[0]) < 0)
		return not_tried(argv[1]);
	while ((client = accept4(server, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		if (send_descriptor(client, HELD) < 0)
			return not_tried("sendmsg");
		close(client);
	}
	return not_tried("accept");
}

/* receive SOCKET: a descriptor that is not given is left out, and the message is marked as cut. */
static enum outcome receive(int argc, char **argv)
{
	struct sockaddr_un address;
	int fd = unix_socket(argv[0], &address);
	char byte;
	struct iovec part = {&byte, 1};
	union control control;
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control.bytes)};

	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return not_tried(argv[0]);
	if (recvmsg(fd, &message, MSG_CMSG_CLOEXEC) != 1)
		return not_tried("recvmsg");
	if (message.msg_controllen >= CMSG_LEN(sizeof(int)))
		return DID;
	errno = message.msg_flags & MSG_CTRUNC ? EPERM : EPROTO;
	return judge(false);
}

/* take PROCESS DESCRIPTOR: pidfd_getfd(2) */
static enum outcome take(int argc, char **argv)
{
	int process = (int)syscall(SYS_pidfd_open, atoi(argv[0]), 0);

	if (process < 0)
		return not_tried("pidfd_open");
	return judge(syscall(SYS_pidfd_getfd, process, atoi(argv[1]), 0) >= 0);
}

const struct verb pass_verbs[] = {
	{"pass", 2, pass, "READY SOCKET (what is held)"},
	{"receive", 1, receive, "SOCKET"},
	{"take", 2, take, "PROCESS DESCRIPTOR (pidfd_getfd)"},
	{NULL, 0, NULL, NULL},
};
