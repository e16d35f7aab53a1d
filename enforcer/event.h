/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel sent, as a record: bl_event bytes in, a JSON object with the names of
 * bailiff-events.5 out. No kernel, no files: everything an event does not say itself is handed in.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/container.h"
#include "enforcer/json.h"
#include "enforcer/policy_compile.h"
#include "enforcer/subject.h"

/* What a record shows beside the event. Pointers are borrowed; NULL: not known. */
struct bl_event_surroundings {
	const char *node;
	const char *container_cgroup;
	const struct bl_container *container;
	const struct bl_rule_entry *rule;
	bool is_audit_forced; /* in the rule's generation */
	const struct bl_subject *subject;
	int64_t realtime_offset_ns; /* CLOCK_REALTIME less CLOCK_BOOTTIME */
};

/*
 * Is this an event we can read? data is aligned for struct bl_event, of which only the first size
 * bytes exist. -EPROTO: too short, of another version, or with a value that is none of its enum.
 */
int bl_event_check(const void *data, size_t size, const struct bl_event **ret_event)
	__attribute__((warn_unused_result));

/* The event must have passed bl_event_check(). -ENOMEM. */
int bl_event_to_json(const struct bl_event *event, const struct bl_event_surroundings *around,
		     struct json_object **ret_record) __attribute__((warn_unused_result));

/* "2026-01-02T03:04:05.678901234Z". since the epoch, CLOCK_REALTIME. */
#define BL_TIME_TEXT_LEN 40
void bl_time_format(int64_t realtime_ns, char text[BL_TIME_TEXT_LEN]);

/* CLOCK_REALTIME less CLOCK_BOOTTIME, at this moment. */
int64_t bl_time_realtime_offset(void);
uint64_t bl_time_boot(void);
