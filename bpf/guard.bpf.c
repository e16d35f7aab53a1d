// SPDX-License-Identifier: GPL-2.0
/*
 * The engine's own, where nothing else is decided (I11). Confined tasks get no descriptor of its
 * maps, programs and links, and do not change its processes' limits; sealed, nobody but the daemon
 * does. What policies have a say in as well is guarded in the hook that they are asked in: files in
 * check.bpf.h and tree.bpf.c, bpf(2) in privilege.bpf.c, signals and tracing in process.bpf.c,
 * mounts in mount.bpf.c.
 *
 * Links of LSM programs cannot be detached or changed through a descriptor, only by having none and
 * no pin left. So what keeps them is that pins are not removed and the file system they are in is
 * not unmounted.
 */
#include "bpf/guard.bpf.h"
#include "bpf/use.bpf.h"

/* What guards the engine from whom; NULL: it may go on. */
static __always_inline struct bl_label *guarded_from(void)
{
	struct bl_label *label = user();

	if (label)
		return label;
	return is_sealed_out() ? &label_nobody : NULL;
}

/* --- objects of bpf(2) --- */

static __noinline int check_object_of(enum bl_object object, __u32 id)
{
	struct bl_label *label;

	if (!is_own_object(object, id))
		return 0;
	label = guarded_from();
	return label ? refuse_bpf(label) : 0;
}

/*
 * Whenever a descriptor of a map is made. Those that the daemon makes are the engine's; one that
 * cannot be remembered as such is not made.
 */
SEC("lsm/bpf_map")
int BPF_PROG(bl_bpf_map, struct bpf_map *map, unsigned int mode, int prev)
{
	__u64 key = BL_OBJECT_KEY(BL_OBJECT_MAP, map->id);
	__u8 one = 1;

	if (prev)
		return prev;
	if (is_engine(bpf_get_current_task_btf()))
		return verdict_return(bpf_map_update_elem(&engine_objects, &key, &one, BPF_ANY));
	return verdict_return(check_object_of(BL_OBJECT_MAP, map->id));
}

SEC("lsm/bpf_prog")
int BPF_PROG(bl_bpf_prog, struct bpf_prog *prog, int prev)
{
	if (prev)
		return prev;
	return verdict_return(check_object_of(BL_OBJECT_PROGRAM, prog->aux->id));
}

static __always_inline int forget_map(const struct bpf_map *map)
{
	__u64 key = BL_OBJECT_KEY(BL_OBJECT_MAP, map->id);

	bpf_map_delete_elem(&engine_objects, &key);
	return 0;
}

/* Up to 6.8, and since. */
SEC("lsm/bpf_map_free_security")
int BPF_PROG(bl_bpf_map_free_security, struct bpf_map *map)
{
	return forget_map(map);
}

SEC("lsm/bpf_map_free")
int BPF_PROG(bl_bpf_map_free, struct bpf_map *map)
{
	return forget_map(map);
}

/* A program of these may write to memory of the daemon's when it runs there. */
SEC("lsm/locked_down")
int BPF_PROG(bl_locked_down, int what, int prev)
{
	if (prev || !guard.is_sealed)
		return prev;
	if ((__u64)what != bpf_core_enum_value(enum lockdown_reason, LOCKDOWN_BPF_WRITE_USER))
		return 0;
	return is_sealed_out() ? verdict_return(refuse_bpf(&label_nobody)) : 0;
}

/* --- processes --- */

static __noinline int check_limits(const struct task_struct *task)
{
	__u32 tgid = BPF_CORE_READ(task, tgid);
	struct bl_label *label;

	if (tgid == bpf_get_current_pid_tgid() >> 32)
		return 0;
	label = guarded_from();
	if (!label)
		return 0;
	return guard_refuse_key(label,
				BL_KEY_PROCESS | BL_ACCESS_PTRACE << 8 | BL_RELATION_OUTSIDE << 16 |
					(__u64)__builtin_bswap32(tgid) << 32,
				BL_KEY_PROCESS_LEN, ASK_USE(PROCESS), BL_OP_LIMIT);
}

/* One of these is a time after which the kernel kills. */
SEC("lsm/task_setrlimit")
int BPF_PROG(bl_task_setrlimit, struct task_struct *task, unsigned int resource, void *limit,
	     int prev)
{
	if (prev || !is_engine(task))
		return prev;
	return verdict_return(check_limits(task));
}

SEC("lsm/task_setscheduler")
int BPF_PROG(bl_task_setscheduler, struct task_struct *task, int prev)
{
	if (prev || !is_engine(task))
		return prev;
	return verdict_return(check_limits(task));
}

SEC("lsm/task_setnice")
int BPF_PROG(bl_task_setnice, struct task_struct *task, int nice, int prev)
{
	if (prev || !is_engine(task))
		return prev;
	return verdict_return(check_limits(task));
}

/* --- who and what that is --- */

