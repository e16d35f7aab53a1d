// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets, but for unix sockets: what is created, bound and reached. Over IPv4 and IPv6 an address
 * is decided, with other families only the family. An address is decoded by its own family and not
 * by the socket's, as the kernel does. What is sent over a connected socket was decided when it was
 * connected, by whoever did that.
 */
#include "bpf/inet.bpf.h"

/* "kern": a socket the kernel makes for itself. */
SEC("lsm/socket_create")
int BPF_PROG(bl_socket_create, int family, int type, int protocol, int kern, int prev)
{
	__u32 operation = BL_OP_CREATE;
	struct bl_label *label;

	if (prev || kern)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	if (is_inet(family))
		return check_kind(label, protocol_of(family, type, protocol), asked_by(operation),
				  operation);
	return check_family(label, family, asked_by(operation), operation);
}

SEC("lsm/socket_bind")
int BPF_PROG(bl_socket_bind, struct socket *sock, struct sockaddr *address, int addrlen, int prev)
{
	__u32 operation = BL_OP_BIND;
	const struct sock *sk = sock->sk;
	struct inet_address inet;
	struct bl_label *label;
	__u16 family;

	if (prev || !sk)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family == AF_UNIX)
		return check_unix_bind(label, address, addrlen);
	if (!is_inet(family))
		return check_family(label, family, asked_by(operation), operation);
	inet = inet_at(address);
	/* inet_bind() takes AF_UNSPEC for it, and raw_bind() anything. With IPv6 it is refused. */
	if (family == AF_INET || inet.family == AF_UNSPEC)
		inet.family = AF_INET;
	/* The kernel refuses it. */
	if (!is_long_enough(&inet, addrlen))
		return 0;
	return check_inet(label, sk, &inet, asked_by(operation), operation);
}

static __always_inline int check_local(struct sock *sk, __u32 operation)
{
	struct bl_label *label = subject_current();
	__u16 family;

	if (!label || !sk)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family == AF_UNIX)
		return check_unix_own(label, sk, asked_by(operation), operation);
	if (!is_inet(family))
		return check_family(label, family, asked_by(operation), operation);
	return check_inet_own(label, sk, asked_by(operation), operation);
}

SEC("lsm/socket_listen")
int BPF_PROG(bl_socket_listen, struct socket *sock, int backlog, int prev)
{
	return prev ? prev : check_local(sock->sk, BL_OP_LISTEN);
}

/* Who connects is not known yet. */
SEC("lsm/socket_accept")
int BPF_PROG(bl_socket_accept, struct socket *sock, struct socket *newsock, int prev)
{
	return prev ? prev : check_local(sock->sk, BL_OP_ACCEPT);
}

/* AF_UNSPEC dissolves a connection. An address of another family IP refuses. */
SEC("lsm/socket_connect")
int BPF_PROG(bl_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen,
	     int prev)
{
	__u32 operation = BL_OP_CONNECT;
	const struct sock *sk = sock->sk;
	struct inet_address inet;
	struct bl_label *label;
	__u16 family;

	if (prev || !sk)
		return prev;
	family = sk->__sk_common.skc_family;
	if (address->sa_family == AF_UNSPEC && (is_inet(family) || family == AF_UNIX))
		return 0;
	label = subject_current();
	if (!label)
		return 0;
	if (family == AF_UNIX) {
		label->sending = 0;
		return 0;
	}
	if (!is_inet(family))
		return check_family(label, family, asked_by(operation), operation);
	inet = inet_at(address);
	if (inet.family != AF_INET && inet.family != AF_INET6)
		return 0;
	if (!is_long_enough(&inet, addrlen))
		inet.family = AF_UNSPEC;
	return check_inet(label, sk, &inet, asked_by(operation), operation);
}

/*
 * An address that comes without a family is IPv4's for an IPv4 socket (udp_sendmsg(),
 * raw_sendmsg()) and IPv6's for one of IPv6 (rawv6_sendmsg(), l2tp_ip6_sendmsg()). UDP over IPv6
 * ignores it, but it may be turned into an IPv4 socket meanwhile (IPV6_ADDRFORM).
 */
static __always_inline __u16 family_of_target(__u16 given, __u16 family, __u8 protocol)
{
	if (given != AF_UNSPEC)
		return given;
	return family == AF_INET6 && protocol != BL_PROTOCOL_UDP ? AF_INET6 : AF_INET;
}

/* Beside a message to SCTP there may stand more addresses, which the kernel asks nobody about. */
#define CONTROLS_MAX 64

struct controls {
	__u64 at;
	__u64 end;
	__u32 has_address;
};

static long controls_step(__u32 index, struct controls *controls)
{
	struct cmsghdr header = {};

	if (controls->at + sizeof(header) > controls->end ||
	    bpf_probe_read_kernel(&header, sizeof(header), (const void *)controls->at) ||
	    header.cmsg_len < sizeof(header))
		return 1;
	if (header.cmsg_level == IPPROTO_SCTP &&
	    (header.cmsg_type == SCTP_DSTADDRV4 || header.cmsg_type == SCTP_DSTADDRV6))
		controls->has_address = index + 1;
	controls->at += (header.cmsg_len + 7) & ~7ull;
	return controls->has_address != 0;
}

