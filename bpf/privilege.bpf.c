// SPDX-License-Identifier: GPL-2.0
/*
 * Facilities of the kernel, and capabilities. What has a hook of its own is decided there. What has
 * none is decided where the kernel asks for the capability that it takes, and if that opens other
 * things, too, by the system call the task is in: open_tree(2), fsopen(2), fsconfig(2), fsmount(2),
 * fspick(2), mount_setattr(2), swapon(2) and swapoff(2) for CAP_SYS_ADMIN. Whoever lacks the
 * capability is refused by the kernel itself.
 *
 * mount(2), move_mount(2), pivot_root(2) and umount(2) are decided in mount.bpf.c.
 */
#include "bpf/use.bpf.h"

static __always_inline int check_privilege(enum bl_privilege privilege)
{
	return privilege_of(user(), privilege);
}

/* include/linux/security.h */
#define CAP_OPT_NOAUDIT 0x2

/* include/uapi/linux/capability.h */
#define CAP_SYS_MODULE 16
#define CAP_SYS_RAWIO 17
#define CAP_SYS_ADMIN 21
#define CAP_SYS_TIME 25

/* enum kernel_read_file_id and kernel_load_data_id of include/linux/kernel_read_file.h. */
#define READING_MODULE 2
#define READING_KEXEC_IMAGE 3
#define READING_KEXEC_INITRAMFS 4

/* --- what a capability is asked for --- */

/* arch/x86/include/asm/thread_info.h: the task is in a system call of the 32-bit table. */
#define TS_COMPAT 0x2

/* Of the 64-bit table; open_tree and all after it have the same numbers in every table. */
static __always_inline __u64 system_call(bool *ret_is_compat)
{
	struct task_struct *task = bpf_get_current_task_btf();
	const struct pt_regs *registers = (const void *)bpf_task_pt_regs(task);

#if defined(__TARGET_ARCH_x86)
	*ret_is_compat = BPF_CORE_READ(task, thread_info.status) & TS_COMPAT;
	/* The x32 table is the 64-bit one with a bit set. */
	return BPF_CORE_READ(registers, orig_ax) & 0x3fffffff;
#else
	*ret_is_compat = false;
	return BPF_CORE_READ(registers, syscallno);
#endif
}

static __always_inline bool is_mounting(__u64 call)
{
	return (call >= 428 && call <= 433) || call == 442;
}

#if defined(__TARGET_ARCH_x86)
#define IS_SWAPPING(call, is_compat)                                                               \
	((is_compat) ? (call) == 87 || (call) == 115 : (call) == 167 || (call) == 168)
#else
#define IS_SWAPPING(call, is_compat) ((call) == 224 || (call) == 225)
#endif

/* The facility that is behind the capability; BL_PRIVILEGE_COUNT: none. */
static __always_inline enum bl_privilege behind(int capability)
{
	bool is_compat;
	__u64 call;

	switch (capability) {
	case CAP_SYS_MODULE:
		return BL_PRIVILEGE_MODULE;
	case CAP_SYS_RAWIO:
		return BL_PRIVILEGE_RAWIO;
	case CAP_SYS_TIME:
		return BL_PRIVILEGE_SETTIME;
	case CAP_SYS_ADMIN:
		call = system_call(&is_compat);
		if (is_mounting(call))
			return BL_PRIVILEGE_MOUNT;
		if (IS_SWAPPING(call, is_compat))
			return BL_PRIVILEGE_SWAP;
	}
	return BL_PRIVILEGE_COUNT;
}

static __noinline int check_capability(struct bl_label *label, int capability, bool is_probe)
{
	enum bl_privilege privilege = behind(capability);
	struct use use = use_of_privilege(privilege);

	use.is_probe = is_probe;
	if (privilege < BL_PRIVILEGE_COUNT && !(label->silent_privileges >> privilege & 1) &&
	    check_use(label, &use))
		return -1;
	if (label->silent_capabilities >> (capability & 63) & 1)
		return 0;
	use = (struct use){
		.key = BL_KEY_CAPABILITY | (capability & 0xff) << 8,
		.key_len = BL_KEY_CAPABILITY_LEN,
		.asked = ASK_USE(CAPABILITY),
		.operation = BL_OP_CAPABILITY,
		.is_probe = is_probe,
	};
	return check_use(label, &use);
}

