/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Deciding what has no path and no address: processes, facilities of the kernel, capabilities. All
 * of it is a short key; what a label allows in silence is known without asking its profiles.
 */
#pragma once

#include "bpf/check.bpf.h"

#define ASK_USE(section) BL_ASK(BL_SECTION_##section, BL_USE)

/*
 * Current's label, unless a runtime is still setting the container up (I5). NULL: nothing is
 * decided.
 */
static __always_inline struct bl_label *user(void)
{
	struct bl_label *label = subject_rare();

	return label && (label->has_executed || label->fail) ? label : NULL;
}

struct use {
	__u64 key; /* its bytes, in the order of memory */
	__u32 key_len;
	__u32 asked;
	__u8 operation;
	__u8 is_probe; /* somebody only asks whether it is allowed: refused without a record */
};

static __always_inline struct use use_of_privilege(enum bl_privilege privilege)
{
	return (struct use){
		.key = BL_KEY_PRIVILEGE | privilege << 8,
		.key_len = BL_KEY_PRIVILEGE_LEN,
		.asked = ASK_USE(PRIVILEGE),
		.operation = BL_OP_PRIVILEGE,
	};
}

/* 0 or -EPERM. */
static __noinline int check_use(struct bl_label *label, const struct use *use)
{
	struct scratch *scratch;
	int verdict;

	scratch = check_begin(label, use->asked, use->operation, &verdict);
	if (!scratch)
		return verdict_return(verdict);
	*(__u64 *)scratch->key = use->key;
	scratch->request.key_len = use->key_len;
	scratch->request.is_probe = use->is_probe;
	verdict = verdict_of_key(scratch, label);
	scratch_release(scratch);
	return verdict_return(verdict);
}

/* Whether the label may use a facility; 0 or -EPERM. NULL: it is nobody's. */
static __always_inline int privilege_of(struct bl_label *label, enum bl_privilege privilege)
{
	struct use use = use_of_privilege(privilege);

	if (!label || label->silent_privileges >> privilege & 1)
		return 0;
	return check_use(label, &use);
}
