/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be done with a socket: "net KIND OPERATION [ADDRESS...]". */
#include "probe.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>

#ifndef AF_SMC
#define AF_SMC 43
#endif

#define SCTP_DSTADDRV4         7
#define SCTP_SOCKOPT_BINDX_ADD 100
#define SCTP_SOCKOPT_CONNECTX  110
#define ICMP_ECHO              8

struct kind {
	const char *name;
	int family;
	int type;
	int protocol;
};

static const struct kind kinds[] = {
	{"tcp4", AF_INET, SOCK_STREAM, 0},
	{"tcp6", AF_INET6, SOCK_STREAM, 0},
	{"mptcp4", AF_INET, SOCK_STREAM, IPPROTO_MPTCP},
	{"smc4", AF_SMC, SOCK_STREAM, 0},
	{"udp4", AF_INET, SOCK_DGRAM, 0},
	{"udp6", AF_INET6, SOCK_DGRAM, 0},
	{"udplite4", AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
	{"icmp4", AF_INET, SOCK_DGRAM, IPPROTO_ICMP},
	{"raw4", AF_INET, SOCK_RAW, IPPROTO_ICMP},
	{"raw6", AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
	{"sctp4", AF_INET, SOCK_STREAM, IPPROTO_SCTP},
	{"sctp4-many", AF_INET, SOCK_SEQPACKET, IPPROTO_SCTP},
	{"sctp4-implied", AF_INET, SOCK_SEQPACKET, 0},
	{"packet", AF_PACKET, SOCK_DGRAM, 0},
	{"netlink", AF_NETLINK, SOCK_RAW, NETLINK_ROUTE},
	{"vsock", AF_VSOCK, SOCK_STREAM, 0},
	{"alg", AF_ALG, SOCK_SEQPACKET, 0},
	{"xdp", AF_XDP, SOCK_RAW, 0},
	{"tipc", AF_TIPC, SOCK_RDM, 0},
	{"unix-stream", AF_UNIX, SOCK_STREAM, 0},
	{"unix-datagram", AF_UNIX, SOCK_DGRAM, 0},
	{"unix-packet", AF_UNIX, SOCK_SEQPACKET, 0},
};

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
		struct sockaddr_ll packet;
		struct sockaddr_nl netlink;
		struct sockaddr_vm vm;
		struct sockaddr_storage storage;
	};
	socklen_t len;
};

static bool parse_ip(const char *host, const char *port, struct address *ret)
{
	struct address address = {0};

	if (inet_pton(AF_INET, host, &address.in4.sin_addr) == 1) {
		address.in4.sin_family = AF_INET;
		address.in4.sin_port = htons(atoi(port));
		address.len = sizeof(address.in4);
	} else if (inet_pton(AF_INET6, host, &address.in6.sin6_addr) == 1) {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port = htons(atoi(port));
		address.in6.sin6_scope_id =
			IN6_IS_ADDR_LINKLOCAL(&address.in6.sin6_addr) ? if_nametoindex("lo") : 0;
		address.len = sizeof(address.in6);
	} else {
		return false;
	}
	*ret = address;
	return true;
}

/* HOST PORT, PATH, @NAME, or "none"; families without text have one address that works. Says how many words it took. */
static int parse_address(const struct kind *kind, int argc, char **argv, struct address *ret)
{
	struct address address = {0};
	size_t len;

	switch (kind->family) {
	case AF_PACKET:
		address.packet.sll_family = AF_PACKET;
		address.packet.sll_ifindex = if_nametoindex("lo");
		address.packet.sll_protocol = htons(0x88b5);
		address.len = sizeof(address.packet);
		break;
	case AF_NETLINK:
		address.netlink.nl_family = AF_NETLINK;
		address.len = sizeof(address.netlink);
		break;
	case AF_VSOCK:
		address.vm.svm_family = AF_VSOCK;
		address.vm.svm_cid = VMADDR_CID_LOCAL;
		address.vm.svm_port = 8080;
		address.len = sizeof(address.vm);
		break;
	case AF_UNIX:
		address.un.sun_family = AF_UNIX;
		len = argc > 0 ? strlen(argv[0]) : 0;
		if (!len || len >= sizeof(address.un.sun_path))
			return -1;
		address.len = offsetof(struct sockaddr_un, sun_path);
		if (!strcmp(argv[0], "none")) {
			*ret = address;
			return 1;
		}
		memcpy(address.un.sun_path, argv[0], len);
		address.len += len;
		if (argv[0][0] == '@')
			address.un.sun_path[0] = '\0';
		*ret = address;
		return 1;
	default:
		if (argc < 2 || !parse_ip(argv[0], argv[1], &address))
			return -1;
		*ret = address;
		return 2;
	}
	*ret = address;
	return 0;
}

