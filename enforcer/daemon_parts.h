/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of the daemon share. Everything runs in its one thread, from its loop.
 *
 *	daemon.c          configuration, start, signals
 *	daemon_reload.c   policies into the kernel
 *	daemon_confirm.c  a generation that returns unless it is confirmed
 *	daemon_seal.c     the seal, and what it makes the daemon refuse
 *	daemon_run.c      commands under policies
 *	daemon_request.c  what the control socket is asked
 */
#pragma once

#include <systemd/sd-event.h>

#include "enforcer/control.h"
#include "enforcer/daemon.h"
#include "enforcer/discovery.h"
#include "enforcer/intake.h"
#include "enforcer/kept.h"
#include "enforcer/records.h"
#include "enforcer/ruleset.h"
#include "enforcer/runs.h"
#include "enforcer/seal.h"
#include "enforcer/sensor.h"

/* A generation that waits to be confirmed, and what is kept to return to. */
struct confirmation {
	int dir_fd;    /* of the state directory; -1: it cannot be had */
	bool has_file; /* there may be one: it could not be removed */
	bool is_kept;  /* kept is what is in force, or what it returns to */
	bool was_kept; /* that was so before the reload that is under way */
	struct bl_kept kept;
	char boot[BL_BOOT_ID_LEN + 1];
	sd_event_source *timer; /* runs while kept.is_pending */
	const char *returned;   /* why the start did not take up what was pending; NULL: it did */
};

struct daemon {
	const struct bl_daemon_options *options;
	struct bl_config config;
	char *cgroup_root;
	int lock_fd;
	sd_event *event;
	struct bl_sensor *sensor;
	bool is_adopted;
	struct bl_rulesets rulesets;
	struct bl_tables tables; /* of the current ruleset */
	struct bl_containers containers;
	struct bl_binder binder; /* of what is in force */
	char *own_cgroup;        /* NULL: not known */
	struct bl_discovery *discovery;
	char *store; /* what discovery keeps */
	struct confirmation confirmation;
	struct bl_records *records;
	struct bl_intake *intake;
	struct bl_control *control;
	struct bl_exe_reader *exe_reader; /* NULL: without a sandbox */
	struct bl_seal seal;              /* opened and closed once everything is in force */
	struct bl_runs *runs;
};

/* --- daemon.c --- */

int bl_daemon_read_config(const struct bl_daemon_options *options, struct bl_diags *diags,
			  struct bl_config *ret_config) __attribute__((warn_unused_result));

/* What of fresh can be taken over without a restart; says if more changed. */
void bl_daemon_adopt_config(struct daemon *daemon, struct bl_config *fresh);

/* --- daemon_reload.c --- */

void bl_daemon_log_diags(const char *subsystem, const struct bl_diags *diags);

/* A record of kind that says what is in force. NULL: out of memory. */
struct json_object *bl_daemon_new_record(struct daemon *daemon, const char *kind);

/*
 * Of what the configuration names, or of set if that is not NULL; with what runs have. Logs and
 * collects diagnostics.
 */
int bl_daemon_load(const struct daemon *daemon, const struct bl_config *config,
		   const struct bl_kept_set *set, struct bl_diags *diags,
		   struct bl_ruleset **ret_ruleset) __attribute__((warn_unused_result));

/* Takes ruleset over on success. Logs and collects what diags say of a failure. */
int bl_daemon_apply(struct daemon *daemon, struct bl_ruleset *ruleset, struct bl_diags *diags,
		    size_t *ret_containers, const char **reterr_message)
	__attribute__((warn_unused_result));

/*
 * Reads everything again. confirm_ms 0: for good. Returns the record of what came of it, which has
 * been written; NULL: out of memory.
 */
struct json_object *bl_daemon_reload(struct daemon *daemon, uint64_t confirm_ms);

void bl_daemon_free_ruleset(struct bl_ruleset **ruleset);

/* --- daemon_confirm.c --- */

