/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connecting, in every way, and the listeners that are connected to. */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTENERS_MAX 16

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* kind: tcp4 tcp6 udp4 udp6 (HOST PORT), unix PATH, abstract NAME. Returns how many arguments it used, or 0. */
static int parse_address(const char *kind, int argc, char **argv, struct address *ret)
{
	struct address address = {0};
	size_t len;

	if (!strcmp(kind, "unix") || !strcmp(kind, "abstract")) {
		bool is_abstract = kind[0] == 'a';

		len = argc > 0 ? strlen(argv[0]) : 0;
		if (len == 0 || len + 1 >= sizeof(address.un.sun_path))
			return 0;
		address.un.sun_family = AF_UNIX;
		memcpy(address.un.sun_path + is_abstract, argv[0], len);
		address.len = offsetof(struct sockaddr_un, sun_path) + len + 1;
		*ret = address;
		return 1;
	}
	if (argc < 2)
		return 0;
	if (kind[3] == '4') {
		address.in4.sin_family = AF_INET;
		address.in4.sin_port = htons(atoi(argv[1]));
		address.len = sizeof(address.in4);
		if (inet_pton(AF_INET, argv[0], &address.in4.sin_addr) != 1)
			return 0;
	} else {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port = htons(atoi(argv[1]));
		address.len = sizeof(address.in6);
		if (inet_pton(AF_INET6, argv[0], &address.in6.sin6_addr) != 1)
			return 0;
	}
	*ret = address;
	return 2;
}

static enum outcome try_connect(const char *kind, int type, int argc, char **argv)
{
	struct address address;
	enum outcome outcome;
	int fd;

	errno = EINVAL;
	if (parse_address(kind, argc, argv, &address) != argc)
		return not_tried("address");
	fd = socket(address.any.sa_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return not_tried("socket");
	outcome = judge(connect(fd, &address.any, address.len) == 0);
	close(fd);
	return outcome;
}

static enum outcome connect_tcp4(int argc, char **argv)
{
	return try_connect("tcp4", SOCK_STREAM, argc, argv);
}

static enum outcome connect_tcp6(int argc, char **argv)
{
	return try_connect("tcp6", SOCK_STREAM, argc, argv);
}

static enum outcome connect_udp4(int argc, char **argv)
{
	return try_connect("udp4", SOCK_DGRAM, argc, argv);
}

static enum outcome connect_udp6(int argc, char **argv)
{
	return try_connect("udp6", SOCK_DGRAM, argc, argv);
}

/* KIND-from SOURCE HOST PORT: from a socket that is bound to an address of its own. */
static enum outcome try_connect_from(const char *kind, int argc, char **argv)
{
	char *source_words[] = {argv[0], "0"};
	struct address source;
	struct address address;
	int fd;

	errno = EINVAL;
	if (parse_address(kind, 2, source_words, &source) != 2 ||
	    parse_address(kind, argc - 1, argv + 1, &address) != argc - 1)
		return not_tried("address");
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, &source.any, source.len) < 0)
		return not_tried("bind");
	return judge(connect(fd, &address.any, address.len) == 0);
}

static enum outcome connect_tcp4_from(int argc, char **argv)
{
	return try_connect_from("tcp4", argc, argv);
}

static enum outcome connect_tcp6_from(int argc, char **argv)
{
	return try_connect_from("tcp6", argc, argv);
}

static enum outcome connect_datagram(int argc, char **argv)
{
	return try_connect("unix", SOCK_DGRAM, argc, argv);
}

static enum outcome send_datagram(int argc, char **argv)
{
	struct address address;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || parse_address("unix", argc, argv, &address) != argc)
		return not_tried("socket");
	return judge(sendto(fd, "x", 1, 0, &address.any, address.len) == 1);
}

static enum outcome connect_ring(int argc, char **argv)
{
	struct address address;
	struct io_uring_sqe operation = {.opcode = IORING_OP_CONNECT, .addr = (uintptr_t)&address};

	errno = EINVAL;
	if (parse_address("tcp4", argc, argv, &address) != argc)
		return not_tried("address");
	operation.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	operation.off = address.len;
	return operation.fd < 0 ? not_tried("socket") : try_ring(&operation);
}

