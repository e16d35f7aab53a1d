// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_request.h"

#include <errno.h>

#include "enforcer/records.h"
#include "enforcer/status.h"
#include "enforcer/util.h"

int bl_run_answer_start(struct bl_runs *runs, struct json_object *request,
			const struct bl_rulesets *rulesets, struct json_object **ret_reply,
			const char **reterr_message)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup_json struct json_object *reply = json_object_new_object();
	const char *name = bl_json_get_string(request, "run");
	const char *message = NULL;
	int r;

	if (!reply)
		return -ENOMEM;
	r = bl_runs_start(runs, name ? name : "", &diags, &message);
	if (r < 0 && diags.errors == 0) {
		*reterr_message = message;
		return r;
	}
	if (!bl_json_add_bool(reply, "in_force", r == 0) ||
	    !bl_json_add_u64(reply, "generation", rulesets->current->number) ||
	    !bl_json_add_bool(reply, "audit_forced", rulesets->current->is_audit_forced) ||
	    (r < 0 && !bl_json_add_string(reply, "reason", message ? message : "out of memory")) ||
	    !bl_records_add_diags(reply, &diags))
		return -ENOMEM;
	*ret_reply = TAKE(reply);
	return 0;
}

int bl_run_answer_end(struct bl_runs *runs, struct json_object *request,
		      const struct bl_sensor *sensor, struct json_object **ret_reply,
		      const char **reterr_message)
{
	const char *name = bl_json_get_string(request, "run");
	const struct bl_run *run = name ? bl_runs_find(runs, name) : NULL;
	bl_cleanup_json struct json_object *reply = NULL;
	int r = 0;

	/* First: the counters go with the policies. */
	if (run)
		r = bl_status_container(sensor, run->cgroup_id, &reply);
	else
		reply = json_object_new_object();
	if (r < 0)
		return r;
	if (run)
		r = bl_runs_end(runs, name, reterr_message);
	if (r < 0 && r != -EBUSY)
		return r;
	if (!reply || !bl_json_add_bool(reply, "ended", r == 0))
		return -ENOMEM;
	*ret_reply = TAKE(reply);
	return 0;
}