static __always_inline struct bl_guard_set *set_to_fill(void)
{
	return (struct bl_guard_set *)&guard.sets[!(guard.current & 1)];
}

/* The file of a descriptor of current's; 0: there is none. */
static __always_inline __u64 file_of(__s32 fd)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();
	const struct fdtable *table = BPF_CORE_READ(task, files, fdt);
	__u64 descriptors = (__u64)BPF_CORE_READ(table, fd);
	__u64 file = 0;

	if (fd < 0 || (__u32)fd >= BPF_CORE_READ(table, max_fds))
		return 0;
	bpf_probe_read_kernel(&file, sizeof(file),
			      (const void *)(descriptors + (__u64)fd * sizeof(file)));
	return file;
}

static __always_inline void enroll_process(struct bl_guard_process *process, __u64 task_at)
{
	const struct task_struct *task = (const void *)task_at;

	process->start_ns = BPF_CORE_READ(task, group_leader, start_boottime);
	process->tgid = BPF_CORE_READ(task, tgid);
}

/* Up to the first process of the machine. */
static long ancestor_step(__u32 index, __u64 *task_at)
{
	const struct task_struct *task = (const void *)*task_at;

	if (BPF_CORE_READ(task, tgid) == 1)
		return 1;
	*task_at = (__u64)BPF_CORE_READ(task, real_parent);
	return 0;
}

#define ANCESTORS_MAX 4096

static __always_inline int enroll_begin(struct bl_guard_set *set)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();
	const struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	__u64 children = (__u64)leader + bpf_core_field_offset(struct task_struct, children);
	__u64 child = (__u64)BPF_CORE_READ(leader, children.next);
	__u64 first = (__u64)leader;

	for (__u32 i = 0; i < sizeof(*set) / sizeof(__u64); i++)
		((volatile __u64 *)set)[i] = 0;
	enroll_process(&set->processes[0], (__u64)leader);
	if (child != children)
		enroll_process(&set->processes[1],
			       child - bpf_core_field_offset(struct task_struct, sibling));
	if (bpf_loop(ANCESTORS_MAX, ancestor_step, &first, 0) < 0)
		return -EINVAL;
	leader = (const void *)first;
	set->host_mounts = (__u64)BPF_CORE_READ(leader, nsproxy, mnt_ns);
	return 0;
}

static __always_inline int enroll_super(struct bl_guard_set *set, __u64 super)
{
	for (int i = 0; i < BL_GUARD_SUPERS_MAX; i++) {
		if (set->supers[i] && set->supers[i] != super)
			continue;
		set->supers[i] = super;
		return 0;
	}
	return -ENOSPC;
}

static __always_inline int enroll_place(struct bl_guard_set *set, __u64 file_at, __u32 kind)
{
	const struct file *file = (const void *)file_at;
	const struct inode *inode = BPF_CORE_READ(file, f_inode);
	__u32 i = set->places_count;
	struct bl_guard_place place = {
		.super = (__u64)BPF_CORE_READ(inode, i_sb),
		.inode = BPF_CORE_READ(inode, i_ino),
		.inode_generation = BPF_CORE_READ(inode, i_generation),
		.kind = kind,
	};

	/* Also of a place that is above several: the first kind it was given holds. */
	for (__u32 k = 0; k < BL_GUARD_PLACES_MAX; k++)
		if (k < i && set->places[k].inode == place.inode &&
		    set->places[k].super == place.super)
			return 0;
	if (i >= BL_GUARD_PLACES_MAX || (kind == BL_GUARD_OWN && enroll_super(set, place.super)))
		return -ENOSPC;
	if (kind == BL_GUARD_PINS)
		set->pins = place.super;
	set->places[i] = place;
	set->inodes[place.inode & (BL_GUARD_INODES - 1)] = 1;
	set->places_count = i + 1;
	return 0;
}

static __always_inline int enroll_object(struct bl_guard_set *set, __u64 file_at, __u32 object)
{
	const struct file *file = (const void *)file_at;

	if (object >= BL_OBJECT_COUNT)
		return -EINVAL;
	set->operations[object] = (__u64)BPF_CORE_READ(file, f_op);
	return 0;
}

/* Run by the daemon, about itself; its descriptor is nobody else's to have. */
SEC("syscall")
int bl_enroll(struct bl_enroll *enroll)
{
	struct bl_guard_set *set = set_to_fill();
	__u32 step = enroll->step;
	__u32 kind = enroll->kind;
	__u64 file;

	if (step == BL_ENROLL_BEGIN)
		return enroll_begin(set);
	if (step == BL_ENROLL_END) {
		guard.current = !(guard.current & 1);
		return 0;
	}
	file = file_of(enroll->fd);
	if (!file)
		return -EBADF;
	if (step == BL_ENROLL_PLACE && kind < BL_GUARD_COUNT)
		return enroll_place(set, file, kind);
	if (step == BL_ENROLL_OBJECT)
		return enroll_object(set, file, kind);
	return -EINVAL;
}