/* Opens the state directory and reads what is kept there. Has logged what failed. */
int bl_confirm_open(struct daemon *daemon) __attribute__((warn_unused_result));
void bl_confirm_fini(struct daemon *daemon);

/* What a start puts in force: what is kept, or what the configuration names. */
int bl_confirm_load_first(struct daemon *daemon, struct bl_diags *diags,
			  struct bl_ruleset **ret_ruleset) __attribute__((warn_unused_result));

/* After it is in force, and the start is recorded: goes on counting, or records the return. */
int bl_confirm_resume(struct daemon *daemon) __attribute__((warn_unused_result));

/*
 * In this order around a reload with confirmation: what is in force is kept before anything else
 * is looked at, what is to be confirmed before it is put in force. After a failure abandon.
 */
int bl_confirm_keep(struct daemon *daemon) __attribute__((warn_unused_result));
int bl_confirm_begin(struct daemon *daemon, const struct bl_ruleset *ruleset, uint64_t confirm_ms)
	__attribute__((warn_unused_result));
void bl_confirm_announce(const struct daemon *daemon);
void bl_confirm_abandon(struct daemon *daemon);

/* After a reload without: nothing is kept any more. */
void bl_confirm_forget(struct daemon *daemon);

/* The time is over, though the timer has not come yet. */
bool bl_confirm_is_late(const struct daemon *daemon);

/* Makes what is pending permanent. *ret_record has been written, and may be NULL. */
int bl_confirm_settle(struct daemon *daemon, struct json_object **ret_record)
	__attribute__((warn_unused_result));

/*
 * Puts what is kept in force again; reason is a word of bailiff-events(5). On failure what is in
 * force stays and goes on waiting.
 */
int bl_confirm_return(struct daemon *daemon, const char *reason, struct json_object **ret_record,
		      const char **reterr_message) __attribute__((warn_unused_result));

/* Adds to what status and the record of the start tell. */
int bl_confirm_describe(const struct daemon *daemon, struct json_object *object)
	__attribute__((warn_unused_result));

/* --- daemon_seal.c --- */

/* At the end of the start: the seal, closed if the configuration says so. */
void bl_daemon_seal_first(struct daemon *daemon);

/* Whether the daemon goes on in spite of the signal; has said and recorded so. */
bool bl_daemon_refuses_stop(struct daemon *daemon, const char *signal);

/* Like a bl_control_handler's, of the requests "seal" and "unseal". */
int bl_daemon_answer_seal(struct daemon *daemon, struct json_object *request,
			  struct json_object **ret_reply, const char **reterr_message)
	__attribute__((warn_unused_result));
int bl_daemon_answer_unseal(struct daemon *daemon, struct json_object *request,
			    struct json_object **ret_reply, const char **reterr_message)
	__attribute__((warn_unused_result));

/* --- daemon_run.c --- */

/* Finds the runs that go on: before any policies are loaded, which have to hold with theirs. */
int bl_daemon_find_runs(struct daemon *daemon) __attribute__((warn_unused_result));

/* Once everything is in force: lets runs start, and ends those that are over. Has logged errors. */
int bl_daemon_watch_runs(struct daemon *daemon) __attribute__((warn_unused_result));

/* Like a bl_control_handler's, of the requests "run-start" and "run-end". */
int bl_daemon_answer_run_start(struct daemon *daemon, struct json_object *request,
			       struct json_object **ret_reply, const char **reterr_message)
	__attribute__((warn_unused_result));
int bl_daemon_answer_run_end(struct daemon *daemon, struct json_object *request,
			     struct json_object **ret_reply, const char **reterr_message)
	__attribute__((warn_unused_result));

/* --- daemon_request.c --- */

/* A bl_control_handler; context is the daemon. */
int bl_daemon_answer(void *context, struct json_object *request, struct json_object **ret_reply,
		     const char **reterr_message) __attribute__((warn_unused_result));
