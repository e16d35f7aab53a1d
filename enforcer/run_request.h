/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What "bailiff run" asks the daemon over the control socket, and the answers:
 *
 *	{"request": "run-start", "run": NAME}
 *		{"in_force": true, "generation": N, "audit_forced": BOOLEAN, "diagnostics": []}
 *		in_force false: "reason" and "diagnostics" say why the policies are refused
 *	{"request": "run-end", "run": NAME}
 *		{"ended": BOOLEAN} and the counters of the run's container, if the run was known.
 *		ended false: processes of the run are still there, and its policies stay
 */
#pragma once

#include "enforcer/json.h"
#include "enforcer/ruleset.h"
#include "enforcer/runs.h"
#include "enforcer/sensor.h"

/* rulesets: what is in force afterwards. */
int bl_run_answer_start(struct bl_runs *runs, struct json_object *request,
			const struct bl_rulesets *rulesets, struct json_object **ret_reply,
			const char **reterr_message) __attribute__((warn_unused_result));

int bl_run_answer_end(struct bl_runs *runs, struct json_object *request,
		      const struct bl_sensor *sensor, struct json_object **ret_reply,
		      const char **reterr_message) __attribute__((warn_unused_result));
