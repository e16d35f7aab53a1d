/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that says no (I1). Three outcomes are different things: allow; deny, a rule or
 * default said no; fail, we could not decide, which denies where the profile enforces and is
 * counted apart (I2).
 */
#pragma once

#include "bpf/event.bpf.h"
#include "bpf/subject.bpf.h"

/* By a shift, so that the verifier need not be shown that the section is within the array. */
static __always_inline __u8 profile_mode(const struct bl_profile *profile, enum bl_section section)
{
	return *(const __u32 *)profile->mode >> (section * 8);
}

/* The strictest mode any of the label's profiles has for the section. */
static __always_inline __u8 label_mode(const struct bl_label *label, enum bl_section section)
{
	__u8 mode = BL_MODE_OFF;

	/* A label that could not be made up binds the task to we know not what. */
	if (label->fail)
		return state.mode;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		__u32 id = label->bound[i].profile;
		const struct bl_profile *profile;

		if (i >= label->count)
			break;
		if (!id)
			continue;
		profile = bpf_map_lookup_elem(&profiles, &id);
		/* Bound by a profile that is not there: that is for ask_profile() to find. */
		if (!profile || profile->size_class == BL_SIZE_NONE)
			return state.mode;
		if (profile_mode(profile, section) > mode)
			mode = profile_mode(profile, section);
	}
	return mode;
}

static __always_inline int verdict_fail(const struct bl_label *label, const struct request *request,
					enum bl_fail fail)
{
	bool is_enforced = request->mode == BL_MODE_ENFORCE;

	count_fail(label->bound[0].container, fail);
	event_send_fail(label, request, fail, !is_enforced);
	return is_enforced ? -EPERM : 0;
}

/* Asks all of the label's profiles about the key in scratch; the strictest answer holds. */
static __always_inline int verdict_of_key(const struct bl_label *label, struct request *request,
					  struct scratch *scratch)
{
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		__u32 id = label->bound[i].profile;

		if (i >= label->count)
			break;
		if (id && ask_profile(request, scratch, id))
			return verdict_fail(label, request, BL_FAIL_TABLE);
	}

	if (request->verdict == BL_VERDICT_ALLOW)
		return 0;
	count_rule(request, label->bound[0].container);
	count_verdict(request, label->bound[0].container);
	if (request->flags & BL_DECISION_RECORD)
		event_send(label, request, scratch);
	if (request->verdict == BL_VERDICT_AUDIT || request->flags & BL_DECISION_WOULD)
		return 0;
	return -EPERM;
}
