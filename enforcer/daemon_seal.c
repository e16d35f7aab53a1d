// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon_parts.h"

#include <errno.h>

#include "enforcer/log.h"
#include "enforcer/util.h"

/* Of action, a word of bailiff-events(5). NULL: out of memory. */
static struct json_object *record_seal(struct daemon *daemon, const char *action, bool is_done)
{
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, "seal");

	if (!record || !bl_json_add_string(record, "action", action) ||
	    !bl_json_add_string(record, "outcome", is_done ? "applied" : "refused") ||
	    !bl_json_add_bool(record, "sealed", bl_seal_is_closed(&daemon->seal))) {
		bl_intake_record(daemon->intake, NULL);
		return NULL;
	}
	bl_intake_record(daemon->intake, json_object_get(record));
	return TAKE(record);
}

static struct json_object *close_seal(struct daemon *daemon)
{
	bl_seal_close(&daemon->seal);
	bl_log(BL_LOG_INFO, "daemon", "sealed%s",
	       daemon->seal.hash ? "" : " until the machine is restarted");
	return record_seal(daemon, "seal", true);
}

void bl_daemon_seal_first(struct daemon *daemon)
{
	daemon->seal = (struct bl_seal){
		.sensor = daemon->sensor,
		.hash = daemon->config.unseal_hash,
	};
	if (daemon->config.is_sealed)
		json_object_put(close_seal(daemon));
}

bool bl_daemon_refuses_stop(struct daemon *daemon, const char *signal)
{
	if (!bl_seal_is_closed(&daemon->seal))
		return false;
	bl_log(BL_LOG_ERROR, "daemon",
	       "%s refused: the engine is sealed, and the daemon stays until 'bailiff unseal' or a restart of the machine",
	       signal);
	json_object_put(record_seal(daemon, "stop", false));
	return true;
}

int bl_daemon_answer_seal(struct daemon *daemon, struct json_object *request,
			  struct json_object **ret_reply, const char **reterr_message)
{
	bl_cleanup_json struct json_object *record = close_seal(daemon);

	if (!record || !bl_json_add_bool(record, "can_be_opened", daemon->seal.hash != NULL))
		return -ENOMEM;
	*ret_reply = TAKE(record);
	return 0;
}

int bl_daemon_answer_unseal(struct daemon *daemon, struct json_object *request,
			    struct json_object **ret_reply, const char **reterr_message)
{
	const char *secret = bl_json_get_string(request, "secret");
	bl_cleanup_json struct json_object *record = NULL;
	const char *refusal = NULL;
	int r;

	if (!secret) {
		*reterr_message = "'unseal' wants a 'secret'";
		return -EINVAL;
	}
	r = bl_seal_open(&daemon->seal, secret, &refusal);
	if (r < 0)
		bl_log(BL_LOG_WARNING, "daemon", "not unsealed: %s", refusal);
	else
		bl_log(BL_LOG_INFO, "daemon", "unsealed");
	record = record_seal(daemon, "unseal", r == 0);
	if (!record || (refusal && !bl_json_add_string(record, "reason", refusal)))
		return -ENOMEM;
	*ret_reply = TAKE(record);
	return 0;
}
