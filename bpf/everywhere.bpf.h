/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deciding a dentry without a mount: under every path it has in the task's mount namespace. The
 * most restrictive verdict holds.
 */
#pragma once

#include "bpf/check.bpf.h"

/* Finds the next mount in the namespace. What it works on is in scratch: see path_walk(). */
static long mounts_step(__u32 index, struct scratch **of)
{
	struct everywhere *all = &(*of)->everywhere;
	const struct list_head *node = (const struct list_head *)all->at;
	__u64 next = (__u64)BPF_CORE_READ(node, next);
	const struct mount *mount =
		(const void *)(next - bpf_core_field_offset(struct mount, mnt_instance));
	__u64 namespace;

	all->at = next;
	if (next == all->head) {
		all->is_over = 1;
		return 1;
	}
	namespace = (__u64)BPF_CORE_READ(mount, mnt_ns);
	if (IS_ERR_VALUE(namespace))
		all->is_internal = 1;
	if (namespace != (*of)->try.namespace)
		return 0;
	all->mount = (__u64)mount;
	return 1;
}

/* More mounts of one file system than any machine has. */
#define MOUNTS_STEPS_MAX (1 << 17)

struct everywhere_context {
	struct scratch *scratch;
	struct bl_label *label;
};

/* Decides the object under its path on the next mount; 1: it is over. */
static long everywhere_step(__u32 index, struct everywhere_context *context)
{
	struct scratch *scratch = context->scratch;
	struct everywhere *all = &scratch->everywhere;
	struct request *request = &scratch->request;

	all->mount = 0;
	bpf_loop(MOUNTS_STEPS_MAX, mounts_step, &context->scratch, 0);
	if (!all->mount)
		return 1;
	scratch->try.vfsmount = all->mount + bpf_core_field_offset(struct mount, mnt);
	if (path_resolve(scratch)) {
		if (scratch->try.is_outside)
			return 0;
		all->fail = scratch->try.fail;
		return 1;
	}
	all->is_found = 1;
	request->position = scratch->try.position;
	if (scratch->try.folded_len) {
		__u32 asked = request->asked;
		__u8 mode = request->mode;

		all->verdict = check_folded(scratch, context->label);
		request->asked = asked;
		request->mode = mode;
		return all->verdict != 0;
	}
	request->key_len = scratch->try.key_len;
	request->state = 0;
	request->skip = 0;
	request->verdict = BL_VERDICT_ALLOW;
	request->flags = 0;
	request->decided = 0;
	if (ask_profiles(scratch, context->label)) {
		all->fail = BL_FAIL_TABLE;
		return 1;
	}
	/* One operation is recorded once, and what is denied under one path is denied. */
	if (request->verdict < BL_VERDICT_DENY || request->flags & BL_DECISION_WOULD) {
		if (all->is_recorded || request->verdict == BL_VERDICT_ALLOW)
			return 0;
		all->is_recorded = 1;
	}
	all->verdict = verdict_settle(scratch, context->label);
	return all->verdict != 0;
}

/* mount_lock must stand still while the mounts are gone through. */
static long everywhere_try(__u32 index, struct everywhere_context *context)
{
	struct everywhere *all = &context->scratch->everywhere;
	__u32 mounts = read_sequence(&mount_lock);

	all->at = all->head;
	all->fail = BL_FAIL_NONE;
	all->is_found = 0;
	all->is_internal = 0;
	all->is_over = 0;
	/* Once more, to find that there is none. */
	bpf_loop(BL_MOUNTS_LOOKED_AT + 1, everywhere_step, context, 0);
	if (all->verdict)
		return 1;
	if (!(mounts & 1) && read_sequence(&mount_lock) == mounts)
		return 1;
	all->fail = BL_FAIL_LOOKUP;
	return 0;
}

/*
 * Decides scratch->try's dentry, whatever its mount. What is on no mount of the task's namespace
 * has no path: see check_internal() for what is on one of the kernel's own. What the request has
 * recorded already is not recorded again.
 */
__noinline int check_everywhere(struct scratch *scratch, struct bl_label *label)
{
	struct everywhere_context context = { .scratch = scratch, .label = label };
	const struct super_block *super;
	const struct dentry *dentry;
	struct everywhere *all;

	if (!scratch || !label)
		return -EPERM;
	dentry = (const void *)scratch->try.dentry;
	super = BPF_CORE_READ(dentry, d_inode, i_sb);
	all = &scratch->everywhere;
	__builtin_memset(all, 0, sizeof(*all));
	all->is_recorded = scratch->request.verdict != BL_VERDICT_ALLOW;
	all->head = (__u64)super + bpf_core_field_offset(struct super_block, s_mounts);
	if (super)
		bpf_loop(PATH_TRIES_MAX, everywhere_try, &context, 0);
	if (all->verdict)
		return -EPERM;
	if (!all->fail && !all->is_over)
		all->fail = BL_FAIL_MOUNTS;
	if (!all->fail && !all->is_found &&
	    (!all->is_internal || scratch->request.asked & ASK_REACH)) {
		/* See attr.bpf.c: the worker of a ring may work for an overlay. */
		if (scratch->is_for_another &&
		    BPF_CORE_READ(super, s_magic) != OVERLAYFS_SUPER_MAGIC)
			return 0;
		all->fail = BL_FAIL_FOREIGN;
	}
	if (!all->fail)
		return 0;
	return verdict_fail(label, scratch->request.operation, scratch->request.asked,
			    scratch->request.mode, all->fail);
}
