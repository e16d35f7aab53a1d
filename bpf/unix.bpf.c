// SPDX-License-Identifier: GPL-2.0
/*
 * Reaching unix sockets. What is sent to the peer a datagram socket is connected to was decided
 * when it was connected.
 */
#include "bpf/socket.bpf.h"

SEC("lsm/unix_stream_connect")
int BPF_PROG(bl_unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk,
	     int prev)
{
	__u32 operation = BL_OP_CONNECT;
	struct unix_sock *peer;
	struct bl_label *label;

	if (prev)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	peer = bpf_skc_to_unix_sock(other);
	if (!peer)
		return 0;
	/* The control socket, if nothing is mediated here. */
	if (!(asked_by(operation) & label->mediated) && peer->path.dentry)
		return verdict_return(guard_path(label, peer->path.mnt, peer->path.dentry,
						 asked_by(operation), operation));
	return check_unix_peer(label, peer, asked_by(operation), operation);
}

/* Datagrams: when a socket is connected and for each message; see bl_socket_sendmsg. */
SEC("lsm/unix_may_send")
int BPF_PROG(bl_unix_may_send, struct socket *sock, struct socket *other, int prev)
{
	__u32 operation = BL_OP_CONNECT;
	struct sock *from = sock->sk;
	struct sock *to = other->sk;
	struct unix_sock *own;
	struct unix_sock *peer;
	struct bl_label *label;

	if (prev || !from || !to)
		return prev;
	own = bpf_skc_to_unix_sock(from);
	peer = bpf_skc_to_unix_sock(to);
	if (!own || !peer || own->peer == to)
		return prev;
	label = subject_current();
	if (!label)
		return 0;
	if (label->sending == number_of(label, own))
		operation = BL_OP_SEND;
	return check_unix_peer(label, peer, asked_by(operation), operation);
}
