// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/daemon_parts.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <systemd/sd-daemon.h>

#include "enforcer/apply.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/util.h"

void bl_daemon_free_ruleset(struct bl_ruleset **ruleset)
{
	bl_ruleset_free(*ruleset);
}

static uint64_t monotonic_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void bl_daemon_log_diags(const char *subsystem, const struct bl_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct bl_diag *diag = &diags->items[i];
		enum bl_log_level level =
			diag->severity == BL_SEVERITY_ERROR ? BL_LOG_ERROR : BL_LOG_WARNING;

		if (diag->line == 0)
			bl_log(level, subsystem, "%s: %s", diag->file, diag->message);
		else if (diag->column == 0)
			bl_log(level, subsystem, "%s:%u: %s", diag->file, diag->line,
			       diag->message);
		else
			bl_log(level, subsystem, "%s:%u:%u: %s", diag->file, diag->line,
			       diag->column, diag->message);
	}
}

/* --- records --- */

struct json_object *bl_daemon_new_record(struct daemon *daemon, const char *kind)
{
	const struct bl_ruleset *current = daemon->rulesets.current;
	bl_cleanup_json struct json_object *record = bl_records_new_engine(daemon->records, kind);

	if (!record || !bl_json_add_u64(record, "generation", current->number) ||
	    !bl_json_add_bool(record, "audit_forced", current->is_audit_forced) ||
	    !bl_json_add_u64(record, "policies", current->policies.count) ||
	    !bl_json_add_u64(record, "rules", bl_ruleset_rules_count(current)))
		return NULL;
	return TAKE(record);
}

/* --- policies into the kernel --- */

