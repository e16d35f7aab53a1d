// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon_parts.h"

#include <string.h>

#include "enforcer/binding.h"
#include "enforcer/log.h"
#include "enforcer/run_request.h"
#include "enforcer/util.h"

/* Runs have come or gone; the files are those of the generation in force. */
static int apply_runs(void *context, struct bl_diags *diags, const char **reterr_message)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = NULL;
	struct daemon *daemon = context;
	size_t containers = 0;
	int r;

	/* Of a run that has ended, the kernel will not know the cgroup any more. */
	bl_intake_drain(daemon->intake);
	r = bl_ruleset_remake(daemon->rulesets.current, daemon->config.node, daemon->runs, diags,
			      &ruleset);
	bl_daemon_log_diags("policy", diags);
	if (r < 0) {
		*reterr_message =
			"the policies of the run cannot be put in force beside the others";
		return r;
	}
	r = bl_daemon_apply(daemon, ruleset, diags, &containers, reterr_message);
	if (r < 0)
		return r;
	ruleset = NULL;
	/* What waits to be confirmed goes on waiting, under another number. */
	if (daemon->confirmation.kept.is_pending)
		bl_confirm_announce(daemon);
	return 0;
}

static void record_run(void *context, const struct bl_run *run, bool is_started)
{
	struct daemon *daemon = context;
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, "run");

	if (record && bl_json_add_u64(record, "generation", daemon->rulesets.current->number) &&
	    bl_json_add_string(record, "outcome", is_started ? "started" : "ended") &&
	    bl_json_add_bytes(record, "cgroup", run->cgroup, strlen(run->cgroup)))
		bl_intake_record(daemon->intake, TAKE(record));
	else
		bl_intake_record(daemon->intake, NULL);
}

/* What cannot be told may be. */
static bool is_run_held(void *context, const struct bl_run *run)
{
	const struct daemon *daemon = context;

	return bl_binding_is_named(daemon->sensor, run->cgroup_id) != 0;
}

static const struct bl_runs_handlers run_handlers = {
	.apply = apply_runs,
	.tell = record_run,
	.is_held = is_run_held,
};

int bl_daemon_find_runs(struct daemon *daemon)
{
	return bl_runs_new(daemon->config.run_dir, daemon->cgroup_root, &daemon->runs);
}

int bl_daemon_watch_runs(struct daemon *daemon)
{
	int r = bl_runs_watch(daemon->runs, daemon->event, &run_handlers, daemon);

	if (r < 0)
		bl_log(BL_LOG_ERROR, "daemon", "runs cannot be watched: %s", strerror(-r));
	return r;
}

/* Sealed or not: what a run adds holds for a cgroup of its own, and can only restrict. */
int bl_daemon_answer_run_start(struct daemon *daemon, struct json_object *request,
			       struct json_object **ret_reply, const char **reterr_message)
{
	return bl_run_answer_start(daemon->runs, request, &daemon->rulesets, ret_reply,
				   reterr_message);
}

int bl_daemon_answer_run_end(struct daemon *daemon, struct json_object *request,
			     struct json_object **ret_reply, const char **reterr_message)
{
	return bl_run_answer_end(daemon->runs, request, daemon->sensor, ret_reply, reterr_message);
}
