/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records on their way to the sinks: equal ones within a second become one, and the engine's own
 * are made here.
 *
 * The first of several equal events is written at once with "repeat": 0. Those that follow within a
 * second are held back and counted; when the second is over one record stands for them, "repeat"
 * saying for how many. So the events of a kind are the number of its records with repeat 0, plus
 * the sum of repeat. Nothing here blocks. Used by the daemon's thread only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/event.h"
#include "enforcer/policy.h"
#include "enforcer/sink.h"

#define BL_RECORDS_SINKS_MAX 4

/* So many different kinds are watched for repetition at once; the oldest makes room. */
#define BL_RECORDS_KINDS_MAX 256
#define BL_RECORDS_REPEAT_NS UINT64_C(1000000000)

struct bl_records;

int bl_records_new(const char *node, struct bl_records **ret_records)
	__attribute__((warn_unused_result));

/* Writes what is held back, flushes, and frees the sinks too. Accepts NULL. */
void bl_records_free(struct bl_records *records);

/* Takes the sink over; -ENOSPC leaves it with the caller. */
int bl_records_add_sink(struct bl_records *records, struct bl_sink *sink)
	__attribute__((warn_unused_result));
struct bl_sink *const *bl_records_sinks(const struct bl_records *records, size_t *ret_count);

/* around.node is filled in here. -ENOMEM: the event is counted as unwritten. */
int bl_records_access(struct bl_records *records, const struct bl_event *event,
		      const struct bl_event_surroundings *around)
	__attribute__((warn_unused_result));

/*
 * Writes the records of what repeated and whose second is over. Returns whether some are still
 * watched.
 */
bool bl_records_expire(struct bl_records *records, uint64_t boot_ns);

/* Events that were read but could not be made into a record: out of memory, or not understood. */
void bl_records_count_unwritten(struct bl_records *records);
uint64_t bl_records_unwritten(const struct bl_records *records);

/*
 * A record of the engine itself: object with time, node and "record": kind, for the caller to add
 * to and hand to bl_records_put(), which consumes it. NULL: out of memory.
 */
struct json_object *bl_records_new_engine(const struct bl_records *records, const char *kind);
/* Adds "diagnostics" to a record, or an answer. False: out of memory. */
bool bl_records_add_diags(struct json_object *record, const struct bl_diags *diags);

int bl_records_put(struct bl_records *records, struct json_object *record)
	__attribute__((warn_unused_result));