int bl_daemon_load(const struct daemon *daemon, const struct bl_config *config,
		   const struct bl_kept_set *set, struct bl_diags *diags,
		   struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = NULL;
	const char *config_file = daemon->options->config_file;
	struct bl_ruleset_source source = {
		.node = daemon->config.node,
		.own_cgroup = daemon->own_cgroup,
		.config_file = config_file ? config_file : BL_CONFIG_FILE,
		.runs = daemon->runs,
	};
	int r;

	if (set) {
		source.texts = &set->texts;
		source.container_default = &set->container_default;
		source.is_audit_forced = set->is_audit_forced;
	} else {
		source.paths = (const char *const *)config->policies;
		source.paths_count = config->policies_count;
		source.container_default = &config->container_default;
		source.is_audit_forced = config->is_audit_forced;
	}
	r = bl_ruleset_load(&source, diags, &ruleset);
	if (r == 0)
		r = bl_probe_check_policies(&ruleset->policies, BL_SEVERITY_ERROR, diags);
	bl_daemon_log_diags("policy", diags);
	if (r < 0)
		return r;
	if (diags->errors > 0)
		return -EINVAL;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

static int apply(const struct bl_binder *binder, struct bl_diags *diags,
		 struct bl_applied *ret_applied, const char **reterr_message)
{
	size_t before = diags->count;
	int r = bl_apply(binder, diags, ret_applied, reterr_message);

	if (r < 0)
		bl_daemon_log_diags("policy", &(struct bl_diags){
						      .items = diags->items + before,
						      .count = diags->count - before,
					      });
	return r;
}

int bl_daemon_apply(struct daemon *daemon, struct bl_ruleset *ruleset, struct bl_diags *diags,
		    size_t *ret_containers, const char **reterr_message)
{
	bl_cleanup(bl_tables_fini) struct bl_tables tables = BL_TABLES_NONE;
	struct bl_binder binder = {
		.sensor = daemon->sensor,
		.cgroup_root = daemon->cgroup_root,
		.containers = &daemon->containers,
		.ruleset = ruleset,
		.tables = &tables,
	};
	struct bl_applied applied;
	int r = apply(&binder, diags, &applied, reterr_message);

	if (r < 0)
		return r;
	if (applied.cleanup_error < 0)
		bl_log(BL_LOG_WARNING, "policy",
		       "the memory of the generation before could not all be freed: %s, ignoring",
		       strerror(-applied.cleanup_error));

	ruleset->number = applied.generation;
	bl_rulesets_push(&daemon->rulesets, ruleset);
	bl_tables_fini(&daemon->tables);
	daemon->tables = tables;
	tables = BL_TABLES_NONE;
	daemon->binder = binder;
	daemon->binder.tables = &daemon->tables;
	bl_log(BL_LOG_INFO, "policy",
	       "generation %" PRIu64 " in force: %zu policies, %zu rules, %zu containers%s",
	       ruleset->number, ruleset->policies.count, bl_ruleset_rules_count(ruleset),
	       applied.containers,
	       ruleset->is_audit_forced ? "; audit only, nothing is denied" : "");
	sd_notifyf(0, "STATUS=generation %" PRIu64 " in force: %zu policies, %zu containers",
		   ruleset->number, ruleset->policies.count, applied.containers);
	*ret_containers = applied.containers;
	return 0;
}

/* --- reload --- */

struct reloading {
	struct bl_diags diags;
	uint64_t confirm_ms; /* 0: for good */
	size_t containers;
	const char *refusal; /* why what was in force stays; NULL: it does not */
	const char *cause;   /* the same as a word of bailiff-events(5) */
	int error;
};

static void fini_reloading(struct reloading *reloading)
{
	bl_diags_fini(&reloading->diags);
}

static int refuse(struct reloading *reloading, const char *cause, const char *refusal, int error)
{
	reloading->cause = cause;
	reloading->refusal = refusal;
	reloading->error = error;
	return error;
}

#define REASON_MAX 512

/* With the kernel's reason, where none of ours says more. Returns buffer. */
static const char *explain(const struct reloading *reloading, char buffer[REASON_MAX])
{
	bool is_explained = reloading->diags.errors > 0 || !strcmp(reloading->cause, "pending") ||
			    !strcmp(reloading->cause, "sealed");

	snprintf(buffer, REASON_MAX, "%s%s%s", reloading->refusal, is_explained ? "" : ": ",
		 is_explained ? "" : strerror(-reloading->error));
	return buffer;
}

static bool add_outcome(struct json_object *record, const struct reloading *reloading)
{
	const char *refusal = reloading->refusal;
	char reason[REASON_MAX];

	if (!bl_json_add_u64(record, "containers", reloading->containers) ||
	    !bl_json_add_string(record, "outcome", refusal ? "refused" : "applied"))
		return false;
	if (refusal && (!bl_json_add_string(record, "reason", explain(reloading, reason)) ||
			!bl_json_add_string(record, "cause", reloading->cause)))
		return false;
	if (!refusal && reloading->confirm_ms > 0 &&
	    !bl_json_add_u64(record, "confirm_within_ms", reloading->confirm_ms))
		return false;
	return bl_records_add_diags(record, &reloading->diags);
}

static struct json_object *record_reload(struct daemon *daemon, const struct reloading *reloading)
{
	bl_cleanup_json struct json_object *record = bl_daemon_new_record(daemon, "reload");

	if (!record || !add_outcome(record, reloading)) {
		bl_intake_record(daemon->intake, NULL);
		return NULL;
	}
	bl_intake_record(daemon->intake, json_object_get(record));
	return TAKE(record);
}

static int read_policies(const struct daemon *daemon, const struct bl_config *config,
			 struct reloading *reloading, struct bl_ruleset **ret_ruleset)
{
	int r = bl_daemon_load(daemon, config, NULL, &reloading->diags, ret_ruleset);

	if (r == -EACCES && daemon->config.is_sandboxed)
		return refuse(
			reloading, "invalid",
			"the policies cannot be read; the daemon's sandbox allows the places that were configured when it started: restart it for others",
			r);
	return r < 0 ? refuse(reloading, r == -ENOMEM ? "machine" : "invalid",
			      "the policies are not valid", r)
		     : 0;
}

/* What was in force before is kept, if it may have to return. */
static int replace(struct daemon *daemon, const struct bl_config *config,
		   struct reloading *reloading)
{
	bl_cleanup(bl_daemon_free_ruleset) struct bl_ruleset *ruleset = NULL;
	const char *message = NULL;
	int r;

	r = read_policies(daemon, config, reloading, &ruleset);
	if (r < 0)
		return r;
	if (reloading->confirm_ms > 0) {
		r = bl_confirm_begin(daemon, ruleset, reloading->confirm_ms);
		if (r < 0)
			return refuse(reloading, "machine",
				      "what is to be confirmed cannot be kept in state_dir", r);
	}
	r = bl_daemon_apply(daemon, ruleset, &reloading->diags, &reloading->containers, &message);
	if (r < 0)
		return refuse(reloading,
			      r == -E2BIG || r == -ENOSPC || reloading->diags.errors > 0
				      ? "invalid"
				      : "machine",
			      message, r);
	ruleset = NULL;
	return 0;
}

static int try_reload(struct daemon *daemon, struct reloading *reloading)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	int r;

	/* Whoever can write a policy could take everything out of it. */
	if (bl_seal_is_closed(&daemon->seal))
		return refuse(reloading, "sealed", BL_SEAL_REFUSAL, -EPERM);
	if (daemon->confirmation.kept.is_pending)
		return refuse(
			reloading, "pending",
			"the generation in force waits to be confirmed; before a reload, 'bailiff confirm' keeps it or 'bailiff confirm --return' ends it",
			-EBUSY);
	r = bl_daemon_read_config(daemon->options, &reloading->diags, &config);
	if (r < 0) {
		bl_daemon_log_diags("config", &reloading->diags);
		return refuse(reloading, r == -ENOMEM ? "machine" : "invalid",
			      "the configuration is not valid", r);
	}
	if (reloading->confirm_ms > 0) {
		r = bl_confirm_keep(daemon);
		if (r < 0)
			return refuse(reloading, "machine",
				      "what is in force cannot be kept in state_dir", r);
	}
	r = replace(daemon, &config, reloading);
	if (r == 0)
		bl_daemon_adopt_config(daemon, &config);
	else if (reloading->confirm_ms > 0)
		bl_confirm_abandon(daemon);
	return r;
}

static void log_refusal(const struct daemon *daemon, const struct reloading *reloading)
{
	char reason[REASON_MAX];

	bl_log(BL_LOG_ERROR, "policy", "reload refused, generation %" PRIu64 " stays in force: %s",
	       daemon->rulesets.current->number, explain(reloading, reason));
}

struct json_object *bl_daemon_reload(struct daemon *daemon, uint64_t confirm_ms)
{
	bl_cleanup(fini_reloading) struct reloading reloading = {.confirm_ms = confirm_ms};
	struct json_object *record;

	sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%" PRIu64, monotonic_us());
	if (try_reload(daemon, &reloading) < 0)
		log_refusal(daemon, &reloading);
	else if (confirm_ms > 0)
		bl_confirm_announce(daemon);
	else
		bl_confirm_forget(daemon);
	record = record_reload(daemon, &reloading);
	sd_notify(0, "READY=1");
	return record;
}
