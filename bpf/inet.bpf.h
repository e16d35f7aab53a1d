/* SPDX-License-Identifier: GPL-2.0 */
/* Sockets of IPv4 and IPv6: what protocol they are, and deciding an address. */
#pragma once

#include "bpf/socket.bpf.h"

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

#define INET4_LEN 16 /* sizeof(struct sockaddr_in) */
#define INET6_LEN 28
#define INET6_LEN_MIN 24 /* SIN6_LEN_RFC2133 */

#define LOOPBACK4 bpf_htonl(0x7f000001)
#define MAPPED_MARK bpf_htonl(0xffff)

/* SMC falls back to, and sets itself up through, a TCP connection to the same address. */
static __always_inline bool is_inet(__u16 family)
{
	return family == AF_INET || family == AF_INET6 || family == AF_SMC;
}

/* The number, of which the verifier knows nothing any more. */
static __always_inline __u64 forgotten(struct bl_label *label, __u64 number)
{
	volatile __u64 *memory = &label->number;

	*memory = number;
	return *memory;
}

/* protocol: 0 for the one that inet_create() of net/ipv4/af_inet.c chooses for the type. */
static __always_inline __u8 protocol_of(__u16 family, __u32 type, __u32 protocol)
{
	if (family == AF_SMC)
		return BL_PROTOCOL_TCP;
	if (type == SOCK_RAW)
		return BL_PROTOCOL_RAW;
	switch (protocol) {
	case 0:
		if (type == SOCK_STREAM)
			return BL_PROTOCOL_TCP;
		if (type == SOCK_SEQPACKET)
			return BL_PROTOCOL_SCTP;
		return type == SOCK_DGRAM ? BL_PROTOCOL_UDP : BL_PROTOCOL_OTHER;
	case IPPROTO_TCP:
	case IPPROTO_MPTCP:
	case IPPROTO_SMC:
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

static __always_inline __u8 protocol_of_socket(const struct sock *sk)
{
	return protocol_of(sk->__sk_common.skc_family, sk->sk_type, sk->sk_protocol);
}

static __always_inline __u32 key_inet4(__u8 *key, __u8 protocol, __u32 address, __u16 port)
{
	key[0] = BL_KEY_INET4;
	key[1] = protocol;
	__builtin_memcpy(key + 2, &address, sizeof(address));
	__builtin_memcpy(key + 6, &port, sizeof(port));
	return BL_KEY_INET4_LEN;
}

static __always_inline bool is_mapped(const __u32 address[4])
{
	return !address[0] && !address[1] && address[2] == MAPPED_MARK;
}

static __always_inline bool is_unspecified(const __u32 address[4])
{
	return !(address[0] | address[1] | address[2] | address[3]);
}

static __always_inline __u32 key_inet6(__u8 *key, __u8 protocol, const __u32 address[4],
				       __u16 port)
{
	if (is_mapped(address))
		return key_inet4(key, protocol, address[3], port);
	key[0] = BL_KEY_INET6;
	key[1] = protocol;
	__builtin_memcpy(key + 2, address, 16);
	__builtin_memcpy(key + 18, &port, sizeof(port));
	return BL_KEY_INET6_LEN;
}

/*
 * Where the unspecified address leads, if no device has been chosen: then it is the device's, and
 * not known here. To the one the socket is bound to, else to loopback
 * (ip_route_output_key_hash_rcu() of net/ipv4/route.c); of IPv6 to loopback, IPv4's if the socket
 * is bound to a mapped address (tcp_v6_connect() of net/ipv6/tcp_ipv6.c, ip6_datagram_connect()
 * alike).
 */
static __always_inline void reach(struct inet_address *inet, const struct sock *sk)
{
	struct in6_addr bound;

	if (inet->family == AF_INET) {
		const struct inet_sock *own = (const void *)sk;

		if (inet->v4)
			return;
		inet->v4 = BPF_CORE_READ(own, inet_saddr);
		if (BPF_CORE_READ(sk, __sk_common.skc_bound_dev_if) || BPF_CORE_READ(own, uc_index))
			inet->family = AF_UNSPEC;
		else if (!inet->v4)
			inet->v4 = LOOPBACK4;
		return;
	}
	if (is_mapped(inet->v6) && !inet->v6[3]) {
		inet->v6[3] = BPF_CORE_READ((const struct inet_sock *)sk, inet_saddr);
		if (!inet->v6[3])
			inet->v6[3] = LOOPBACK4;
	}
	if (!is_unspecified(inet->v6))
		return;
	inet->v6[3] = bpf_htonl(1);
	bound = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
	if (is_mapped(bound.in6_u.u6_addr32)) {
		inet->v6[2] = MAPPED_MARK;
		inet->v6[3] = LOOPBACK4;
	}
}

/* Whether bind(2) named no port, or was not called; MPTCP and SCTP do not say so. */
static __always_inline bool is_port_chosen_by_kernel(const struct sock *sk)
{
	return sk->sk_protocol == IPPROTO_TCP &&
	       !(BPF_CORE_READ_BITFIELD(sk, sk_userlocks) & SOCK_BINDPORT_LOCK);
}

/*
 * Makes of the address what it leads to, and says which protocol its key names. What the verifier
 * does not forget of it, it follows through all that comes for each protocol and way to get there.
 */
static __always_inline __u8 settle_address(struct bl_label *label, const struct sock *sk,
					   struct inet_address *inet, __u32 asked)
{
	__u8 protocol = protocol_of_socket(sk);

	if (asked & (ASK_NETWORK(LISTEN) | ASK_NETWORK(ACCEPT)) && is_port_chosen_by_kernel(sk))
		protocol = BL_PROTOCOL_TCP_CHOSEN;
	/* The kernel takes no notice of what stands there. */
	if (protocol == BL_PROTOCOL_RAW || protocol == BL_PROTOCOL_ICMP)
		inet->port = 0;
	protocol = forgotten(label, protocol);
	inet->port = forgotten(label, inet->port);
	if (asked & ASK_REACH)
		reach(inet, sk);
	if (inet->family == AF_INET)
		inet->v4 = forgotten(label, inet->v4);
	return protocol;
}

/* Writes the key of the address. Its length; 0: not an address of IP. */
static __always_inline __u32 key_of_address(__u8 *key, struct bl_label *label,
					    const struct sock *sk, struct inet_address *inet,
					    __u32 asked)
{
	__u8 protocol = settle_address(label, sk, inet, asked);

	if (inet->family == AF_INET)
		return key_inet4(key, protocol, inet->v4, inet->port);
	if (inet->family == AF_INET6)
		return key_inet6(key, protocol, inet->v6, inet->port);
	return 0;
}

union inet4_key {
	__u8 bytes[BL_KEY_INET4_LEN];
	__u64 word;
};

/* What a label remembers of an address of IPv4; 0: nothing. A frame of its own, which is left. */
static __noinline __u64 inet4_word(struct bl_label *label, const struct sock *sk,
				   struct inet_address *inet, __u32 asked)
{
	union inet4_key key;
	__u8 protocol;

	if (inet->family != AF_INET)
		return 0;
	protocol = settle_address(label, sk, inet, asked);
	if (inet->family != AF_INET)
		return 0;
	key_inet4(key.bytes, protocol, inet->v4, inet->port);
	key.bytes[0] = asked >> BL_ASK_SHIFT(BL_SECTION_NETWORK);
	return key.word;
}

static __always_inline __u64 *inet4_slot(struct bl_label *label, __u64 word)
{
	return &label->allowed_inet4[MIX(word, 0) >> 62 & (BL_LABEL_INET4 - 1)];
}

/* inet->family is AF_UNSPEC if there was no address of IP. */
static __noinline int check_inet(struct bl_label *label, const struct sock *sk,
				 struct inet_address *inet, __u32 asked, __u32 operation)
{
	__u64 word = label->key ? inet4_word(label, sk, inet, asked) : 0;
	struct scratch *scratch;
	int verdict;

	if (word && *inet4_slot(label, word) == word)
		return 0;
	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	scratch->request.socket = number_of(label, sk);
	scratch->request.key_len = key_of_address((__u8 *)scratch->key, label, sk, inet, asked);
	if (scratch->request.key_len)
		verdict = verdict_of_key(scratch, label);
	else
		verdict = verdict_fail(label, operation, scratch->request.asked,
				       scratch->request.mode, BL_FAIL_ADDRESS);
	if (word && !verdict && !(scratch->request.asked & ~scratch->request.silent))
		*inet4_slot(label, word) = word;
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* Reads an address that the kernel has copied already. */
static __always_inline struct inet_address inet_at(const void *address)
{
	struct inet_address inet = {};

	if (bpf_probe_read_kernel(&inet, sizeof(inet), address))
		inet.family = AF_UNSPEC;
	return inet;
}

static __always_inline bool is_long_enough(const struct inet_address *inet, int len)
{
	return len >= (inet->family == AF_INET ? INET4_LEN : INET6_LEN_MIN);
}

/* Where the socket is bound; to any address and no port yet, if it is not. */
static __always_inline int check_inet_own(struct bl_label *label, const struct sock *sk,
					  __u32 asked, __u32 operation)
{
	struct inet_address inet = {};
	__u16 family = sk->__sk_common.skc_family;

	inet.port = bpf_htons(sk->__sk_common.skc_num);
	/* What SMC is bound to only the socket within it knows. */
	inet.family = family == AF_SMC ? AF_UNSPEC : family;
	if (family == AF_INET6) {
		struct in6_addr bound = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);

		__builtin_memcpy(inet.v6, &bound, sizeof(inet.v6));
	} else {
		inet.v4 = sk->__sk_common.skc_rcv_saddr;
	}
	return check_inet(label, sk, &inet, asked, operation);
}
