/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is in force and what it has done, read from the kernel's maps: as JSON, which is what the
 * daemon answers and "bailiff status --json" prints, and as text for people.
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

#include "enforcer/containers.h"
#include "enforcer/json.h"
#include "enforcer/ruleset.h"
#include "enforcer/sensor.h"

/*
 * ruleset and containers NULL: only what the kernel knows, without names. -ENOMEM, or what reading
 * gave.
 */
int bl_status_build(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
		    const struct bl_containers *containers, struct json_object **ret_status)
	__attribute__((warn_unused_result));

/*
 * What "bailiff ps" shows: the containers that are bound, and those that are known and are not, in
 * an object.
 */
int bl_status_build_ps(struct bl_sensor *sensor, const struct bl_ruleset *ruleset,
		       const struct bl_containers *containers, struct json_object **ret_ps)
	__attribute__((warn_unused_result));

/* What was denied in one container, by its number: an object with the counters of a status. */
int bl_status_container(const struct bl_sensor *sensor, uint64_t id,
			struct json_object **ret_container) __attribute__((warn_unused_result));

void bl_status_print(FILE *out, struct json_object *status, bool is_colored);