/* What a protocol takes for a message. */
static size_t message(const struct kind *kind, uint8_t bytes[64])
{
	struct nlmsghdr *header = (struct nlmsghdr *)bytes;

	memset(bytes, 0, 64);
	if (kind->family == AF_NETLINK) {
		header->nlmsg_len = sizeof(*header);
		header->nlmsg_type = NLMSG_NOOP;
		return header->nlmsg_len;
	}
	bytes[0] = ICMP_ECHO;
	return 16;
}

static enum outcome send_to(const struct kind *kind, int fd, const struct address *address, int flags)
{
	uint8_t bytes[64];
	size_t len = message(kind, bytes);

	return judge(sendto(fd, bytes, len, flags, address ? &address->any : NULL,
			    address ? address->len : 0) == (ssize_t)len);
}

static enum outcome send_message(const struct kind *kind, int fd, struct address *address, bool is_many)
{
	uint8_t bytes[64];
	struct iovec part = {bytes, message(kind, bytes)};
	struct mmsghdr messages[2];

	for (int i = 0; i < 2; i++)
		messages[i] = (struct mmsghdr){.msg_hdr = {
						       .msg_name = &address->storage,
						       .msg_namelen = address->len,
						       .msg_iov = &part,
						       .msg_iovlen = 1,
					       }};
	if (is_many)
		return judge(sendmmsg(fd, messages, 2, 0) == 2);
	return judge(sendmsg(fd, &messages[0].msg_hdr, 0) >= 0);
}

static enum outcome send_ring(const struct kind *kind, int fd, struct address *address)
{
	uint8_t bytes[64];
	struct iovec part = {bytes, message(kind, bytes)};
	struct msghdr header = {
		.msg_name = &address->storage,
		.msg_namelen = address->len,
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	struct io_uring_sqe operation = {
		.opcode = IORING_OP_SENDMSG, .fd = fd, .addr = (uintptr_t)&header, .len = 1};

	return try_ring(&operation);
}

/* A listener that nobody has connected to yet: that there is nothing to accept means that one may. */
static enum outcome accept_none(int fd)
{
	fcntl(fd, F_SETFL, O_NONBLOCK);
	if (accept4(fd, NULL, NULL, SOCK_CLOEXEC) >= 0 || errno == EAGAIN)
		return DID;
	return judge(false);
}

static enum outcome reuse_and_listen(int fd, const struct address *address, bool accepts)
{
	if (address && bind(fd, &address->any, address->len) < 0)
		return not_tried("bind");
	if (!accepts)
		return judge(listen(fd, 8) == 0);
	return listen(fd, 8) < 0 ? not_tried("listen") : accept_none(fd);
}

/* Two addresses in one call: the one given, behind one that is allowed. */
static enum outcome many_addresses(int fd, const struct address *address, int option)
{
	struct sockaddr_in both[2] = {address->in4, address->in4};

	both[0].sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return judge(setsockopt(fd, IPPROTO_SCTP, option, both, sizeof(both)) >= 0);
}

/* To an address that is allowed, with the one given beside it. */
static enum outcome send_more(int fd, const struct address *address)
{
	struct sockaddr_in name = address->in4;
	char byte = 'x';
	struct iovec part = {&byte, 1};
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct in_addr))];
	} control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct in_addr)),
				.cmsg_level = IPPROTO_SCTP,
				.cmsg_type = SCTP_DSTADDRV4}};
	struct msghdr message = {.msg_name = &name,
				 .msg_namelen = sizeof(name),
				 .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control.bytes)};

	memcpy(CMSG_DATA(&control.header), &address->in4.sin_addr, sizeof(struct in_addr));
	name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return judge(sendmsg(fd, &message, MSG_NOSIGNAL) == 1);
}

