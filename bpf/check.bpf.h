/* SPDX-License-Identifier: GPL-2.0 */
/* What the hooks call: from an object to a verdict. */
#pragma once

#include "bpf/guard.bpf.h"

#define ASK_EXEC(permission) BL_ASK(BL_SECTION_EXEC, BL_EXEC_##permission)
#define ASK_FILE(permission) BL_ASK(BL_SECTION_FILE, BL_FILE_##permission)
#define ASK_NETWORK(permission) BL_ASK(BL_SECTION_NETWORK, BL_NETWORK_##permission)
#define ASK_REACH BL_ASK_REACH

/* File systems that are images: nobody writes to their files, or it is known whether they did. */
static __always_inline bool is_image_magic(unsigned long magic)
{
	return magic == OVERLAYFS_SUPER_MAGIC || magic == SQUASHFS_MAGIC ||
	       magic == EROFS_SUPER_MAGIC || magic == ISOFS_SUPER_MAGIC;
}

/* The permissions that the label mediates, and the strictest mode of their sections. */
static __always_inline __u32 asked_of(const struct bl_label *label, __u32 asked, __u8 *ret_mode)
{
	__u64 modes = *(const __u64 *)label->mode;

	*ret_mode = BL_MODE_OFF;
	/* A label that could not be made up binds the task to we know not what. */
	if (label->fail) {
		*ret_mode = state.mode;
		return state.mode == BL_MODE_OFF ? 0 : asked;
	}
	asked &= label->mediated;
	for (__u32 section = 0; section < BL_SECTION_COUNT; section++)
		if (asked & BL_ASK_SECTION(section) && mode_of(modes, section) > *ret_mode)
			*ret_mode = mode_of(modes, section);
	return asked;
}

/* Puts a question; the answer is not there yet. asked, mode: of asked_of(). */
static __always_inline void request_begin(struct scratch *scratch, const struct bl_label *label,
					  __u32 asked, __u8 mode, __u8 operation)
{
	struct request *request = &scratch->request;

	__builtin_memset(request, 0, __builtin_offsetof(struct request, beyond));
	request->asked = asked;
	request->asked_would = asked;
	request->mode = mode;
	request->operation = operation;
	request->is_subject_known = label->is_subject_known;
	request->self.enforced = ~0u;
	request->self.would = ~0u;
	scratch->file_key = 0;
}

/*
 * Begins a decision: returns a buffer for the key, to be released. NULL: it is over, *ret_verdict
 * holds. The section is not mediated, or it could not be decided.
 */
static __always_inline struct scratch *check_begin(struct bl_label *label, __u32 asked,
						   __u8 operation, int *ret_verdict)
{
	struct scratch *scratch;
	__u8 mode;

	*ret_verdict = 0;
	asked = asked_of(label, asked, &mode);
	if (!asked)
		return NULL;
	if (label->fail) {
		*ret_verdict = verdict_fail(label, operation, asked, mode, label->fail);
		return NULL;
	}
	scratch = scratch_take();
	if (scratch)
		request_begin(scratch, label, asked, mode, operation);
	else
		*ret_verdict = verdict_fail(label, operation, asked, mode, BL_FAIL_BUSY);
	return scratch;
}

/* An object of a mount that is the kernel's own has a name, but no path. */
static __always_inline __u32 internal_name(struct scratch *scratch)
{
	const struct dentry *dentry = (const void *)scratch->try.dentry;
	__u32 len = BPF_CORE_READ(dentry, d_name.len);

	if (!len || len > NAME_MAX)
		return 0;
	if (bpf_probe_read_kernel(scratch->key, len & NAME_MAX, BPF_CORE_READ(dentry, d_name.name)))
		return 0;
	return len;
}

#define ASK_NAMELESS                                                                               \
	(ASK_EXEC(MAP) | ASK_EXEC(DRIFT_MOUNT) | ASK_EXEC(MEMORY) | ASK_EXEC(ANONYMOUS))

