/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Events and what surrounds them, for the tests of what is made out of them. */
#pragma once

#include <string.h>

#include "enforcer/event.h"

/* 2026-01-02T03:04:05Z, less what fixture_event() has on the boot clock. */
#define FIXTURE_OFFSET (INT64_C(1767323045) * 1000000000 - INT64_C(5000000000))

static inline struct bl_event fixture_event(enum bl_operation operation, enum bl_section section,
					    const void *key, size_t key_len)
{
	struct bl_event event;

	memset(&event, 0, sizeof(event));
	event.version = BL_EVENT_VERSION;
	event.time_ns = 5000000042u;
	event.generation = 3;
	event.container = 77;
	event.cgroup = 78;
	event.rule = 0xabcdef;
	event.tgid = 100;
	event.tid = 101;
	event.uid = 33;
	event.parent_tgid = 1;
	event.operation = (uint8_t)operation;
	event.section = (uint8_t)section;
	event.asked = 1;
	event.denied = 1;
	event.verdict = BL_VERDICT_DENY;
	event.key_len = (uint16_t)key_len;
	memcpy(event.comm, "sh", 3);
	memcpy(event.parent_comm, "init", 5);
	memcpy(event.key, key, key_len);
	return event;
}

static inline size_t fixture_size(const struct bl_event *event)
{
	return (size_t)BL_EVENT_HEADER_LEN + event->key_len;
}
