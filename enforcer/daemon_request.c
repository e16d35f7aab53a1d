// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon_parts.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/bind.h"
#include "enforcer/status.h"
#include "enforcer/util.h"

/* Like a bl_control_handler's, of one request. */
typedef int (*answerer)(struct daemon *daemon, struct json_object *request,
			struct json_object **ret_reply, const char **reterr_message);

static int add_sinks(struct daemon *daemon, struct json_object *object)
{
	struct json_object *array = bl_json_add_array(object, "sinks");
	struct bl_sink *const *sinks;
	size_t count;

	if (!array)
		return -ENOMEM;
	sinks = bl_records_sinks(daemon->records, &count);
	for (size_t i = 0; i < count; i++) {
		struct json_object *sink = json_object_new_object();

		if (!bl_json_append(array, sink) ||
		    !bl_json_add_string(sink, "name", sinks[i]->ops->name) ||
		    !bl_json_add_u64(sink, "written", sinks[i]->written) ||
		    !bl_json_add_u64(sink, "dropped", sinks[i]->dropped))
			return -ENOMEM;
	}
	return 0;
}

static int answer_status(struct daemon *daemon, struct json_object *request,
			 struct json_object **ret_reply, const char **reterr_message)
{
	bl_cleanup_json struct json_object *status = NULL;
	struct json_object *object;
	int r;

	r = bl_status_build(daemon->sensor, daemon->rulesets.current, &daemon->containers, &status);
	if (r == 0)
		r = bl_confirm_describe(daemon, status);
	if (r < 0)
		return r;
	object = bl_json_add_object(status, "daemon");
	if (!object || !bl_json_add_u64(object, "pid", (uint64_t)getpid()) ||
	    !bl_json_add_u64(object, "unwritten", bl_records_unwritten(daemon->records)))
		return -ENOMEM;
	r = add_sinks(daemon, object);
	if (r < 0)
		return r;
	*ret_reply = TAKE(status);
	return 0;
}

static int answer_ps(struct daemon *daemon, struct json_object *request,
		     struct json_object **ret_reply, const char **reterr_message)
{
	return bl_status_build_ps(daemon->sensor, daemon->rulesets.current, &daemon->containers,
				  ret_reply);
}

/* The record of what was done is the answer. If it could not be made, status is to be asked. */
static int reply_with(struct json_object *record, struct json_object **ret_reply,
		      const char **reterr_message)
{
	if (!record) {
		*reterr_message = "out of memory; 'bailiff status' tells what is in force";
		return -ENOMEM;
	}
	*ret_reply = record;
	return 0;
}

static int answer_reload(struct daemon *daemon, struct json_object *request,
			 struct json_object **ret_reply, const char **reterr_message)
{
	struct json_object *within = NULL;
	uint64_t confirm_ms = 0;

	if (json_object_object_get_ex(request, "confirm_within_ms", &within)) {
		confirm_ms = bl_json_get_u64(request, "confirm_within_ms");
		if (confirm_ms < BL_CONFIRM_MS_MIN || confirm_ms > BL_CONFIRM_MS_MAX) {
			*reterr_message =
				"'confirm_within_ms' is not a number from 1000 to 86400000";
			return -EINVAL;
		}
	}
	bl_intake_reopen(daemon->intake);
	return reply_with(bl_daemon_reload(daemon, confirm_ms), ret_reply, reterr_message);
}

static int refuse(const char *cause, const char *reason, struct json_object **ret_reply)
{
	bl_cleanup_json struct json_object *reply = json_object_new_object();

	if (!reply || !bl_json_add_string(reply, "outcome", "refused") ||
	    !bl_json_add_string(reply, "cause", cause) ||
	    !bl_json_add_string(reply, "reason", reason))
		return -ENOMEM;
	*ret_reply = TAKE(reply);
	return 0;
}

static int refuse_none(const struct daemon *daemon, struct json_object **ret_reply)
{
	return refuse(
		"none",
		daemon->confirmation.is_kept
			? "nothing waits to be confirmed; what was in force before has returned"
			: "nothing waits to be confirmed",
		ret_reply);
}

static int answer_confirm(struct daemon *daemon, struct json_object *request,
			  struct json_object **ret_reply, const char **reterr_message)
{
	struct json_object *record = NULL;
	int r;

	if (!daemon->confirmation.kept.is_pending)
		return refuse_none(daemon, ret_reply);
	if (bl_confirm_is_late(daemon))
		return refuse("late", "the time is over; what was in force before returns",
			      ret_reply);
	r = bl_confirm_settle(daemon, &record);
	if (r < 0) {
		*reterr_message =
			"what is kept in state_dir cannot be removed, see the log; the generation in force still waits to be confirmed";
		return r;
	}
	return reply_with(record, ret_reply, reterr_message);
}

static int answer_return(struct daemon *daemon, struct json_object *request,
			 struct json_object **ret_reply, const char **reterr_message)
{
	struct json_object *record = NULL;
	int r;

	if (!daemon->confirmation.kept.is_pending)
		return refuse_none(daemon, ret_reply);
	if (bl_seal_is_closed(&daemon->seal))
		return refuse("sealed", BL_SEAL_REFUSAL, ret_reply);
	r = bl_confirm_return(daemon, "asked", &record, reterr_message);
	return r < 0 ? r : reply_with(record, ret_reply, reterr_message);
}

static int answer_bind(struct daemon *daemon, struct json_object *request,
		       struct json_object **ret_reply, const char **reterr_message)
{
	return bl_bind_answer(daemon->discovery, daemon->rulesets.current, request, ret_reply,
			      reterr_message);
}

static const struct {
	const char *name;
	answerer answer;
} requests[] = {
	{"status", answer_status},
	{"ps", answer_ps},
	{"reload", answer_reload},
	{"confirm", answer_confirm},
	{"return", answer_return},
	{"bind", answer_bind},
	{"run-start", bl_daemon_answer_run_start},
	{"run-end", bl_daemon_answer_run_end},
	{"seal", bl_daemon_answer_seal},
	{"unseal", bl_daemon_answer_unseal},
};

int bl_daemon_answer(void *context, struct json_object *request, struct json_object **ret_reply,
		     const char **reterr_message)
{
	const char *name = bl_json_get_string(request, "request");

	for (size_t i = 0; name && i < BL_ARRAY_LEN(requests); i++)
		if (strcmp(requests[i].name, name) == 0)
			return requests[i].answer(context, request, ret_reply, reterr_message);
	*reterr_message =
		"'request' is none of: status, ps, reload, confirm, return, bind, run-start, run-end, seal, unseal";
	return -EINVAL;
}