/* MPTCP falls back to TCP with a peer that does not speak it. */
static enum outcome connect_mptcp4(int argc, char **argv)
{
	struct address address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0 || parse_address("tcp4", argc, argv, &address) != argc)
		return not_tried("socket");
	return judge(connect(fd, &address.any, address.len) == 0);
}

static enum outcome connect_unix(int argc, char **argv)
{
	return try_connect("unix", SOCK_STREAM, argc, argv);
}

static enum outcome connect_abstract(int argc, char **argv)
{
	return try_connect("abstract", SOCK_STREAM, argc, argv);
}

static int listen_on(const struct address *address)
{
	int yes = 1;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (address->any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, &address->any, address->len) < 0 || listen(fd, 128) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* listen READY KIND ADDRESS...: accepts and closes until it is killed. */
static enum outcome listen_forever(int argc, char **argv)
{
	struct pollfd polls[LISTENERS_MAX];
	int count = 0;
	int i = 1;

	while (i < argc && count < LISTENERS_MAX) {
		struct address address;
		int used = parse_address(argv[i], argc - i - 1, argv + i + 1, &address);

		errno = EINVAL;
		if (!used)
			return not_tried(argv[i]);
		polls[count].fd = listen_on(&address);
		polls[count].events = POLLIN;
		if (polls[count].fd < 0)
			return not_tried(argv[i]);
		count++;
		i += 1 + used;
	}
	if (touch(argv[0]) < 0)
		return not_tried(argv[0]);
	while (poll(polls, count, -1) > 0) {
		for (i = 0; i < count; i++) {
			if (polls[i].revents & POLLIN)
				close(accept4(polls[i].fd, NULL, NULL, SOCK_CLOEXEC));
		}
	}
	return not_tried("poll");
}

/* notify-listen SOCKET FILE: appends what is sent to an sd_notify socket, until it is killed. */
static enum outcome notify_listen(int argc, char **argv)
{
	struct address address;
	char message[4096];
	ssize_t len;
	int fd;
	int out;

	if (parse_address("unix", 1, argv, &address) != 1)
		return not_tried("address");
	out = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out < 0 || fd < 0 || bind(fd, &address.any, address.len) < 0)
		return not_tried(argv[0]);
	while ((len = recv(fd, message, sizeof(message) - 1, 0)) >= 0) {
		message[len] = '\n';
		if (write(out, message, len + 1) != len + 1)
			return not_tried(argv[1]);
	}
	return not_tried("recv");
}

static enum outcome bind_unix(int argc, char **argv)
{
	struct address address;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || parse_address("unix", argc, argv, &address) != argc)
		return not_tried("socket");
	return judge(bind(fd, &address.any, address.len) == 0);
}

const struct verb socket_verbs[] = {
	{"connect-tcp4", 2, connect_tcp4, "HOST PORT"},
	{"connect-tcp6", 2, connect_tcp6, "HOST PORT"},
	{"connect-udp4", 2, connect_udp4, "HOST PORT"},
	{"connect-udp6", 2, connect_udp6, "HOST PORT"},
	{"connect-tcp4-from", 3, connect_tcp4_from, "SOURCE HOST PORT"},
	{"connect-tcp6-from", 3, connect_tcp6_from, "SOURCE HOST PORT"},
	{"connect-mptcp4", 2, connect_mptcp4, "HOST PORT"},
	{"connect-ring", 2, connect_ring, "HOST PORT"},
	{"connect-datagram", 1, connect_datagram, "PATH"},
	{"send-datagram", 1, send_datagram, "PATH"},
	{"connect-unix", 1, connect_unix, "PATH"},
	{"connect-abstract", 1, connect_abstract, "NAME"},
	{"bind-unix", 1, bind_unix, "PATH"},
	{"listen", 3, listen_forever, "READY {tcp4|tcp6 HOST PORT | unix PATH | abstract NAME}..."},
	{"notify-listen", 2, notify_listen, "SOCKET FILE"},
	{NULL, 0, NULL, NULL},
};
