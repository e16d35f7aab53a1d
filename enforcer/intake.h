/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's reading side: events from the ring buffer into records, counts of what was lost, and
 * an eye on the sinks. Part of the daemon's loop, and logs.
 */
#pragma once

#include <systemd/sd-event.h>

#include "enforcer/containers.h"
#include "enforcer/exe_reader.h"
#include "enforcer/records.h"
#include "enforcer/ruleset.h"
#include "enforcer/sensor.h"

struct bl_intake;

/* What it works on: borrowed, and must outlive it. */
struct bl_intake_sources {
	struct bl_sensor *sensor;
	const char *cgroup_root;
	const struct bl_rulesets *rulesets;
	const struct bl_containers *containers;
	struct bl_records *records;
	struct bl_exe_reader *exe_reader; /* NULL: executables are read by the daemon itself */
};

/* Reads as soon as the loop runs; what an earlier daemon left in the ring buffer comes first. */
int bl_intake_new(sd_event *event, const struct bl_intake_sources *sources,
		  struct bl_intake **ret_intake) __attribute__((warn_unused_result));

/*
 * Records what is in the ring buffer by now, short of a flood: for those whose container will not
 * be known a moment later.
 */
void bl_intake_drain(struct bl_intake *intake);

/* Before the end: records what is in the ring buffer and what is held back, and the last losses. */
void bl_intake_finish(struct bl_intake *intake);

/* Accepts NULL. */
void bl_intake_free(struct bl_intake *intake);

/* Writes a record of the engine, and consumes it. NULL: it could not be made, which is counted. */
void bl_intake_record(struct bl_intake *intake, struct json_object *record);

/* After the files were rotated. */
void bl_intake_reopen(struct bl_intake *intake);