/* The capabilities that stand for facilities. */
#define CAPABILITIES_BEHIND                                                                        \
	(1ull << CAP_SYS_MODULE | 1ull << CAP_SYS_RAWIO | 1ull << CAP_SYS_ADMIN |                  \
	 1ull << CAP_SYS_TIME)
#define PRIVILEGES_BEHIND                                                                          \
	(1u << BL_PRIVILEGE_MODULE | 1u << BL_PRIVILEGE_RAWIO | 1u << BL_PRIVILEGE_SETTIME |       \
	 1u << BL_PRIVILEGE_MOUNT | 1u << BL_PRIVILEGE_SWAP)

/* Only of capabilities that the task has: the kernel's own check is the first. */
SEC("lsm/capable")
int BPF_PROG(bl_capable, const struct cred *cred, void *namespace, int capability,
	     unsigned int options, int prev)
{
	__u64 bit = 1ull << (capability & 63);
	struct bl_label *label;

	if (prev)
		return prev;
	label = user();
	if (!label)
		return 0;
	if (label->silent_capabilities & bit &&
	    (!(CAPABILITIES_BEHIND & bit) || !(PRIVILEGES_BEHIND & ~label->silent_privileges)))
		return 0;
	return verdict_return(check_capability(label, capability, options & CAP_OPT_NOAUDIT));
}

/* --- facilities with hooks of their own --- */

SEC("lsm/userns_create")
int BPF_PROG(bl_userns_create, const struct cred *cred, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_USERNS);
}

SEC("lsm/path_chroot")
int BPF_PROG(bl_path_chroot, const struct path *path, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_CHROOT);
}

/*
 * Programs that can look into or change what they are not attached to: with one of these the engine
 * can be turned off. Later types than LAST_KNOWN may be such.
 */
#define WATCHING                                                                                   \
	(1ull << BPF_PROG_TYPE_KPROBE | 1ull << BPF_PROG_TYPE_TRACEPOINT |                         \
	 1ull << BPF_PROG_TYPE_PERF_EVENT | 1ull << BPF_PROG_TYPE_RAW_TRACEPOINT |                 \
	 1ull << BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE | 1ull << BPF_PROG_TYPE_TRACING |           \
	 1ull << BPF_PROG_TYPE_STRUCT_OPS | 1ull << BPF_PROG_TYPE_EXT |                            \
	 1ull << BPF_PROG_TYPE_LSM | 1ull << BPF_PROG_TYPE_SYSCALL)
#define BPF_PROG_TYPE_NETFILTER 32 /* since 6.4; include/uapi/linux/bpf.h */
#define LAST_KNOWN BPF_PROG_TYPE_NETFILTER

/* A number in the kernel's own copy of what bpf(2) was called with. */
static __always_inline __u32 attr_number(const union bpf_attr *attr, __u32 offset)
{
	__u32 number = ~0u;

	bpf_probe_read_kernel(&number, sizeof(number), (const void *)attr + offset);
	return number;
}

/*
 * What a confined task does not do with bpf(2): take objects out of a bpffs or put some there, take
 * the engine's by number, load what watches the kernel.
 */
static __always_inline bool is_guarded_call(int command, const union bpf_attr *attr)
{
	__u32 type;

	switch (command) {
	case BPF_OBJ_PIN:
	case BPF_OBJ_GET:
		return true;
	case BPF_LINK_GET_FD_BY_ID:
		return is_own_object(BL_OBJECT_LINK,
				     attr_number(attr, offsetof(union bpf_attr, link_id)));
	case BPF_PROG_LOAD:
		type = attr_number(attr, offsetof(union bpf_attr, prog_type));
		return type > LAST_KNOWN || WATCHING >> type & 1;
	}
	return false;
}

