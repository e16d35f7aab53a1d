// SPDX-License-Identifier: GPL-2.0
/*
 * Mounting gives names. A confined task may mount where that gives nothing: where the mounted tree
 * is not allowed more than it is under any name it may have, and where what is hidden under the
 * mount might have been replaced by other means. Who may mount at all is asked first; that is all
 * that is asked of remounting and propagation, which change no names, and of unmounting, which
 * takes names away.
 *
 * A container's runtime, or systemd for a unit, comes into the cgroup from outside, mounts what the
 * container is to have, and executes its program. Until then it may mount anything (I5).
 */
#include "bpf/alias.bpf.h"
#include "bpf/use.bpf.h"

#define ASK_REPLACE (ASK_FILE(CREATE) | ASK_FILE(WRITE) | ASK_FILE(DELETE))

#define MS_PROPAGATION (MS_SHARED | MS_PRIVATE | MS_SLAVE | MS_UNBINDABLE)

/* In the order of path_mount() of fs/namespace.c. */
static __always_inline bool gives_names(unsigned long flags)
{
	if (flags & MS_REMOUNT)
		return false;
	return flags & MS_BIND || !(flags & MS_PROPAGATION);
}

union type_name {
	char text[8];
	__u64 word;
};

/* File systems that are new and empty each time they are mounted. */
static __always_inline bool is_empty_when_new(const char *type)
{
	const union type_name tmpfs = { "tmpfs" };
	const union type_name ramfs = { "ramfs" };
	union type_name name = {};

	bpf_probe_read_kernel_str(name.text, sizeof(name.text), type);
	return name.word == tmpfs.word || name.word == ramfs.word;
}

/* Everything there is: what a name may be that is not known. */
static __always_inline int extent_of_all(struct scratch *scratch, struct bl_label *label,
					 __u32 which)
{
	scratch->key[BL_PATH_MAX - 2] = '/';
	scratch->try.position = BL_PATH_MAX - 2;
	scratch->try.key_len = 1;
	scratch->try.fail = BL_FAIL_NONE;
	scratch->try.folded_len = 0;
	return extent_of(scratch, label, which);
}

static __always_inline int unknown_source(struct scratch *scratch, struct bl_label *label)
{
	struct extent *from = &scratch->extents[EXTENT_FROM];

	if (extent_of_all(scratch, label, EXTENT_FROM))
		return -1;
	allowed_and(&from->self, &from->all);
	return 0;
}

/* Names below the mount point, and the mount point's own, which may be a file's. */
static __always_inline struct bl_allowed gained_by_mount(const struct extent *from,
							 const struct extent *to)
{
	struct bl_allowed gained = gained_below(from, to, 0, ASK_REPLACE);

	gained.enforced |= (to->self.enforced & ~from->self.enforced) |
			   (ASK_REPLACE & ~to->self.enforced);
	gained.would |= (to->self.would & ~from->self.would) | (ASK_REPLACE & ~to->self.would);
	return gained;
}

/* What is mounted: the number of a mount and dentry; no mount if it is not known. */
struct name {
	__u64 mount;
	__u64 dentry;
};

/*
 * What is mounted on a shared mount appears under all peers of it, wherever these are. Of what it
 * gains and hides there only that is known which holds for every name.
 */
static __always_inline int extent_of_peers(struct scratch *scratch, struct bl_label *label)
{
	struct extent *to = &scratch->extents[EXTENT_TO];

	if (extent_of_all(scratch, label, EXTENT_TO))
		return -1;
	__builtin_memset(to->states, 0xff, sizeof(to->states));
	to->any = (struct bl_allowed){ ASK_GAINS, ASK_GAINS };
	to->self = to->any;
	return 0;
}

