/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is asked of sockets by what they are, and of unix sockets by the name they are bound to. The
 * text of a unix address is not looked at: it is relative to the working directory and may go
 * through symbolic links; the path of the socket that is reached is neither.
 */
#pragma once

#include "bpf/everywhere.bpf.h"

/* What an operation asks. */
static __always_inline __u32 asked_by(__u32 operation)
{
	switch (operation) {
	case BL_OP_CREATE:
		return ASK_NETWORK(CREATE);
	case BL_OP_BIND:
		return ASK_NETWORK(BIND);
	case BL_OP_LISTEN:
		return ASK_NETWORK(LISTEN);
	case BL_OP_ACCEPT:
		return ASK_NETWORK(ACCEPT);
	case BL_OP_SEND:
		return ASK_NETWORK(SEND);
	}
	return ASK_NETWORK(CONNECT);
}

/* A socket that has no address, or whose addresses are not decided. */
static __noinline int check_kind(struct bl_label *label, __u8 kind, __u32 asked, __u32 operation)
{
	struct scratch *scratch;
	int verdict;

	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	scratch->key[0] = BL_KEY_SOCKET;
	scratch->key[1] = kind;
	scratch->request.key_len = BL_KEY_SOCKET_LEN;
	verdict = verdict_of_key(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

static __always_inline int check_family(struct bl_label *label, __u16 family, __u32 asked,
					__u32 operation)
{
	return check_kind(label, BL_SOCKET_FAMILY(family), asked, operation);
}

/* --- whose a socket is --- */

struct owner_walk {
	struct kernfs_node *node;
	__u64 generation;
	__u64 container;
};

static long owner_step(__u32 index, struct owner_walk *walk)
{
	struct kernfs_node *node = walk->node;
	__u64 id = BPF_CORE_READ(node, id);
	const volatile struct bl_binding *binding = bpf_map_lookup_elem(&bindings, &id);

	walk->node = BPF_CORE_READ(node, parent);
	if (!binding || !binding->profile[walk->generation & 1])
		return !walk->node;
	walk->container = binding->container;
	/* The element was given to another cgroup meanwhile. */
	if (binding->id != id)
		walk->container = 0;
	return 1;
}

/*
 * Whether the socket was created in one of the label's containers. The kernel remembers the cgroup
 * of who called socket(2) with the socket (sk_alloc() of net/core/sock.c), whoever binds it or gets
 * hold of it later. A TCP connection that is accepted has its listener's; one of a unix socket is
 * made by who connects.
 */
static __noinline bool is_inside(const struct bl_label *label, const struct sock *sk)
{
	struct owner_walk walk = {
		.node = BPF_CORE_READ(sk, sk_cgrp_data.cgroup, kn),
		.generation = label->generation,
	};

	if (walk.node)
		bpf_loop(BL_CGROUP_PATH_MAX / 2, owner_step, &walk, 0);
	if (!walk.container)
		return false;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
		if (i < label->count && label->bound[i].container == walk.container)
			return true;
	return false;
}

/* --- unix sockets --- */

/* Writes '@' and the abstract name to scratch->key. 0: it has no abstract name. */
static __always_inline __u32 key_of_abstract(struct scratch *scratch, const void *name, __u32 len)
{
	if (!len || len > BL_UNIX_PATH_MAX - 1)
		return 0;
	if (bpf_probe_read_kernel(scratch->key, len & 127, name) || scratch->key[0])
		return 0;
	scratch->key[0] = '@';
	return len;
}

#define SUN_PATH_AT bpf_core_field_offset(struct sockaddr_un, sun_path)

static __always_inline __u64 peer_of(const struct bl_label *label, const struct unix_sock *sk)
{
	return is_inside(label, (const struct sock *)sk) ? BL_BY_INSIDE : BL_BY_OUTSIDE;
}

/*
 * By the path the socket is bound to in its server's mount namespace, else its abstract name, else
 * what it is. Above 0: allowed, with a record.
 */
static __noinline int check_unix(struct bl_label *label, const struct unix_sock *sk, __u32 asked,
				 __u32 operation)
{
	const struct unix_address *address = sk->addr;
	struct scratch *scratch;
	__u32 len = 0;
	int verdict;

	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	if (asked & ASK_REACH && label->conditions & BL_CONDITION_PEER)
		scratch->request.peer = peer_of(label, sk);
	if (sk->path.dentry) {
		path_begin(scratch, (__u64)sk->path.mnt, (__u64)sk->path.dentry);
		scratch->try.is_any_namespace = 1;
		verdict = check_try(scratch, label);
	} else {
		if (address)
			len = key_of_abstract(scratch,
					      (const void *)address + SUN_PATH_AT +
						      bpf_core_field_offset(struct unix_address,
									    name),
					      BPF_CORE_READ(address, len) - SUN_PATH_AT);
		if (!len) {
			scratch->key[0] = BL_KEY_SOCKET;
			scratch->key[1] = BL_SOCKET_FAMILY(AF_UNIX);
			len = BL_KEY_SOCKET_LEN;
		}
		scratch->request.key_len = len;
		verdict = verdict_of_key(scratch, label);
	}
	if (!verdict)
		verdict = scratch->request.verdict != BL_VERDICT_ALLOW;
	scratch_release(scratch);
	return verdict;
}

/*
 * A client in another mount namespace than the server's sees the socket by names of its own. They
 * have to allow it, too; if it has none, nothing is known of the way that led there.
 */
static __always_inline int check_unix_peer(struct bl_label *label, const struct unix_sock *sk,
					   __u32 asked, __u32 operation)
{
	const struct mount *mount = (const void *)mount_of((__u64)sk->path.mnt);
	const struct task_struct *task = bpf_get_current_task_btf();
	int is_recorded = check_unix(label, sk, asked, operation);
	struct scratch *scratch;
	int verdict;

	if (is_recorded < 0)
		return -EPERM;
	if (!sk->path.dentry || label->fail ||
	    BPF_CORE_READ(mount, mnt_ns) == task->nsproxy->mnt_ns)
		return 0;
	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	if (label->conditions & BL_CONDITION_PEER)
		scratch->request.peer = peer_of(label, sk);
	scratch->request.verdict = is_recorded ? BL_VERDICT_AUDIT : BL_VERDICT_ALLOW;
	scratch->is_for_another = 0;
	path_begin(scratch, 0, (__u64)sk->path.dentry);
	verdict = check_everywhere(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* A unix socket itself, as one that listens. */
static __always_inline int check_unix_own(struct bl_label *label, struct sock *sk, __u32 asked,
					  __u32 operation)
{
	struct unix_sock *own = bpf_skc_to_unix_sock(sk);

	return own && check_unix(label, own, asked, operation) < 0 ? -EPERM : 0;
}

/*
 * Binding to a name that is no path; to a path it is decided where that is made, see path_mknod.
 * Without a name the kernel chooses one.
 */
static __noinline int check_unix_bind(struct bl_label *label, const struct sockaddr *address,
				      int len)
{
	__u32 operation = BL_OP_BIND;
	const void *name = (const void *)address + SUN_PATH_AT;
	struct scratch *scratch;
	char first = 0;
	int verdict;

	len -= SUN_PATH_AT;
	if (len <= 0)
		return check_family(label, AF_UNIX, asked_by(operation), operation);
	if (bpf_probe_read_kernel(&first, sizeof(first), name) || first)
		return 0;
	scratch = check_begin(label, asked_by(operation), operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	scratch->request.key_len = key_of_abstract(scratch, name, len);
	if (scratch->request.key_len)
		verdict = verdict_of_key(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}