/* After an option that makes of the socket what the operation says. */
static enum outcome with_option(const char *operation, int fd, struct address *address)
{
	int yes = 1;

	if (!strcmp(operation, "connect-fast-open")) {
		if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &yes, sizeof(yes)) < 0)
			return not_tried("TCP_FASTOPEN_CONNECT");
		return judge(connect(fd, &address->any, address->len) == 0);
	}
	if (!strcmp(operation, "connect-through-device")) {
		if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2) < 0)
			return not_tried("SO_BINDTODEVICE");
		return judge(connect(fd, &address->any, address->len) == 0);
	}
	/* SMC becomes the TCP socket that it has within. A listener that hangs up at once was reached. */
	if (!strcmp(operation, "send-fallen-back")) {
		if (setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_NO_COOKIE, &yes, sizeof(yes)) < 0)
			return not_tried("TCP_FASTOPEN_NO_COOKIE");
		return judge(sendto(fd, "x", 1, MSG_FASTOPEN | MSG_NOSIGNAL, &address->any,
				    address->len) == 1 ||
			     errno == ECONNRESET || errno == EPIPE);
	}
	errno = EINVAL;
	return not_tried(operation);
}

/* For operations that have an address. */
static enum outcome with_address(const struct kind *kind, const char *operation, int fd,
				 struct address *address)
{
	struct address unspecified = *address;

	unspecified.any.sa_family = AF_UNSPEC;
	if (!strcmp(operation, "bind"))
		return judge(bind(fd, &address->any, address->len) == 0);
	if (!strcmp(operation, "bind-unspecified"))
		return judge(bind(fd, &unspecified.any, unspecified.len) == 0);
	if (!strcmp(operation, "bind-many"))
		return many_addresses(fd, address, SCTP_SOCKOPT_BINDX_ADD);
	if (!strcmp(operation, "connect-many"))
		return many_addresses(fd, address, SCTP_SOCKOPT_CONNECTX);
	if (!strcmp(operation, "listen"))
		return reuse_and_listen(fd, address, false);
	if (!strcmp(operation, "accept"))
		return reuse_and_listen(fd, address, true);
	if (!strcmp(operation, "connect"))
		return judge(connect(fd, &address->any, address->len) == 0);
	if (!strcmp(operation, "send"))
		return send_to(kind, fd, address, 0);
	if (!strcmp(operation, "send-unspecified"))
		return send_to(kind, fd, &unspecified, 0);
	if (!strcmp(operation, "send-message"))
		return send_message(kind, fd, address, false);
	if (!strcmp(operation, "send-messages"))
		return send_message(kind, fd, address, true);
	if (!strcmp(operation, "send-ring"))
		return send_ring(kind, fd, address);
	if (!strcmp(operation, "send-fast-open"))
		return send_to(kind, fd, address, MSG_FASTOPEN);
	if (!strcmp(operation, "send-more"))
		return send_more(fd, address);
	if (!strcmp(operation, "send-unnamed"))
		return send_to(kind, fd, NULL, 0);
	/* Connected: where to is not asked again, be it said again or not. */
	if (!strcmp(operation, "send-connected") || !strcmp(operation, "dissolve")) {
		if (connect(fd, &address->any, address->len) < 0)
			return not_tried("connect");
		if (operation[0] == 'd')
			return judge(connect(fd, &unspecified.any, unspecified.len) == 0);
		return send_to(kind, fd, NULL, 0);
	}
	return with_option(operation, fd, address);
}

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(name, kinds[i].name))
			return &kinds[i];
	return NULL;
}

