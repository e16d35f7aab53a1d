/* SPDX-License-Identifier: GPL-2.0 */
/* What the hooks call: from an object to a verdict. */
#pragma once

#include "bpf/path.bpf.h"
#include "bpf/verdict.bpf.h"

/* Decides the permissions asked of a path, one operation in one section; 0 or -EPERM. */
static __noinline int check_path(const struct bl_label *label, const struct path *path,
				 enum bl_section section, __u8 asked, enum bl_operation operation)
{
	struct request request = { .section = section, .asked = asked };
	struct scratch *scratch;
	__u32 fail = BL_FAIL_NONE;
	__u8 mode;
	int r;

	mode = label_mode(label, section);
	if (mode == BL_MODE_OFF)
		return 0;
	if (label->fail)
		return verdict_fail(label, &request, operation, label->fail, mode);

	scratch = scratch_take();
	if (!scratch)
		return verdict_fail(label, &request, operation, BL_FAIL_BUSY, mode);
	request.key_len = path_resolve(path, scratch, &request.position, &fail);
	if (!fail)
		r = verdict_of_key(label, &request, scratch, operation, mode);
	else if (fail == BL_FAIL_INTERNAL && section == BL_SECTION_FILE)
		/*
		 * A pipe, socket or memfd opened again through /proc: it has no name a rule could
		 * give.
		 */
		r = 0;
	else
		r = verdict_fail(label, &request, operation, fail, mode);
	scratch_release(scratch);
	return r;
}
