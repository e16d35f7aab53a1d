/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What is kept of paths that were resolved in full (I2), in the storage of inodes:
 *
 * - with a directory, where the automaton stands behind its path. A file in it is then decided by
 *   its own name alone;
 * - with a regular file, which permissions its path has in silence. Then nothing is walked at all.
 *
 * An entry is good as long as its key can be made again. Both keys are fingerprints of the profile
 * and its generation, of the mount, and of the mount namespace and its event counter, which
 * fs/namespace.c moves in every critical section of mount_lock that changes its tree, for whoever
 * polls /proc/mounts. And:
 *
 * - a directory's, of every dentry from there up to the namespace's root with its parent, its
 *   name's hash and its sequence counter. So other people's renames do not matter. A dentry that
 *   was freed and whose memory was used again would have to have the same place, the same parent's,
 *   and a name with the same salted hash, and belong to the same inode;
 * - a file's, of the dentry and of rename_lock's counter, which moves with every rename on the
 *   machine: while it stands still no path is another one. It has 32 bits, so the time is in the
 *   key too, in steps too short for as many renames. Memory of a dentry that is used again could
 *   only make one name of the inode pass for another of its names. File systems that change names
 *   without telling (d_revalidate) are left out, and so are the permissions that are about a name
 *   and not about what it names.
 *
 * Most mounts are on the root of another: then there are no dentries above the mount, and their
 * part of a directory's key is 0. Only if nothing is found under that is it looked for.
 *
 * Only silent permission is given from here. Whatever would be recorded or denied is decided again
 * by the whole path. What is found was true when the counters were read.
 */
#pragma once

#include "bpf/verdict.bpf.h"

/* Of jiffies: half a minute at 250 a second. */
#define FILE_KEY_SHIFT 13

/* Directories between the mount's root and the file; what is deeper is resolved each time. */
#define PREFIX_DEPTH_MAX 10

static __always_inline __u32 dentry_sequence(const struct dentry *dentry)
{
	barrier();
	return dentry->d_seq.seqcount.sequence;
}

/* The verifier lets nobody calculate with pointers; out of memory they come back as numbers. */
static __always_inline __u64 number_of(struct bl_label *label, const void *pointer)
{
	volatile __u64 *number = &label->number;

	*number = (__u64)pointer;
	return *number;
}

/*
 * Whether a dentry has the inode, and is not negative. 6.12 takes the inode of a dentry it trusts
 * for valid, and removes a test of the pointer itself.
 */
static __always_inline bool is_there(struct bl_label *label, const struct inode *inode)
{
	return number_of(label, inode) != 0;
}

/* What one directory adds to the key: where it is, under what name, and how often that changed. */
static __always_inline __u64 prefix_part(__u64 directory, __u64 parent, __u32 sequence, __u32 hash)
{
	__u64 part = directory * 0xff51afd7ed558ccd;

	part = MIX(part ^ (part >> 32), parent);
	part = MIX(part ^ (part >> 29), (__u64)sequence << 32 | hash);
	return part ^ (part >> 31);
}

static long above_step(__u32 index, struct scratch **of)
{
	struct scratch *scratch = *of;
	struct path_walk *walk = &scratch->walk;
	__u64 dentry = walk->dentry;
	__u32 sequence;
	__u64 parent;

	if (dentry == walk->mount_root) {
		if (walk->parent_mount == walk->mount) {
			walk->is_done = 1;
			return 1;
		}
		walk->dentry = walk->mountpoint;
		path_enter_mount(walk, walk->parent_mount);
		return 0;
	}
	if (bpf_probe_read_kernel(&scratch->dentry, sizeof(scratch->dentry), (const void *)dentry))
		return 1;
	parent = DENTRY_FIELD(&scratch->dentry, d_parent, __u64);
	sequence = DENTRY_FIELD(&scratch->dentry, d_seq, __u32);
	if (parent == dentry || sequence & 1)
		return 1;
	walk->seen += prefix_part(dentry, parent, sequence,
				  DENTRY_FIELD(&scratch->dentry, d_name.hash, __u32));
	walk->dentry = parent;
	return 0;
}

/*
 * The part of the key that is above try's mount, to scratch->above. Not 0: the mount is not in the
 * namespace, or something is being changed.
 */
__noinline int prefix_above(struct scratch *scratch)
{
	const struct mnt_namespace *namespace;
	struct path_walk *walk;

	if (!scratch)
		return -1;
	walk = &scratch->walk;
	namespace = (const void *)scratch->try.namespace;
	__builtin_memset(walk, 0, sizeof(*walk));
	path_enter_mount(walk, mount_of(scratch->try.vfsmount));
	walk->dentry = walk->mount_root;
	bpf_loop(PATH_STEPS_MAX, above_step, &scratch, 0);
	scratch->above = walk->seen;
	if (!walk->is_done || walk->mount != (__u64)BPF_CORE_READ(namespace, root))
		return -1;
	return 0;
}

/*
 * Makes the keys of the directory and of its parent; 0: it has none, the path is being changed or
 * is too deep. A key is a sum over the directories, so that the parent's falls out. Without what is
 * above the mount. After path_begin().
 */