/* A port of which connections of an earlier case still linger can be bound. */
static int new_socket(const struct kind *kind)
{
	int yes = 1;
	int fd = socket(kind->family, kind->type | SOCK_CLOEXEC, kind->protocol);

	if (fd >= 0 && (kind->family == AF_INET || kind->family == AF_INET6))
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	return fd;
}

/* net-listen READY KIND HOST PORT: until it is killed. Who connects is left in the queue. */
static enum outcome net_listen(int argc, char **argv)
{
	const struct kind *kind = find_kind(argv[1]);
	struct address address;
	int fd;

	errno = EINVAL;
	if (!kind || parse_address(kind, argc - 2, argv + 2, &address) != argc - 2)
		return not_tried(argv[1]);
	fd = new_socket(kind);
	if (fd < 0 || reuse_and_listen(fd, &address, false) != DID || touch(argv[0]) < 0)
		return not_tried("listen");
	pause();
	return DID;
}

/* net KIND create|pair|listen|connect|send|... [ADDRESS...] */
static enum outcome net(int argc, char **argv)
{
	const struct kind *kind = find_kind(argv[0]);
	struct address address;
	int pair[2];
	int fd;

	errno = EINVAL;
	if (!kind)
		return not_tried(argv[0]);
	if (!strcmp(argv[1], "pair"))
		return judge(socketpair(kind->family, kind->type, kind->protocol, pair) == 0);
	fd = new_socket(kind);
	if (!strcmp(argv[1], "create"))
		return judge(fd >= 0);
	if (fd < 0)
		return not_tried("socket");
	if (!strcmp(argv[1], "listen-unbound"))
		return reuse_and_listen(fd, NULL, false);
	if (parse_address(kind, argc - 2, argv + 2, &address) != argc - 2)
		return not_tried("address");
	return with_address(kind, argv[1], fd, &address);
}

/* What is done to a socket before it is held; -1: an error. Returns how many words it took. */
static int prepare(const struct kind *kind, int argc, char **argv, int fd)
{
	struct address address;
	int used = strcmp(argv[0], "create") ? parse_address(kind, argc - 1, argv + 1, &address) : 0;

	errno = EINVAL;
	if (used < 0)
		return -1;
	if (!strcmp(argv[0], "connect") && connect(fd, &address.any, address.len) < 0)
		return -1;
	if ((!strcmp(argv[0], "bind") || !strcmp(argv[0], "listen")) &&
	    bind(fd, &address.any, address.len) < 0)
		return -1;
	if (!strcmp(argv[0], "listen") && listen(fd, 8) < 0)
		return -1;
	return 1 + used;
}

/* socket KIND OPERATION [ADDRESS] VERB...: with a socket made here and now, on which that was done. */
static enum outcome with_socket(int argc, char **argv)
{
	const struct kind *kind = find_kind(argv[0]);
	int pair[2];
	int used = 1;
	int fd;

	errno = EINVAL;
	if (!kind)
		return not_tried(argv[0]);
	if (!strcmp(argv[1], "pair")) {
		fd = socketpair(kind->family, kind->type, kind->protocol, pair) < 0 ? -1 : pair[0];
	} else {
		fd = new_socket(kind);
		if (fd >= 0)
			used = prepare(kind, argc - 1, argv + 1, fd);
	}
	if (fd < 0 || used < 0 || dup2(fd, HELD) < 0)
		return not_tried(argv[1]);
	close(fd);
	return run_verb(argc - 1 - used, argv + 1 + used);
}

/* accept-held: from the queue of the socket that is held. */
static enum outcome accept_held(int argc, char **argv)
{
	return accept_none(HELD);
}

const struct verb network_verbs[] = {
	{"net", 2, net, "KIND OPERATION [HOST PORT | PATH | @NAME]"},
	{"socket", 3, with_socket, "KIND create|pair|bind|connect|listen [ADDRESS] VERB..."},
	{"accept-held", 0, accept_held, ""},
	{"net-listen", 3, net_listen, "READY KIND [HOST PORT | PATH | @NAME]"},
	{NULL, 0, NULL, NULL},
};
