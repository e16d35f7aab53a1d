/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting and recording what was decided. Nothing here has a say in the verdict, and nothing here
 * can fail without being counted (I3).
 */
#pragma once

#include "bpf/match.bpf.h"

static __always_inline struct bl_container_counter *container_counter(__u64 container)
{
	static const struct bl_container_counter zero;
	struct bl_container_counter *counter = bpf_map_lookup_elem(&containers, &container);

	if (counter)
		return counter;
	bpf_map_update_elem(&containers, &container, &zero, BPF_NOEXIST);
	return bpf_map_lookup_elem(&containers, &container);
}

static __always_inline void count_loss(__u64 container, enum bl_loss loss)
{
	struct bl_container_counter *counter = container_counter(container);

	if (counter)
		__sync_fetch_and_add(&counter->lost[loss], 1);
}

static __always_inline void count_rule(const struct request *request, __u64 container)
{
	struct bl_rule_counter *counter = bpf_map_lookup_elem(&rule_counters, &request->rule);

	if (!counter) {
		count_loss(container, BL_LOSS_COUNTER);
		return;
	}
	/* Per CPU, but a hook can be preempted in the middle of the addition. */
	if (request->flags & BL_DECISION_WOULD)
		__sync_fetch_and_add(&counter->would, 1);
	else
		__sync_fetch_and_add(&counter->enforced, 1);
}

static __always_inline void count_verdict(const struct request *request, __u64 container)
{
	struct bl_container_counter *counter = container_counter(container);

	if (!counter)
		return;
	if (request->flags & BL_DECISION_WOULD)
		__sync_fetch_and_add(&counter->would, 1);
	else if (request->verdict == BL_VERDICT_AUDIT)
		__sync_fetch_and_add(&counter->audited, 1);
	else
		__sync_fetch_and_add(&counter->denied, 1);
}

static __always_inline void count_fail(__u64 container, enum bl_fail fail)
{
	struct bl_container_counter *counter = container_counter(container);

	if (counter)
		__sync_fetch_and_add(&counter->failed[fail & (BL_FAIL_SLOTS - 1)], 1);
}

/* All of the header, zeroed first: the event leaves the kernel. */
static __always_inline void event_fill(struct bl_event *event, const struct bl_label *label,
				       const struct request *request, enum bl_fail fail,
				       bool is_would)
{
	struct task_struct *task = bpf_get_current_task_btf();

	__builtin_memset(event, 0, BL_EVENT_HEADER_LEN);
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = label->generation;
	event->container = label->bound[0].container;
	event->cgroup = label->cgroup;
	event->rule = request->rule;
	event->tgid = task->tgid;
	event->tid = task->pid;
	event->uid = bpf_get_current_uid_gid();
	event->parent_tgid = task->real_parent->tgid;
	event->version = BL_EVENT_VERSION;
	event->operation = request->operation;
	event->section = request->section;
	event->asked = request->asked;
	event->denied = request->decided;
	event->verdict = request->verdict;
	event->is_would = is_would;
	event->fail = fail;
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	bpf_probe_read_kernel_str(event->parent_comm, sizeof(event->parent_comm),
				  task->real_parent->comm);
}

/*
 * The event of a failure. It has no key: the object has no name, or there is no buffer for it.
 * Everything that was asked is denied, or would be.
 */
static __always_inline void event_send_fail(const struct bl_label *label,
					    const struct request *request, enum bl_fail fail,
					    bool is_would)
{
	struct bl_event *event = bpf_ringbuf_reserve(&events, BL_EVENT_HEADER_LEN, 0);

	if (!event) {
		count_loss(label->bound[0].container, BL_LOSS_RING_FULL);
		return;
	}
	event_fill(event, label, request, fail, is_would);
	event->rule = 0;
	event->verdict = BL_VERDICT_DENY;
	event->denied = request->asked;
	bpf_ringbuf_submit(event, 0);
}

static __always_inline void event_send(const struct bl_label *label, const struct request *request,
				       struct scratch *scratch)
{
	struct bl_event *event = &scratch->event;
	__u32 len = request->key_len & (BL_PATH_MAX - 1);

	event_fill(event, label, request, BL_FAIL_NONE, request->flags & BL_DECISION_WOULD);
	event->key_len = len;
	bpf_probe_read_kernel(event->key, len,
			      scratch->key + (request->position & (BL_PATH_MAX - 1)));
	if (bpf_ringbuf_output(&events, event, BL_EVENT_HEADER_LEN + len, 0))
		count_loss(label->bound[0].container, BL_LOSS_RING_FULL);
}