static __always_inline struct prefix_keys prefix_keys(struct scratch *scratch,
						      struct bl_label *label,
						      const struct vfsmount *mount,
						      const struct dentry *directory)
{
	struct prefix_keys none = { 0, 0 };
	const struct dentry *root = mount->mnt_root;
	__u64 key = MIX(label->key ^ label->key >> 32, scratch->try.mounts);
	__u64 number = number_of(label, directory);
	__u64 own = 0;

	key = MIX(key, number_of(label, mount));
	for (int i = 0; i < PREFIX_DEPTH_MAX; i++) {
		__u32 sequence = dentry_sequence(directory);
		const struct dentry *above = directory->d_parent;
		__u64 parent = number_of(label, above);
		__u64 part;

		if (sequence & 1)
			return none;
		part = prefix_part(number, parent, sequence, directory->d_name.hash);
		key += part;
		if (!i)
			own = part;
		if (directory == root)
			return (struct prefix_keys){ key, i ? key - own : 0 };
		if (number == parent)
			return none;
		directory = above;
		number = parent;
	}
	return none;
}

/*
 * The key of a file, a fingerprint of all that its path and the answer depend on. 0: there is none,
 * or something is being renamed.
 */
static __always_inline __u64 file_key(struct bl_label *label, const struct vfsmount *mount,
				      const struct dentry *dentry)
{
	const struct mnt_namespace *namespace = bpf_get_current_task_btf()->nsproxy->mnt_ns;
	__u32 renames = read_sequence(&rename_lock);
	__u64 key = label->key;

	key = MIX(key ^ key >> 32, mounts_key(namespace->seq, namespace->event));
	key = MIX(key ^ key >> 32, number_of(label, mount));
	key = MIX(key ^ key >> 32, number_of(label, dentry));
	key = MIX(key ^ key >> 32, bpf_jiffies64() >> FILE_KEY_SHIFT);
	key = MIX(key ^ key >> 32, (__u64)renames << 32 | dentry->d_name.hash);
	return renames & 1 ? 0 : key;
}

static __always_inline __u32 prefix_check(__u64 key, __u32 table_state)
{
	return MIX(key ^ (key >> 29), table_state) >> 32;
}

static __always_inline __u32 prefix_slot(const struct bl_label *label)
{
	return label->bound[0].profile % BL_PREFIX_SLOTS;
}

/* What is kept under the key; 0: nothing. */
static __always_inline __u32 prefix_find(const struct bl_label *label, struct inode *inode,
					 __u64 key)
{
	struct prefixes *kept = bpf_inode_storage_get(&prefixes, inode, NULL, 0);
	struct bl_prefix prefix;

	if (!kept)
		return 0;
	prefix = kept->slots[prefix_slot(label)];
	if (prefix.key != key || prefix.check != prefix_check(key, prefix.state))
		return 0;
	return prefix.state;
}

static __always_inline void prefix_keep(const struct bl_label *label, struct inode *inode,
					__u64 key, __u32 table_state)
{
	struct prefixes *kept = bpf_inode_storage_get(&prefixes, inode, NULL,
						      BPF_LOCAL_STORAGE_GET_F_CREATE);
	struct bl_prefix *prefix;

	if (!kept)
		return;
	prefix = &kept->slots[prefix_slot(label)];
	prefix->key = key;
	prefix->state = table_state;
	prefix->check = prefix_check(key, table_state);
}

/*
 * The dentry's own name to scratch->key. Returns its length; 0 if it could not be read whole, or
 * changed since its counter was read.
 */
static __always_inline __u32 prefix_name(struct scratch *scratch, const struct dentry *dentry,
					 __u32 sequence)
{
	__u32 len = dentry->d_name.len;
	__u64 *words = (__u64 *)scratch->key;

	if (sequence & 1 || !len || len > NAME_MAX)
		return 0;
	/* On the stack the verifier forgets a bound that the compiler remembers. */
	barrier_var(len);
	if (dentry->d_name.name == &dentry->d_iname[0] && len < DNAME_INLINE_LEN) {
		words[0] = *(const __u64 *)&dentry->d_iname[0];
		words[1] = *(const __u64 *)&dentry->d_iname[8];
		words[2] = *(const __u64 *)&dentry->d_iname[16];
		words[3] = *(const __u64 *)&dentry->d_iname[24];
	} else if (bpf_probe_read_kernel(scratch->key, len & NAME_MAX, dentry->d_name.name)) {
		return 0;
	}
	return dentry_sequence(dentry) == sequence ? len : 0;
}

/*
 * The state behind the directory's path, made up from the one kept for its parent; 0: there is
 * none. It may be kept if the directory's key is the same afterwards.
 */
static __always_inline __u32 prefix_from_parent(struct scratch *scratch, struct bl_label *label,
						struct dentry *directory, __u64 parent_key)
{
	__u32 sequence = dentry_sequence(directory);
	struct request *request = &scratch->request;
	struct dentry *parent = directory->d_parent;
	__u32 asked = request->asked;
	__u32 len;
	int failed;

	request->state = prefix_find(label, parent->d_inode, parent_key);
	len = request->state ? prefix_name(scratch, directory, sequence) : 0;
	if (!len)
		return 0;
	scratch->key[len & NAME_MAX] = '/';
	request->position = 0;
	request->key_len = len + 1;
	request->asked = 0;
	failed = ask_profile(scratch, label->bound[0].profile);
	request->asked = asked;
	return failed ? 0 : request->state;
}