/* And what nobody does on a sealed machine: make the kernel's own answers others. */
static __always_inline bool is_sealed_call(int command, const union bpf_attr *attr)
{
	__u32 type;

	if (command == BPF_LINK_GET_FD_BY_ID)
		return is_own_object(BL_OBJECT_LINK,
				     attr_number(attr, offsetof(union bpf_attr, link_id)));
	if (command != BPF_PROG_LOAD)
		return false;
	type = attr_number(attr, offsetof(union bpf_attr, prog_type));
	if (type == BPF_PROG_TYPE_TRACING)
		return attr_number(attr, offsetof(union bpf_attr, expected_attach_type)) ==
		       BPF_MODIFY_RETURN;
	return type == BPF_PROG_TYPE_LSM || type == BPF_PROG_TYPE_EXT;
}

SEC("lsm/bpf")
int BPF_PROG(bl_bpf, int command, union bpf_attr *attr, unsigned int size, int prev)
{
	struct bl_label *label;

	if (prev)
		return prev;
	label = user();
	if (!label) {
		if (is_sealed_out() && is_sealed_call(command, attr))
			return verdict_return(refuse_bpf(&label_nobody));
		return 0;
	}
	if (is_guarded_call(command, attr) && refuse_bpf(label))
		return verdict_return(-1);
	return privilege_of(label, BL_PRIVILEGE_BPF);
}

/* Its arguments are not the same in all releases; prev is the last of them. */
SEC("lsm/perf_event_open")
int bl_perf_event_open(unsigned long long *ctx)
{
	return check_privilege(BL_PRIVILEGE_PERF);
}

/* A module that the kernel loads by itself because current needs it. */
SEC("lsm/kernel_module_request")
int BPF_PROG(bl_kernel_module_request, char *name, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_MODULE);
}

static __always_inline int check_reading(int id)
{
	if (id == READING_MODULE)
		return check_privilege(BL_PRIVILEGE_MODULE);
	if (id == READING_KEXEC_IMAGE || id == READING_KEXEC_INITRAMFS)
		return check_privilege(BL_PRIVILEGE_KEXEC);
	return 0;
}

SEC("lsm/kernel_read_file")
int BPF_PROG(bl_kernel_read_file, struct file *file, int id, bool contents, int prev)
{
	return prev ? prev : check_reading(id);
}

SEC("lsm/kernel_load_data")
int BPF_PROG(bl_kernel_load_data, int id, bool contents, int prev)
{
	return prev ? prev : check_reading(id);
}

SEC("lsm/key_alloc")
int BPF_PROG(bl_key_alloc, void *key, const struct cred *cred, unsigned long flags, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_KEYRING);
}

SEC("lsm/key_permission")
int BPF_PROG(bl_key_permission, void *key, const struct cred *cred, int need, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_KEYRING);
}

union anon_name {
	char text[16];
	__u64 words[2];
};

static __always_inline bool is_named(const union anon_name *name, const union anon_name *other)
{
	return name->words[0] == other->words[0] && name->words[1] == other->words[1];
}

/* Files without a name that are more than memory; the kernel names their kind. */
SEC("lsm/inode_init_security_anon")
int BPF_PROG(bl_inode_init_security_anon, struct inode *inode, const struct qstr *name,
	     const struct inode *context, int prev)
{
	const union anon_name io_uring = { "[io_uring]" };
	const union anon_name userfaultfd = { "[userfaultfd]" };
	union anon_name kind = {};

	if (prev)
		return prev;
	bpf_probe_read_kernel_str(kind.text, sizeof(kind.text), BPF_CORE_READ(name, name));
	if (is_named(&kind, &io_uring))
		return check_privilege(BL_PRIVILEGE_IO_URING);
	if (is_named(&kind, &userfaultfd))
		return check_privilege(BL_PRIVILEGE_USERFAULTFD);
	return 0;
}

SEC("lsm/settime")
int BPF_PROG(bl_settime, const void *time, const void *zone, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_SETTIME);
}

SEC("lsm/syslog")
int BPF_PROG(bl_syslog, int type, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_SYSLOG);
}

SEC("lsm/quotactl")
int BPF_PROG(bl_quotactl, int command, int type, int id, struct super_block *super, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_QUOTA);
}

SEC("lsm/quota_on")
int BPF_PROG(bl_quota_on, struct dentry *dentry, int prev)
{
	return prev ? prev : check_privilege(BL_PRIVILEGE_QUOTA);
}