/* Whether where a message goes depends on what stands beside it. */
static __always_inline bool has_control(struct bl_label *label, const struct msghdr *msg,
					const struct inet_address *inet, __u8 protocol)
{
	struct controls controls;

	/* IP_PKTINFO */
	if (inet->family == AF_INET && !inet->v4)
		return msg->msg_controllen != 0;
	if (protocol != BL_PROTOCOL_SCTP)
		return false;
	controls.at = number_of(label, msg->msg_control);
	controls.end = controls.at + msg->msg_controllen;
	controls.has_address = inet->family == AF_UNSPEC;
	bpf_loop(CONTROLS_MAX, controls_step, &controls, 0);
	return controls.has_address;
}

/*
 * What is sent over a connection, or to the peer a datagram socket of IP is connected to, was
 * decided then. A unix socket's message is decided by unix_may_send.
 */
static __always_inline bool is_decided(const struct sock *sk, const struct msghdr *msg)
{
	if (msg->msg_name)
		return false;
	return is_inet(sk->__sk_common.skc_family) || sk->__sk_common.skc_family == AF_UNIX ||
	       sk->sk_type == SOCK_STREAM || sk->sk_type == SOCK_SEQPACKET;
}

/*
 * To an address that comes with the data; a socket that has none, as netlink's, sends to where it
 * is bound. TCP connects to the address if it is asked to, else it ignores it: also one that was
 * the kernel's own within a socket of SMC, until that fell back to it.
 */
SEC("lsm/socket_sendmsg")
int BPF_PROG(bl_socket_sendmsg, struct socket *sock, struct msghdr *msg, int size, int prev)
{
	__u32 operation = BL_OP_SEND;
	const struct sock *sk = sock->sk;
	struct inet_address inet;
	struct bl_label *label;
	__u8 protocol;
	__u16 family;

	if (prev || !sk || is_decided(sk, msg))
		return prev;
	protocol = protocol_of_socket(sk);
	if (protocol != BL_PROTOCOL_TCP && BPF_CORE_READ_BITFIELD(sk, sk_kern_sock))
		return 0;
	label = subject_current();
	if (!label)
		return 0;
	family = sk->__sk_common.skc_family;
	if (family == AF_UNIX) {
		label->sending = number_of(label, sk);
		return 0;
	}
	if (!is_inet(family))
		return check_family(label, family, asked_by(operation), operation);
	if (protocol == BL_PROTOCOL_TCP) {
		if (!(msg->msg_flags & MSG_FASTOPEN))
			return 0;
		operation = BL_OP_CONNECT;
	}
	inet = inet_at(msg->msg_name);
	inet.family = family_of_target(inet.family, family, protocol);
	if (!is_long_enough(&inet, msg->msg_namelen))
		return 0;
	if (has_control(label, msg, &inet, protocol))
		inet.family = AF_UNSPEC;
	return check_inet(label, sk, &inet, asked_by(operation), operation);
}

/* sctp_connectx() and the like may give this many addresses; more is BL_FAIL_ADDRESS. */
#define SCTP_ADDRESSES_MAX 256

struct addresses {
	struct bl_label *label;
	const struct sock *sk;
	__u64 at;
	__u64 end;
	__u32 asked;
	__u32 operation;
	int verdict;
};

static long addresses_step(__u32 index, struct addresses *addresses)
{
	struct inet_address inet;
	__u64 len = addresses->end - addresses->at;

	if (addresses->at >= addresses->end)
		return 1;
	inet = inet_at((const void *)addresses->at);
	if (len > INET6_LEN)
		len = INET6_LEN;
	if (!is_long_enough(&inet, len))
		inet.family = AF_UNSPEC;
	addresses->at += inet.family == AF_INET ? INET4_LEN : INET6_LEN;
	addresses->verdict = check_inet(addresses->label, addresses->sk, &inet, addresses->asked,
					addresses->operation);
	return addresses->verdict != 0;
}

/* What SCTP has of its own: several addresses, and connecting by sending. */
SEC("lsm/sctp_bind_connect")
int BPF_PROG(bl_sctp_bind_connect, struct sock *sk, int optname, struct sockaddr *address,
	     int addrlen, int prev)
{
	struct addresses addresses = { .sk = sk, .operation = BL_OP_CONNECT };
	struct inet_address none = { .family = AF_UNSPEC };
	struct bl_label *label;

	/* Asked on behalf of the peer, in whatever task is running. */
	if (prev || optname == SCTP_PARAM_ADD_IP || optname == SCTP_PARAM_SET_PRIMARY)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	if (optname == SCTP_SOCKOPT_BINDX_ADD || optname == SCTP_SET_PEER_PRIMARY_ADDR)
		addresses.operation = BL_OP_BIND;
	addresses.asked = asked_by(addresses.operation);
	addresses.label = label;
	addresses.at = number_of(label, address);
	addresses.end = addresses.at + addrlen;
	bpf_loop(SCTP_ADDRESSES_MAX, addresses_step, &addresses, 0);
	if (!addresses.verdict && addresses.at < addresses.end)
		addresses.verdict = check_inet(label, sk, &none, addresses.asked,
					       addresses.operation);
	return verdict_return(addresses.verdict);
}
