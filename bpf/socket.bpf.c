// SPDX-License-Identifier: GPL-2.0
/*
 * Reaching peers: connect over IPv4 and IPv6 by the address given, over unix sockets by the socket
 * that is reached. The name in a unix address is not looked at: it is relative to the working
 * directory and may go through symbolic links; the peer's own path is neither.
 */
#include "bpf/check.bpf.h"

#include <bpf/bpf_endian.h>

/* struct sockaddr_in and sockaddr_in6; everything but the family in network order. */
struct inet_address {
	__u16 family;
	__u16 port;
	union {
		__u32 v4;
		struct {
			__u32 flow;
			__u32 v6[4];
		};
	};
};

#define LOOPBACK4 bpf_htonl(0x7f000001)
#define MAPPED_MARK bpf_htonl(0xffff)

static __always_inline __u8 protocol_of(const struct sock *sk)
{
	if (sk->sk_type == SOCK_RAW)
		return BL_PROTOCOL_RAW;
	/* SMC falls back to, and sets itself up through, a TCP connection to the same address. */
	if (sk->__sk_common.skc_family == AF_SMC)
		return BL_PROTOCOL_TCP;
	switch (sk->sk_protocol) {
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
		return BL_PROTOCOL_TCP;
	case IPPROTO_UDP:
	case IPPROTO_UDPLITE:
		return BL_PROTOCOL_UDP;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return BL_PROTOCOL_ICMP;
	case IPPROTO_SCTP:
		return BL_PROTOCOL_SCTP;
	}
	return BL_PROTOCOL_OTHER;
}

/*
 * The unspecified address is the one the socket is bound to, else loopback
 * (ip_route_output_key_hash_rcu() of net/ipv4/route.c).
 */
static __always_inline __u32 key_inet4(__u8 *key, const struct sock *sk, __u32 address, __u16 port)
{
	if (!address)
		address = BPF_CORE_READ((const struct inet_sock *)sk, inet_saddr);
	if (!address)
		address = LOOPBACK4;
	key[0] = BL_KEY_INET4;
	key[1] = protocol_of(sk);
	__builtin_memcpy(key + 2, &address, sizeof(address));
	__builtin_memcpy(key + 6, &port, sizeof(port));
	return BL_KEY_INET4_LEN;
}

static __always_inline bool is_mapped(const __u32 address[4])
{
	return !address[0] && !address[1] && address[2] == MAPPED_MARK;
}

/*
 * The unspecified address is loopback: IPv4's, if the socket is bound to a mapped address
 * (tcp_v6_connect() of net/ipv6/tcp_ipv6.c, ip6_datagram_connect() alike).
 */
static __always_inline __u32 key_inet6(__u8 *key, const struct sock *sk, __u32 address[4],
				       __u16 port)
{
	if (is_mapped(address))
		return key_inet4(key, sk, address[3], port);
	if (!(address[0] | address[1] | address[2] | address[3])) {
		struct in6_addr bound = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);

		if (is_mapped(bound.in6_u.u6_addr32))
			return key_inet4(key, sk, LOOPBACK4, port);
		address[3] = bpf_htonl(1);
	}
	key[0] = BL_KEY_INET6;
	key[1] = protocol_of(sk);
	__builtin_memcpy(key + 2, address, 16);
	__builtin_memcpy(key + 18, &port, sizeof(port));
	return BL_KEY_INET6_LEN;
}

/* Writes the key of the address to scratch->key. 0: not an address of that family. */
static __always_inline __u32 key_of_address(struct scratch *scratch, const struct sock *sk,
					    const struct sockaddr *address, int len)
{
	struct inet_address inet = {};
	__u8 *key = (__u8 *)scratch->key;

	if (!sk || bpf_probe_read_kernel(&inet, sizeof(inet), address))
		return 0;
	if (inet.family == AF_INET && len >= 16)
		return key_inet4(key, sk, inet.v4, inet.port);
	if (inet.family == AF_INET6 && len >= 24)
		return key_inet6(key, sk, inet.v6, inet.port);
	return 0;
}

static __noinline int check_connect(const struct bl_label *label, const struct sock *sk,
				    const struct sockaddr *address, int len)
{
	struct request request = {
		.operation = BL_OP_CONNECT,
		.section = BL_SECTION_NETWORK,
		.asked = 1u << BL_NETWORK_CONNECT,
	};
	int verdict;
	struct scratch *scratch = check_begin(label, &request, &verdict);

	if (!scratch)
		return verdict;
	request.key_len = key_of_address(scratch, sk, address, len);
	if (request.key_len)
		verdict = verdict_of_key(label, &request, scratch);
	else
		verdict = verdict_fail(label, &request, BL_FAIL_ADDRESS);
	scratch_release(scratch);
	return verdict;
}

/*
 * AF_UNSPEC dissolves a connection. Families that are not of IP have hooks or sections of their
 * own.
 */
SEC("lsm/socket_connect")
int BPF_PROG(bl_socket_connect, struct socket *sock, struct sockaddr *address, int addrlen,
	     int prev)
{
	const struct bl_label *label;

	if (prev || (address->sa_family != AF_INET && address->sa_family != AF_INET6))
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	return check_connect(label, sock->sk, address, addrlen);
}

/* Writes '@' and the abstract name to scratch->key. 0: it has no abstract name. */
static __always_inline __u32 key_of_abstract(struct scratch *scratch,
					     const struct unix_address *address)
{
	__u32 len = BPF_CORE_READ(address, len) - sizeof(__u16);
	const void *name = (const void *)address +
			   bpf_core_field_offset(struct unix_address, name) +
			   bpf_core_field_offset(struct sockaddr_un, sun_path);

	if (!address || !len || len > BL_UNIX_PATH_MAX - 1)
		return 0;
	if (bpf_probe_read_kernel(scratch->key, len & 127, name) || scratch->key[0])
		return 0;
	scratch->key[0] = '@';
	return len;
}

/*
 * Names the peer by the path it is bound to, else by its abstract name. An unnamed peer is the
 * other end of a socketpair: there is nothing to reach that is not held already.
 */
static __noinline int check_unix_peer(const struct bl_label *label, struct sock *peer)
{
	struct unix_sock *unix_peer = bpf_skc_to_unix_sock(peer);
	struct request request = {
		.operation = BL_OP_CONNECT,
		.section = BL_SECTION_NETWORK,
		.asked = 1u << BL_NETWORK_CONNECT,
	};
	struct scratch *scratch;
	int verdict;

	if (!unix_peer)
		return 0;
	if (unix_peer->path.dentry)
		return check_path(label, &unix_peer->path, BL_SECTION_NETWORK,
				  1u << BL_NETWORK_CONNECT, BL_OP_CONNECT);
	scratch = check_begin(label, &request, &verdict);
	if (!scratch)
		return verdict;
	request.key_len = key_of_abstract(scratch, unix_peer->addr);
	if (request.key_len)
		verdict = verdict_of_key(label, &request, scratch);
	scratch_release(scratch);
	return verdict;
}

SEC("lsm/unix_stream_connect")
int BPF_PROG(bl_unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk,
	     int prev)
{
	const struct bl_label *label;

	if (prev)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	return check_unix_peer(label, other);
}

/*
 * Datagrams: when a socket is connected and for each message. Both reach the peer, both ask
 * "connect".
 */
SEC("lsm/unix_may_send")
int BPF_PROG(bl_unix_may_send, struct socket *sock, struct socket *other, int prev)
{
	struct sock *peer = other->sk;
	const struct bl_label *label;

	if (prev || !peer)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	return check_unix_peer(label, peer);
}