/*
 * A pipe, a socket or a memfd opened again through /proc: no rule of [file] could name it. As a
 * program it has to be allowed by "memory", because no rule says whether it may run.
 */
static __always_inline int check_internal(struct scratch *scratch, struct bl_label *label)
{
	struct request *request = &scratch->request;
	bool is_program = request->asked & ASK_EXEC(EXECUTE);
	int verdict;

	request->asked &= ASK_NAMELESS;
	if (!request->asked)
		return 0;
	request->position = 0;
	request->key_len = internal_name(scratch);
	request->wants_named = ASK_EXEC(MEMORY);
	verdict = verdict_of_key(scratch, label);
	if (!verdict && is_program &&
	    !(request->named & ASK_EXEC(MEMORY))) {
		request->asked |= ASK_EXEC(EXECUTE);
		return verdict_fail_key(scratch, label, BL_FAIL_INTERNAL);
	}
	return verdict;
}

/* Walks the path up to where tail_len bytes are left, from where it is. 0: it could not. */
static __always_inline __u32 walk_until(struct scratch *scratch, struct bl_label *label,
					__u32 tail_len)
{
	struct request *request = &scratch->request;
	__u32 asked = request->asked;
	int failed;

	/* The '/' that the tail begins with belongs to what is before it. */
	request->key_len = scratch->try.key_len - tail_len + 1;
	request->asked = 0;
	failed = ask_profile(scratch, label->bound[0].profile);
	request->asked = asked;
	request->skip = request->key_len;
	return failed ? 0 : request->state;
}

/*
 * A name that has other spellings is decided by what is allowed for every name that could stand
 * there, because a rule knows one spelling only.
 */
static __always_inline int check_folded(struct scratch *scratch, struct bl_label *label)
{
	struct request *request = &scratch->request;
	__u32 asked = request->asked;

	request->wants_beyond = 1;
	request->key_len = scratch->try.key_len - scratch->try.folded_len + 1;
	request->asked = 0;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		if (i >= label->count)
			break;
		if (!label->bound[i].profile)
			continue;
		request->state = 0;
		if (ask_profile(scratch, label->bound[i].profile))
			return verdict_fail(label, request->operation, asked, request->mode,
					    BL_FAIL_TABLE);
		request->self.enforced &= request->beyond.below_all.enforced;
		request->self.would &= request->beyond.below_all.would;
	}
	/* Whoever is reached. */
	request->self.enforced &= ~ASK_REACH | request->self.enforced >> BL_OUTSIDE_SHIFT;
	request->self.would &= ~ASK_REACH | request->self.would >> BL_OUTSIDE_SHIFT;
	request->key_len = scratch->try.key_len;
	request->asked = asked & ~(request->self.enforced & request->self.would);
	if (!request->asked)
		return 0;
	if (!(request->asked & ~request->self.enforced))
		request->mode = BL_MODE_AUDIT;
	return verdict_fail_key(scratch, label, BL_FAIL_FOLDED);
}

/*
 * Resolves scratch->try and decides what the request asks. The states behind the directory's path
 * and its parent's are left in scratch->try, if there are such.
 */
__noinline int check_try(struct scratch *scratch, struct bl_label *label)
{
	struct request *request;
	struct path_try *try;

	if (!scratch || !label)
		return -EPERM;
	request = &scratch->request;
	try = &scratch->try;
	try->prefix_state = 0;
	try->parent_state = 0;
	if (guard_owns(try->dentry, request->asked)) {
		int verdict = guard_refuse_try(scratch, label);

		if (verdict)
			return verdict;
	}
	if (path_resolve(scratch)) {
		if (try->fail == BL_FAIL_INTERNAL)
			return check_internal(scratch, label);
		return verdict_fail(label, request->operation, request->asked, request->mode,
				    try->fail);
	}
	request->position = try->position;
	request->state = 0;
	request->skip = 0;
	if (try->folded_len)
		return check_folded(scratch, label);
	if (label->count == 1 && try->leaf_len) {
		if (try->stem_len)
			try->parent_state = walk_until(scratch, label, try->stem_len);
		try->prefix_state = walk_until(scratch, label, try->leaf_len);
		if (!try->prefix_state) {
			request->state = 0;
			request->skip = 0;
		}
	}
	request->key_len = try->key_len;
	return verdict_of_key(scratch, label);
}

