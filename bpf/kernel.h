/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel as we see it: every internal structure and field the programs read, and nothing else.
 * CO-RE finds the fields in the running kernel; one that is missing there fails the load by name.
 */
#pragma once

#include <linux/bpf.h>
#include <linux/types.h>
#include <stdbool.h>

#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define EPERM 1

/* include/linux/err.h: pointers above this are error codes. */
#define MAX_ERRNO 4095
#define IS_ERR_VALUE(address) ((address) >= (__u64)-MAX_ERRNO)

/* include/linux/fs.h. Macros leave no trace in BTF. */
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20
#define FMODE_BACKING 0x2000000	   /* since 6.5: a file below an overlay or FUSE file */
#define FMODE_NOACCOUNT 0x20000000 /* before: overlayfs' own handle on the layer below */
#define O_ACCMODE 3
#define O_TRUNC 01000

#define NAME_MAX 255

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_SMC 43

#define SOCK_RAW 3

#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP 262

#define RELOCATED __attribute__((preserve_access_index))

struct qstr {
	union {
		struct {
			__u32 hash;
			__u32 len;
		};
	};
	const unsigned char *name;
} RELOCATED;

/* Where short names are kept; all kernels have room for so many bytes, NUL included. */
#define DNAME_INLINE_LEN 32

/* Even when nobody renames the dentry. */
struct seqcount_spinlock {
	__u32 first;
};

struct dentry {
	struct seqcount_spinlock d_seq;
	struct dentry *d_parent;
	struct qstr d_name;
	unsigned char d_iname[DNAME_INLINE_LEN];
} RELOCATED;

struct vfsmount {
	struct dentry *mnt_root;
} RELOCATED;

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct mnt_namespace *mnt_ns;
} RELOCATED;

struct mnt_namespace {
	struct mount *root;
	__u64 seq; /* 0: the anonymous namespace of a detached tree */
} RELOCATED;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} RELOCATED;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} RELOCATED;

struct file {
	unsigned int f_flags;
	unsigned int f_mode;
	struct path f_path;
} RELOCATED;

struct linux_binprm {
	struct file *file;
} RELOCATED;

struct kernfs_node {
	struct kernfs_node *parent;
	__u64 id;
} RELOCATED;

struct cgroup_root {
	int hierarchy_id; /* 0: cgroup2 */
} RELOCATED;

struct cgroup {
	int level;
	struct kernfs_node *kn;
	struct cgroup_root *root;
} RELOCATED;

struct css_set {
	struct cgroup *dfl_cgrp;
} RELOCATED;

struct task_struct {
	int pid;
	int tgid;
	struct task_struct *real_parent;
	char comm[16];
	struct css_set *cgroups;
	struct nsproxy *nsproxy;
	struct bpf_local_storage *bpf_storage;
} RELOCATED;

struct sockaddr {
	__u16 sa_family;
} RELOCATED;

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
} RELOCATED;

struct sock_common {
	__u16 skc_family;
	struct in6_addr skc_v6_rcv_saddr;
} RELOCATED;

struct sock {
	struct sock_common __sk_common;
	__u16 sk_type;
	__u16 sk_protocol;
} RELOCATED;

struct inet_sock {
	__u32 inet_saddr; /* what it is bound to, in network order; 0: any */
} RELOCATED;

struct socket {
	struct sock *sk;
} RELOCATED;

/* include/net/af_unix.h. The address' name follows it: a struct sockaddr_un of len bytes. */
struct sockaddr_un {
	__u16 sun_family;
	char sun_path[108];
} RELOCATED;

struct unix_address {
	int len;
	struct sockaddr_un name[0];
} RELOCATED;

struct unix_sock {
	struct unix_address *addr;
	struct path path;
} RELOCATED;

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} RELOCATED;

struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
} RELOCATED;

/*
 * Sequence counters of fs/dcache.c and fs/namespace.c: even when nobody renames or mounts. Both are
 * the first member of a seqlock_t, and neither has a type in BTF.
 */
extern const void rename_lock __ksym;
extern const void mount_lock __ksym;
