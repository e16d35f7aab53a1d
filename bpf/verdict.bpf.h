/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place that says no (I1). Three outcomes are different things: allow; deny, a rule or
 * default said no; fail, we could not decide, which denies where the profile enforces and is
 * counted apart (I2).
 *
 * Global functions are checked by the verifier without their callers, who in turn know nothing of
 * what they return: a hook ends with verdict_return().
 */
#pragma once

#include "bpf/event.bpf.h"

/* 6.12 wants a hook's answer proved to be an error code or 0. */
static __always_inline int verdict_return(int verdict)
{
	return verdict ? -EPERM : 0;
}

/* A failure without an object. */
__noinline int verdict_fail(struct bl_label *label, __u32 operation, __u32 asked, __u32 mode,
			    __u32 fail)
{
	bool is_enforced = mode == BL_MODE_ENFORCE;

	if (!label)
		return -EPERM;
	count_fail(label->bound[0].container, fail);
	event_send_fail(label, operation, asked, fail, !is_enforced);
	return is_enforced ? -EPERM : 0;
}

/* A failure about the key in scratch. */
__noinline int verdict_fail_key(struct scratch *scratch, struct bl_label *label, __u32 fail)
{
	if (!label || !scratch)
		return -EPERM;
	count_fail(label->bound[0].container, fail);
	event_send(label, scratch, fail);
	return scratch->request.mode == BL_MODE_ENFORCE ? -EPERM : 0;
}

/* Of somebody who only asks whether it would be allowed. */
static __always_inline int verdict_of_probe(const struct request *request)
{
	bool is_allowed = request->verdict == BL_VERDICT_AUDIT ||
			  request->flags & BL_DECISION_WOULD;

	return is_allowed ? 0 : -EPERM;
}

/* What was denied when it was asked for is not done later, either. */
static __always_inline int verdict_of_before(void)
{
	return -EPERM;
}

/* Carries out what the request has come to. */
__noinline int verdict_settle(struct scratch *scratch, struct bl_label *label)
{
	struct request *request;

	if (!label || !scratch)
		return -EPERM;
	request = &scratch->request;
	if (request->verdict == BL_VERDICT_ALLOW)
		return 0;
	if (request->is_probe)
		return verdict_of_probe(request);
	count_rule(request, label->bound[0].container);
	count_verdict(request, label->bound[0].container);
	if (request->flags & BL_DECISION_RECORD)
		event_send(label, scratch, BL_FAIL_NONE);
	if (request->verdict == BL_VERDICT_AUDIT || request->flags & BL_DECISION_WOULD)
		return 0;
	if (request->verdict == BL_VERDICT_KILL)
		bpf_send_signal(SIGKILL);
	return -EPERM;
}

/*
 * Asks all of the label's profiles about the key in scratch; the strictest answer holds. Of what is
 * allowed for the key, the request's self is what all of them allow. Not 0: a profile has no table.
 */
__noinline int ask_profiles(struct scratch *scratch, struct bl_label *label)
{
	struct request *request;

	if (!label || !scratch)
		return -1;
	request = &scratch->request;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		__u32 id = label->bound[i].profile;

		if (i >= label->count)
			break;
		if (!id)
			continue;
		request->by = label->bound[i].by | request->peer;
		if (i) {
			request->state = 0;
			request->skip = 0;
		}
		if (ask_profile(scratch, id))
			return -1;
		request->self.enforced &= request->beyond.self_any.enforced;
		request->self.would &= request->beyond.self_any.would;
	}
	return 0;
}

static __always_inline int verdict_of_key(struct scratch *scratch, struct bl_label *label)
{
	if (ask_profiles(scratch, label))
		return verdict_fail_key(scratch, label, BL_FAIL_TABLE);
	return verdict_settle(scratch, label);
}