/* Decides by the name alone, if the directory has been seen before. true: allowed in silence. */
static __always_inline bool check_name(struct scratch *scratch, struct bl_label *label,
				       struct dentry *dentry, __u32 sequence,
				       __u32 table_state)
{
	struct request *request = &scratch->request;
	__u32 len = prefix_name(scratch, dentry, sequence);

	if (!len)
		return false;
	request->position = 0;
	request->key_len = len;
	request->state = table_state;
	request->by = label->bound[0].by;
	if (ask_profile(scratch, label->bound[0].profile))
		return false;
	if (request->verdict == BL_VERDICT_ALLOW) {
		request->self = request->beyond.self_any;
		return true;
	}
	request->verdict = BL_VERDICT_ALLOW;
	request->flags = 0;
	request->decided = 0;
	return false;
}

/* Whether anything was mounted since the try began. */
static __always_inline bool is_remounted(const struct scratch *scratch)
{
	const struct mnt_namespace *namespace = (const void *)scratch->try.namespace;

	return BPF_CORE_READ(namespace, event) != scratch->try.event;
}

/* Keeps the states found, if the path has not changed since the keys were made. */
static __always_inline void keep_states(struct scratch *scratch, struct bl_label *label,
					struct vfsmount *mount, struct dentry *directory,
					const struct prefix_keys *keys)
{
	struct prefix_keys again;

	if (prefix_above(scratch) || is_remounted(scratch))
		return;
	again = prefix_keys(scratch, label, mount, directory);
	if (again.directory + scratch->above != keys->directory)
		return;
	prefix_keep(label, directory->d_inode, keys->directory, scratch->try.prefix_state);
	if (keys->parent && scratch->try.parent_state)
		prefix_keep(label, directory->d_parent->d_inode, keys->parent,
			    scratch->try.parent_state);
}

/* The state behind the directory's path; 0: it is not known. Takes what is above into the keys. */
static __always_inline __u32 find_state(struct scratch *scratch, struct bl_label *label,
					struct dentry *directory, struct prefix_keys *keys)
{
	__u32 table_state = prefix_find(label, directory->d_inode, keys->directory);

	scratch->above = 0;
	if (table_state)
		return table_state;
	if (prefix_above(scratch)) {
		keys->directory = 0;
		return 0;
	}
	if (scratch->above) {
		keys->directory += scratch->above;
		keys->parent += keys->parent ? scratch->above : 0;
		table_state = prefix_find(label, directory->d_inode, keys->directory);
	}
	/* Of a guarded directory nothing is kept, but of its parent there may be. */
	if (!table_state && keys->parent && !is_own_entry(label, directory, 0, false)) {
		table_state = prefix_from_parent(scratch, label, directory, keys->parent);
		scratch->try.prefix_state = table_state; /* to be kept */
	}
	return table_state;
}

/* Permissions that are about a name and not about the file it names. */
#define ASK_OF_NAMES (ASK_FILE(CREATE) | ASK_FILE(DELETE))

/*
 * Keeps with a regular file what its path is allowed in silence, unless that changed meanwhile. To
 * be called when its directory is known already: a file that is opened once is not worth it.
 */
static __always_inline void keep_silent(struct scratch *scratch, struct bl_label *label,
					struct vfsmount *mount, struct dentry *dentry)
{
	__u32 silent = scratch->request.silent & ~ASK_OF_NAMES;
	struct inode *inode = dentry->d_inode;

	if (scratch->request.asked & ~silent || dentry->d_flags & DCACHE_OP_REVALIDATE)
		return;
	if (!is_there(label, inode) || (inode->i_mode & S_IFMT) != S_IFREG)
		return;
	if (file_key(label, mount, dentry) == scratch->file_key)
		prefix_keep(label, inode, scratch->file_key, silent);
}

