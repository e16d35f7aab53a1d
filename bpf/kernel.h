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
#define EBADF 9
#define EINVAL 22
#define ENOSPC 28

/* include/linux/err.h: pointers above this are error codes. */
#define MAX_ERRNO 4095
#define IS_ERR_VALUE(address) ((address) >= (__u64)-MAX_ERRNO)

/* include/linux/fs.h. Macros leave no trace in BTF. */
#define FMODE_READ 0x1
#define FMODE_WRITE 0x2
#define FMODE_EXEC 0x20
#define FMODE_CREATED 0x100000
#define FMODE_NOACCOUNT 0x20000000 /* a file below an overlay's or FUSE's, and some others */
/*
 * Since 6.5 such a file is part of a struct backing_file, says one of these bits: the upper one at
 * first, the lower one since 6.14 and in 6.12's later releases.
 */
#define FMODE_BACKING 0x3000000
#define O_ACCMODE 3
#define O_TRUNC 01000
#define O_TMPFILE_ONLY 020000000 /* __O_TMPFILE */
#define S_IFMT 0170000
#define S_IFDIR 0040000
#define S_IFREG 0100000
#define S_IFSOCK 0140000
#define S_IFCHR 0020000
#define SB_KERNMOUNT (1 << 22)
#define MNT_SHARED 0x1000
#define PF_IO_WORKER 0x10

/* include/linux/dcache.h: a file system that compares names in its own way sets both. */
#define DCACHE_OP_HASH 0x1
#define DCACHE_OP_COMPARE 0x2
#define DCACHE_OP_REVALIDATE 0x4

#define RENAME_EXCHANGE 2
#define RENAME_WHITEOUT 4
#define ATTR_SIZE (1 << 3)
#define ATTR_ATIME (1 << 4)
#define ATTR_MTIME (1 << 5)
#define MS_REMOUNT 32
#define MS_BIND 4096
#define MS_MOVE 8192
#define MS_UNBINDABLE (1 << 17)
#define MS_PRIVATE (1 << 18)
#define MS_SLAVE (1 << 19)
#define MS_SHARED (1 << 20)

/* include/linux/mm.h */
#define PROT_WRITE 0x2
#define PROT_EXEC 0x4
#define MAP_TYPE 0xf
#define MAP_PRIVATE 0x2
#define VM_SHARED 0x8
#define VM_WRITE 0x2

/* include/uapi/linux/magic.h, and fs/erofs/erofs_fs.h. */
#define OVERLAYFS_SUPER_MAGIC 0x794c7630
#define SQUASHFS_MAGIC 0x73717368
#define EROFS_SUPER_MAGIC 0xe0f5e1e2
#define ISOFS_SUPER_MAGIC 0x9660
#define BPF_FS_MAGIC 0xcafe4a11
#define CGROUP2_SUPER_MAGIC 0x63677270
#define PROC_SUPER_MAGIC 0x9fa0

#define SIGKILL 9

#define NAME_MAX 255

#define AF_UNSPEC 0
#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define AF_SMC 43

#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_RAW 3
#define SOCK_SEQPACKET 5

#define IPPROTO_ICMP 1
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_ICMPV6 58
#define IPPROTO_SCTP 132
#define IPPROTO_UDPLITE 136
#define IPPROTO_SMC 256
#define IPPROTO_MPTCP 262

#define MSG_FASTOPEN 0x20000000

/* include/net/tcp_states.h, and of connection-oriented sockets of other families, too. */
#define TCP_CLOSE 7
#define TCP_LISTEN 10
/* include/net/sock.h: a bit of sk_userlocks. */
#define SOCK_BINDPORT_LOCK 8

/* include/uapi/linux/sctp.h: what security_sctp_bind_connect() is asked for. */
#define SCTP_SET_PEER_PRIMARY_ADDR 5
#define SCTP_SOCKOPT_BINDX_ADD 100
/* What a message may have beside it. */
#define SCTP_DSTADDRV4 7
#define SCTP_DSTADDRV6 8
#define SCTP_PARAM_ADD_IP 0xc001
#define SCTP_PARAM_SET_PRIMARY 0xc004

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
struct seqcount {
	unsigned int sequence;
} RELOCATED;

struct seqcount_spinlock {
	struct seqcount seqcount;
} RELOCATED;

struct inode;
struct super_block;

struct dentry {
	unsigned int d_flags;
	struct seqcount_spinlock d_seq;
	struct dentry *d_parent;
	struct qstr d_name;
	struct inode *d_inode;
	unsigned char d_iname[DNAME_INLINE_LEN];
	struct super_block *d_sb;
} RELOCATED;

struct list_head {
	struct list_head *next;
} RELOCATED;

struct super_block {
	unsigned long s_flags;
	unsigned long s_magic;
	struct dentry *s_root;
	struct list_head s_mounts;
} RELOCATED;

struct inode {
	unsigned long i_ino;
	__u32 i_generation;
	__u16 i_mode;
	unsigned int i_nlink;
	struct super_block *i_sb;
} RELOCATED;

struct vfsmount {
	int mnt_flags;
	struct dentry *mnt_root;
} RELOCATED;

struct mnt_namespace;

struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
	struct list_head mnt_instance;
	struct mnt_namespace *mnt_ns;
} RELOCATED;

struct mnt_namespace {
	struct mount *root;
	__u64 seq;   /* 0: the anonymous namespace of a detached tree */
	__u64 event; /* another number after every change to its mounts */
} RELOCATED;