/* to: where. A source that is_empty has nothing in it. */
static __noinline int check_mount(struct bl_label *label, const struct name *from,
				  const struct path *to, bool is_empty)
{
	bool is_shared = to->mnt->mnt_flags & MNT_SHARED;
	struct bl_allowed gained;
	struct scratch *scratch;
	__u32 asked;
	int verdict;

	scratch = check_begin(label, ASK_ALL, BL_OP_MOUNT, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	asked = scratch->request.asked;
	if (from->mount)
		path_begin(scratch, from->mount, from->dentry);
	if (from->mount && !path_resolve(scratch))
		verdict = extent_of(scratch, label, EXTENT_FROM);
	else
		verdict = unknown_source(scratch, label);
	if (!verdict && is_shared)
		verdict = extent_of_peers(scratch, label);
	path_begin(scratch, (__u64)to->mnt, (__u64)to->dentry);
	if (verdict || path_resolve(scratch) ||
	    (!is_shared && extent_of(scratch, label, EXTENT_TO))) {
		verdict = verdict_fail(label, BL_OP_MOUNT, asked, scratch->request.mode,
				       extent_fail(scratch));
	} else {
		struct extent *source = &scratch->extents[EXTENT_FROM];

		if (is_empty) {
			source->self = (struct bl_allowed){ ~0u, ~0u };
			source->all = (struct bl_allowed){ ~0u, ~0u };
		}
		gained = gained_by_mount(source, &scratch->extents[EXTENT_TO]);
		verdict = alias_refuse(scratch, label, gained, BL_OP_MOUNT);
	}
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* Current's label, if it is one whose mounts are decided: see user() of use.bpf.h. */
static __always_inline struct bl_label *mounter(void)
{
	struct bl_label *label = subject_current();

	return label && (label->has_executed || label->fail) ? label : NULL;
}

/* Nothing is mounted over the engine's own or remounted there; 0 or -EPERM. */
static __always_inline int guard_mount_point(struct bl_label *label, const struct path *path)
{
	return verdict_return(guard_place(label, path->mnt, path->dentry, ASK_REPLACE,
					  BL_OP_MOUNT));
}

/* mount(2). The source is text that only the kernel resolves, later. */
SEC("lsm/sb_mount")
int BPF_PROG(bl_sb_mount, const char *dev_name, const struct path *path, const char *type,
	     unsigned long flags, void *data, int prev)
{
	struct name unknown = {};
	struct bl_label *label;

	if (prev)
		return prev;
	label = mounter();
	if (!label)
		return 0;
	if (privilege_of(label, BL_PRIVILEGE_MOUNT) || guard_mount_point(label, path))
		return verdict_return(-1);
	if (!gives_names(flags))
		return 0;
	return check_mount(label, &unknown, path,
			   !(flags & (MS_BIND | MS_MOVE)) && is_empty_when_new(type));
}

/* What is moved may be a tree that is not mounted yet; it has no path then. */
SEC("lsm/move_mount")
int BPF_PROG(bl_move_mount, const struct path *from_path, const struct path *to_path, int prev)
{
	struct bl_label *label;
	struct name from;

	if (prev)
		return prev;
	label = mounter();
	if (!label)
		return 0;
	if (privilege_of(label, BL_PRIVILEGE_MOUNT) || guard_mount_point(label, to_path))
		return verdict_return(-1);
	from.mount = (__u64)from_path->mnt;
	from.dentry = (__u64)from_path->dentry;
	return check_mount(label, &from, to_path, false);
}

/* The new root is named "/" afterwards, and the old one is below it. */
SEC("lsm/sb_pivotroot")
int BPF_PROG(bl_sb_pivotroot, const struct path *old_path, const struct path *new_path, int prev)
{
	struct bl_label *label;
	struct scratch *scratch;
	int verdict;

	if (prev)
		return prev;
	label = mounter();
	if (!label)
		return 0;
	if (privilege_of(label, BL_PRIVILEGE_MOUNT))
		return verdict_return(-1);
	scratch = check_begin(label, ASK_ALL, BL_OP_MOUNT, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	if (unknown_source(scratch, label)) {
		verdict = verdict_fail(label, BL_OP_MOUNT, scratch->request.asked,
				       scratch->request.mode, BL_FAIL_TABLE);
	} else {
		struct extent *all = &scratch->extents[EXTENT_FROM];
		struct bl_allowed gained = {
			(all->any.enforced & ~all->all.enforced),
			(all->any.would & ~all->all.would),
		};

		verdict = alias_refuse(scratch, label, gained, BL_OP_MOUNT);
	}
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* Called for every file system that is mounted, by whatever call. */
SEC("lsm/sb_kern_mount")
int BPF_PROG(bl_sb_kern_mount, struct super_block *super, int prev)
{
	struct list_head *mounts = super->s_mounts.next;
	__u64 key = (__u64)super;
	struct bl_label *label;
	__u8 one = 1;

	if (prev || !is_image_magic(super->s_magic))
		return prev;
	label = mounter();
	if (!label) {
		bpf_map_delete_elem(&mounted_inside, &key);
		return 0;
	}
	/* Mounted elsewhere already: it was not made here. */
	if ((__u64)mounts != (__u64)&super->s_mounts)
		return 0;
	if (!bpf_map_update_elem(&mounted_inside, &key, &one, BPF_ANY))
		return 0;
	return verdict_return(verdict_fail(label, BL_OP_MOUNT, ASK_EXEC(DRIFT_MOUNT),
					   label->mode[BL_SECTION_EXEC], BL_FAIL_MOUNTS));
}

/* --- unmounting --- */

/* Whether a mount is the one looked for or, on some level, mounted on it. */
struct above_walk {
	__u64 mount;
	__u64 wanted;
	__u32 is_found;
};

static long mount_above_step(__u32 index, struct above_walk *walk)
{
	const struct mount *mount = (const void *)walk->mount;
	__u64 parent;

	if (walk->mount == walk->wanted) {
		walk->is_found = 1;
		return 1;
	}
	parent = (__u64)BPF_CORE_READ(mount, mnt_parent);
	if (parent == walk->mount)
		return 1;
	walk->mount = parent;
	return 0;
}

/* Of all mounts of a file system. */
struct instance_walk {
	__u64 head;
	__u64 at;
	__u64 wanted;
	__u32 is_found;
	__u32 is_over;
};

/* Mounts upon mounts; a tree that is deeper than this is taken for the engine's. */
#define MOUNT_LEVELS_MAX 1024

static long instance_step(__u32 index, struct instance_walk *walk)
{
	const struct list_head *node = (const void *)walk->at;
	__u64 next = (__u64)BPF_CORE_READ(node, next);
	struct above_walk above = { .wanted = walk->wanted };

	walk->at = next;
	if (next == walk->head) {
		walk->is_over = 1;
		return 1;
	}
	above.mount = next - bpf_core_field_offset(struct mount, mnt_instance);
	if (bpf_loop(MOUNT_LEVELS_MAX, mount_above_step, &above, 0) == MOUNT_LEVELS_MAX)
		above.is_found = 1;
	walk->is_found = above.is_found;
	return walk->is_found;
}

/*
 * Whether to unmount it takes the file system with the pins away: it is that, or that is mounted
 * below it, which MNT_DETACH takes along. In a mount namespace of its own it is nobody else's loss,
 * unless it is shared. More mounts of it than are looked at: it may be.
 */
static __noinline bool holds_pins(__u64 vfsmount)
{
	const volatile struct bl_guard_set *set = guard_set();
	const struct mount *mount = (const void *)mount_of(vfsmount);
	struct instance_walk walk = {
		.head = set->pins + bpf_core_field_offset(struct super_block, s_mounts),
		.wanted = (__u64)mount,
	};

	if (!set->pins)
		return false;
	if ((__u64)BPF_CORE_READ(mount, mnt_ns) != set->host_mounts &&
	    !(BPF_CORE_READ(mount, mnt_parent, mnt.mnt_flags) & MNT_SHARED))
		return false;
	walk.at = walk.head;
	bpf_loop(MOUNTS_STEPS_MAX, instance_step, &walk, 0);
	return walk.is_found || !walk.is_over;
}

SEC("lsm/sb_umount")
int BPF_PROG(bl_sb_umount, struct vfsmount *mount, int flags, int prev)
{
	struct bl_label *label;

	if (prev)
		return prev;
	label = user();
	if (!label && is_sealed_out())
		label = &label_nobody;
	if (!label)
		return 0;
	if (holds_pins((__u64)mount) &&
	    verdict_fail(label, BL_OP_MOUNT, ASK_USE(PRIVILEGE), guard_mode(label),
			 BL_FAIL_ENGINE))
		return verdict_return(-1);
	if (label->fail == BL_FAIL_ENGINE)
		return 0;
	return privilege_of(label, BL_PRIVILEGE_MOUNT);
}