/* Decides what the request asks of the object the mount and the dentry name. */
static __always_inline int decide_object(struct scratch *scratch, struct bl_label *label,
					 struct vfsmount *mount, struct dentry *dentry)
{
	__u32 sequence = dentry_sequence(dentry); /* of its name and its parent */
	bool is_folded = (dentry->d_flags & DCACHE_FOLDS) == DCACHE_FOLDS;
	struct dentry *directory = dentry->d_parent;
	struct path_try *try = &scratch->try;
	struct prefix_keys keys = { 0, 0 };
	__u32 table_state = 0;
	int verdict = -1;

	path_begin(scratch, (__u64)mount, (__u64)dentry);
	if (is_own_entry(label, dentry, scratch->request.asked,
			 scratch->request.operation == BL_OP_RENAME)) {
		verdict = guard_refuse_try(scratch, label);
		if (verdict)
			return verdict;
		verdict = -1;
	}
	if (label->key && directory != dentry && dentry != mount->mnt_root && !is_folded)
		keys = prefix_keys(scratch, label, mount, directory);
	if (keys.directory)
		table_state = find_state(scratch, label, directory, &keys);
	if (table_state && check_name(scratch, label, dentry, sequence, table_state)) {
		if (!try->prefix_state) {
			if (scratch->file_key)
				keep_silent(scratch, label, mount, dentry);
			return 0;
		}
		verdict = 0;
	}
	if (verdict)
		verdict = check_try(scratch, label);
	if (keys.directory && !verdict && try->prefix_state)
		keep_states(scratch, label, mount, directory, &keys);
	return verdict;
}

/* The same, where a frame of the stack can be spared for it. */
static __noinline int check_object(struct scratch *scratch, struct bl_label *label,
				   struct vfsmount *mount, struct dentry *dentry)
{
	return decide_object(scratch, label, mount, dentry);
}

/* Whether all of it is known to be allowed in silence. key: of file_key(), 0 for none. */
static __always_inline bool is_silent(const struct bl_label *label, const struct dentry *dentry,
				      __u64 key, __u32 asked)
{
	return key && !(asked & ~prefix_find(label, dentry->d_inode, key));
}

/* Decides what is not known, and keeps it under the key, if that is not 0. */
static __always_inline int check_unknown(struct bl_label *label, struct vfsmount *mount,
					 struct dentry *dentry, __u32 asked, __u8 operation,
					 __u64 key)
{
	struct scratch *scratch;
	int verdict;

	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	scratch->file_key = key;
	verdict = decide_object(scratch, label, mount, dentry);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/*
 * Decides what is done to a file; 0 or -EPERM. A file that is known to be allowed all of it in
 * silence is found without anything being made up. is_new: nothing can be known of it.
 */
static __always_inline int check_file(struct bl_label *label, struct vfsmount *mount,
				      struct dentry *dentry, __u32 asked, __u8 operation,
				      bool is_new)
{
	__u64 key = 0;

	if (!(asked & label->mediated))
		return verdict_return(guard_path(label, mount, dentry, asked, operation));
	asked &= label->mediated;
	if (label->key && !is_new)
		key = file_key(label, mount, dentry);
	if (is_silent(label, dentry, key, asked))
		return 0;
	return check_unknown(label, mount, dentry, asked, operation, key);
}

/* Decides what is done to a name, or to a file once; 0 or -EPERM. */
static __always_inline int check_path(struct bl_label *label, struct vfsmount *mount,
				      struct dentry *dentry, __u32 asked, __u8 operation)
{
	struct scratch *scratch;
	int verdict;

	if (!(asked & label->mediated))
		return verdict_return(guard_path(label, mount, dentry, asked, operation));
	scratch = check_begin(label, asked, operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	verdict = check_object(scratch, label, mount, dentry);
	scratch_release(scratch);
	return verdict_return(verdict);
}