struct nsproxy {
	struct mnt_namespace *mnt_ns;
} RELOCATED;

struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
} RELOCATED;

struct hlist_node {
	struct hlist_node *next;
	struct hlist_node **pprev;
};

struct hlist_head {
	struct hlist_node *first;
};

enum pid_type { PIDTYPE_PID, PIDTYPE_TGID, PIDTYPE_PGID, PIDTYPE_SID, PIDTYPE_MAX };

struct upid {
	int nr;
} RELOCATED;

struct pid {
	struct hlist_head tasks[PIDTYPE_MAX];
	struct upid numbers[1]; /* the first: in the initial namespace */
} RELOCATED;

/* What an inode of procfs is part of. */
struct proc_inode {
	struct pid *pid; /* whose files these are, NULL for others */
	struct inode vfs_inode;
} RELOCATED;

/* Whom a file's signals are sent to. */
struct fown_struct {
	struct pid *pid;
	enum pid_type pid_type;
	int signum; /* 0: SIGIO */
} RELOCATED;

struct file {
	unsigned int f_flags;
	unsigned int f_mode;
	struct path f_path;
	struct inode *f_inode;
	const void *f_op;
	void *private_data;
	struct fown_struct *f_owner; /* since 6.12 */
} RELOCATED;

struct file___before_6_12 {
	struct fown_struct f_owner;
} RELOCATED;

/* What overlayfs maps instead of its own file, since 6.5. */
struct backing_file {
	struct file file;
	struct path user_path;
} RELOCATED;

struct fdtable {
	unsigned int max_fds;
	struct file **fd;
} RELOCATED;

struct files_struct {
	struct fdtable *fdt;
} RELOCATED;

struct linux_binprm {
	struct file *file;
	char buf[256];
} RELOCATED;

struct iattr {
	unsigned int ia_valid;
} RELOCATED;

struct anon_vma;

struct vm_area_struct {
	unsigned long vm_flags;
	struct anon_vma *anon_vma;
	struct file *vm_file;
} RELOCATED;

struct mm_struct {
	struct file *exe_file;
} RELOCATED;

struct cred;

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

struct thread_info {
	__u32 status;
} RELOCATED;

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	__u64 orig_ax;
} RELOCATED;
#else
struct pt_regs {
	int syscallno;
} RELOCATED;
#endif

struct fs_struct {
	struct path root;
} RELOCATED;

struct task_struct {
	struct thread_info thread_info;
	struct hlist_node pid_links[PIDTYPE_MAX];
	unsigned int flags;
	unsigned int in_execve : 1; /* from before the program is checked until it is loaded */
	int pid;
	int tgid;
	struct task_struct *real_parent;
	char comm[16];
	struct css_set *cgroups;
	struct fs_struct *fs;
	struct nsproxy *nsproxy;
	struct mm_struct *mm;
	__u64 self_exec_id; /* counts what begin_new_exec() of fs/exec.c could not go back on */
	const struct cred *real_cred;
	const struct cred *cred;
	struct bpf_local_storage *bpf_storage;
	struct task_struct *group_leader;
	__u64 start_boottime; /* as the leader's has it */
	struct list_head children;
	struct list_head sibling;
	struct files_struct *files;
} RELOCATED;

/* What descriptors of bpf(2) are of. */
struct bpf_map {
	__u32 id;
} RELOCATED;

struct bpf_prog_aux {
	__u32 id;
} RELOCATED;

struct bpf_prog {
	struct bpf_prog_aux *aux;
} RELOCATED;

struct bpf_link {
	__u32 id;
} RELOCATED;

/* include/linux/security.h; the numbers are not the same in all releases. */
enum lockdown_reason { LOCKDOWN_BPF_WRITE_USER = 1 };

struct sockaddr {
	__u16 sa_family;
} RELOCATED;

struct in6_addr {
	union {
		__u32 u6_addr32[4];
	} in6_u;
} RELOCATED;

/* What it is bound to (rcv_saddr, num) and connected to; only num is in the host's order. */
struct sock_common {
	__u16 skc_family;
	unsigned char skc_state;
	__u16 skc_num;
	__u16 skc_dport;
	int skc_bound_dev_if;
	__u32 skc_rcv_saddr;
	__u32 skc_daddr;
	struct in6_addr skc_v6_rcv_saddr;
	struct in6_addr skc_v6_daddr;
} RELOCATED;

struct sock_cgroup_data {
	struct cgroup *cgroup; /* of who created it */
} RELOCATED;

struct sock {
	struct sock_common __sk_common;
	struct sock_cgroup_data sk_cgrp_data;
	unsigned int sk_kern_sock : 1; /* the kernel's own */
	unsigned int sk_userlocks : 4;
	__u16 sk_type;
	__u16 sk_protocol;
} RELOCATED;

struct inet_sock {
	__u32 inet_saddr; /* what it is bound to, in network order; 0: any */
	int uc_index;	  /* IP_UNICAST_IF */
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

struct msghdr {
	void *msg_name; /* NULL: to the peer the socket is connected to */
	int msg_namelen;
	void *msg_control;
	__u64 msg_controllen;
	unsigned int msg_flags;
} RELOCATED;

struct cmsghdr {
	__u64 cmsg_len;
	int cmsg_level;
	int cmsg_type;
} RELOCATED;

struct unix_sock {
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
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
