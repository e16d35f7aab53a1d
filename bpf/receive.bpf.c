// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors from another task: over a unix socket, by pidfd_getfd(2), by seccomp's supervisor.
 * What the task could not have opened, created or connected it is not given either. Not decided
 * here: what is inherited by fork and exec, and files that somebody else puts into a ring
 * (IORING_MSG_SEND_FD), of which no hook is told.
 */
#include "bpf/inet.bpf.h"

/* What a socket can be used for that is as it is. */
static __always_inline __u32 asked_by_state(__u8 socket_state)
{
	if (socket_state == TCP_LISTEN)
		return ASK_NETWORK(LISTEN) | ASK_NETWORK(ACCEPT);
	return socket_state == TCP_CLOSE ? 0 : ASK_NETWORK(CONNECT);
}

static __always_inline int check_received_inet(struct bl_label *label, const struct sock *sk,
					       __u32 operation)
{
	__u32 asked = asked_by_state(sk->__sk_common.skc_state);
	struct inet_address inet = { .family = sk->__sk_common.skc_family };
	int verdict;

	verdict = check_kind(label, protocol_of_socket(sk), ASK_NETWORK(CREATE), operation);
	if (verdict || !asked)
		return verdict_return(verdict);
	if (!(asked & ASK_NETWORK(CONNECT)))
		return check_inet_own(label, sk, asked, operation);
	inet.port = sk->__sk_common.skc_dport;
	/* Several peers, or none that is known here. */
	if (inet.family == AF_SMC || protocol_of_socket(sk) == BL_PROTOCOL_SCTP) {
		inet.family = AF_UNSPEC;
	} else if (inet.family == AF_INET6) {
		struct in6_addr peer = BPF_CORE_READ(sk, __sk_common.skc_v6_daddr);

		__builtin_memcpy(inet.v6, &peer, sizeof(inet.v6));
	} else {
		inet.v4 = sk->__sk_common.skc_daddr;
	}
	return check_inet(label, sk, &inet, asked, operation);
}

static __always_inline int check_received_unix(struct bl_label *label, struct sock *sk,
					       __u32 operation)
{
	struct unix_sock *own = bpf_skc_to_unix_sock(sk);
	struct unix_sock *peer;
	int verdict;

	verdict = check_family(label, AF_UNIX, ASK_NETWORK(CREATE), operation);
	if (verdict || !own)
		return verdict_return(verdict);
	if (sk->__sk_common.skc_state == TCP_LISTEN)
		return check_unix_own(label, sk, asked_by_state(TCP_LISTEN), operation);
	if (!own->peer)
		return 0;
	peer = bpf_skc_to_unix_sock(own->peer);
	return peer ? check_unix_peer(label, peer, ASK_NETWORK(CONNECT), operation) : 0;
}

/* One that was created in the task's container was decided there. */
static __always_inline int check_received(struct bl_label *label, struct sock *sk)
{
	__u32 operation = BL_OP_RECEIVE;
	__u16 family;

	if (!sk || !(label->mediated & BL_ASK_SECTION(BL_SECTION_NETWORK)))
		return 0;
	if (!label->fail && is_inside(label, sk))
		return 0;
	family = sk->__sk_common.skc_family;
	if (family == AF_UNIX)
		return check_received_unix(label, sk, operation);
	if (is_inet(family))
		return check_received_inet(label, sk, operation);
	return check_family(label, family,
			    ASK_NETWORK(CREATE) | asked_by_state(sk->__sk_common.skc_state),
			    operation);
}

/* A descriptor of an object of bpf(2) that is the engine's. */
static __always_inline bool is_of_engine(const struct file *file)
{
	const volatile struct bl_guard_set *set = guard_set();
	__u64 operations = (__u64)BPF_CORE_READ(file, f_op);
	const void *object = BPF_CORE_READ(file, private_data);

	if (operations == set->operations[BL_OBJECT_MAP])
		return is_own_object(BL_OBJECT_MAP,
				     BPF_CORE_READ((const struct bpf_map *)object, id));
	if (operations == set->operations[BL_OBJECT_PROGRAM])
		return is_own_object(BL_OBJECT_PROGRAM,
				     BPF_CORE_READ((const struct bpf_prog *)object, aux, id));
	return operations == set->operations[BL_OBJECT_LINK] &&
	       is_own_object(BL_OBJECT_LINK,
			     BPF_CORE_READ((const struct bpf_link *)object, id));
}

SEC("lsm/file_receive")
int BPF_PROG(bl_file_receive, struct file *file, int prev)
{
	struct bl_label *label;
	struct socket *sock;
	__u32 asked = 0;

	if (file->f_mode & FMODE_READ)
		asked |= ASK_FILE(READ);
	if (file->f_mode & FMODE_WRITE)
		asked |= ASK_FILE(WRITE);
	if (prev)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	if (is_of_engine(file) && refuse_bpf(label))
		return verdict_return(-1);
	if (!asked)
		return 0;
	sock = bpf_sock_from_file(file);
	if (sock)
		return check_received(label, sock->sk);
	return check_file(label, file->f_path.mnt, file->f_path.dentry, asked, BL_OP_RECEIVE,
			  false);
}
