/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counting and recording what was decided. Nothing here has a say in the verdict, and nothing here
 * can fail without being counted (I3).
 */
#pragma once

#include "bpf/subject.bpf.h"

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
	__u64 rule = request->rule; /* 6.1 takes keys from the stack only */
	struct bl_rule_counter *counter = bpf_map_lookup_elem(&rule_counters, &rule);

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

/* The first section that one of the permissions belongs to. */
static __always_inline __u32 section_of(__u32 permissions)
{
	if (permissions & BL_ASK_SECTION(BL_SECTION_EXEC))
		return BL_SECTION_EXEC;
	if (permissions & BL_ASK_SECTION(BL_SECTION_FILE))
		return BL_SECTION_FILE;
	if (permissions & BL_ASK_SECTION(BL_SECTION_NETWORK))
		return BL_SECTION_NETWORK;
	if (permissions & BL_ASK_SECTION(BL_SECTION_PROCESS))
		return BL_SECTION_PROCESS;
	if (permissions & BL_ASK_SECTION(BL_SECTION_PRIVILEGE))
		return BL_SECTION_PRIVILEGE;
	return BL_SECTION_CAPABILITY;
}

static __always_inline __u8 within_section(__u32 permissions, __u32 section)
{
	return permissions >> BL_ASK_SHIFT(section) & BL_ASK_MASK(section);
}

/* All of the header, zeroed first: the event leaves the kernel. */
static __always_inline void event_fill(struct bl_event *event, const struct bl_label *label,
				       __u32 operation, __u32 asked, __u32 denied)
{
	const struct task_struct *task = (const void *)bpf_get_current_task();
	const struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	__u64 ids = bpf_get_current_pid_tgid();
	__u32 section = section_of(denied);

	__builtin_memset(event, 0, BL_EVENT_HEADER_LEN);
	event->time_ns = bpf_ktime_get_boot_ns();
	event->generation = label->generation;
	event->container = label->bound[0].container;
	event->cgroup = bpf_get_current_cgroup_id();
	event->tgid = ids >> 32;
	event->tid = ids;
	event->uid = bpf_get_current_uid_gid();
	event->parent_tgid = BPF_CORE_READ(parent, tgid);
	event->version = BL_EVENT_VERSION;
	event->operation = operation;
	event->section = section;
	event->asked = within_section(asked, section);
	event->denied = within_section(denied, section);
	bpf_get_current_comm(event->comm, sizeof(event->comm));
	BPF_CORE_READ_STR_INTO(&event->parent_comm, parent, comm);
}

/* Where a socket of IP is bound, if it is. */
static __always_inline void event_fill_source(struct bl_event *event, const struct sock *sk)
{
	__u16 family = BPF_CORE_READ(sk, __sk_common.skc_family);
	__u16 protocol = BPF_CORE_READ(sk, sk_protocol);
	struct in6_addr address = {};
	__u16 port = 0;

	if (family == AF_INET)
		address.in6_u.u6_addr32[0] = BPF_CORE_READ(sk, __sk_common.skc_rcv_saddr);
	else if (family == AF_INET6)
		address = BPF_CORE_READ(sk, __sk_common.skc_v6_rcv_saddr);
	else
		return;
	/* Of those it is not a port that stands there. */
	if (BPF_CORE_READ(sk, sk_type) != SOCK_RAW && protocol != IPPROTO_ICMP &&
	    protocol != IPPROTO_ICMPV6)
		port = BPF_CORE_READ(sk, __sk_common.skc_num);
	if (!port && !(address.in6_u.u6_addr32[0] | address.in6_u.u6_addr32[1] |
		       address.in6_u.u6_addr32[2] | address.in6_u.u6_addr32[3]))
		return;
	event->source_kind = family == AF_INET ? BL_KEY_INET4 : BL_KEY_INET6;
	event->source_port = port;
	__builtin_memcpy(event->source, &address, sizeof(event->source));
}

/*
 * The event of a failure without an object: it has no name, or there is no buffer for it.
 * Everything that was asked is denied, or would be.
 */
static __always_inline void event_send_fail(const struct bl_label *label, __u32 operation,
					    __u32 asked, __u32 fail, bool is_would)
{
	struct bl_event *event = bpf_ringbuf_reserve(&events, BL_EVENT_HEADER_LEN, 0);

	if (!event) {
		count_loss(label->bound[0].container, BL_LOSS_RING_FULL);
		return;
	}
	event_fill(event, label, operation, asked, asked);
	event->verdict = BL_VERDICT_DENY;
	event->fail = fail;
	event->is_would = is_would;
	bpf_ringbuf_submit(event, 0);
}

/* With the key in scratch as the object; of a failure as well, if there is one. */
static __always_inline void event_send(const struct bl_label *label, struct scratch *scratch,
				       __u32 fail)
{
	const struct request *request = &scratch->request;
	struct bl_event *event = &scratch->event;
	__u32 len = request->key_len & (BL_PATH_MAX - 1);

	if (fail) {
		event_fill(event, label, request->operation, request->asked, request->asked);
		event->fail = fail;
		event->verdict = BL_VERDICT_DENY;
		event->is_would = request->mode != BL_MODE_ENFORCE;
	} else {
		event_fill(event, label, request->operation,
			   request->is_gain ? request->own | request->decided : request->asked,
			   request->decided);
		event->rule = request->rule;
		event->verdict = request->verdict;
		event->is_would = !!(request->flags & BL_DECISION_WOULD);
	}
	if (request->socket)
		event_fill_source(event, (const struct sock *)request->socket);
	event->key_len = len;
	bpf_probe_read_kernel(event->key, len,
			      scratch->key + (request->position & (BL_PATH_MAX - 1)));
	if (bpf_ringbuf_output(&events, event, BL_EVENT_HEADER_LEN + len, 0))
		count_loss(label->bound[0].container, BL_LOSS_RING_FULL);
}
