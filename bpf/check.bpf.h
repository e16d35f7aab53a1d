/* SPDX-License-Identifier: GPL-2.0 */
/* What the hooks call: from an object to a verdict. */
#pragma once

#include "bpf/path.bpf.h"
#include "bpf/verdict.bpf.h"

/*
 * Begins a decision: returns a buffer for the key, to be released. NULL: it is over, *ret_verdict
 * holds. The section is not mediated, or it could not be decided.
 */
static __always_inline struct scratch *check_begin(const struct bl_label *label,
						   struct request *request, int *ret_verdict)
{
	struct scratch *scratch;

	*ret_verdict = 0;
	request->mode = label_mode(label, request->section);
	if (request->mode == BL_MODE_OFF)
		return NULL;
	if (label->fail) {
		*ret_verdict = verdict_fail(label, request, label->fail);
		return NULL;
	}
	scratch = scratch_take();
	if (!scratch)
		*ret_verdict = verdict_fail(label, request, BL_FAIL_BUSY);
	return scratch;
}

/* Decides the permissions asked of a path, one operation in one section; 0 or -EPERM. */
static __noinline int check_path(const struct bl_label *label, const struct path *path,
				 enum bl_section section, __u8 asked, enum bl_operation operation)
{
	struct request request = { .operation = operation, .section = section, .asked = asked };
	__u32 fail = BL_FAIL_NONE;
	int verdict;
	struct scratch *scratch = check_begin(label, &request, &verdict);

	if (!scratch)
		return verdict;
	/* A unix socket is bound by its server, which has a mount namespace of its own. */
	request.key_len = path_resolve(path, section == BL_SECTION_NETWORK, scratch,
				       &request.position, &fail);
	if (!fail)
		verdict = verdict_of_key(label, &request, scratch);
	else if (fail != BL_FAIL_INTERNAL || section != BL_SECTION_FILE)
		verdict = verdict_fail(label, &request, fail);
	/* Else a pipe, socket or memfd opened again through /proc: no rule could name it. */
	scratch_release(scratch);
	return verdict;
}
