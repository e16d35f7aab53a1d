/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's side of "bailiff run": which runs go on, and when one is over. What puts their
 * policies in force is the daemon's, which is told by a callback; starting and ending a run is one
 * step like a reload.
 *
 * The files of the directory are the state (run_file.h): a daemon that starts finds the runs of the
 * one before. Part of the daemon's loop, and logs.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <systemd/sd-event.h>

#include "enforcer/run_file.h"

/* How often runs are looked at; one that is over twice in a row, and not ended, is ended. */
#define BL_RUNS_PERIOD_MS 3000

struct bl_runs;

/* What the daemon does for runs. */
struct bl_runs_handlers {
	/*
	 * Puts the policies in force with those of the runs there are. On failure everything stays
	 * as it was, with *reterr_message (static).
	 */
	int (*apply)(void *context, struct bl_diags *diags, const char **reterr_message);

	/* After it: a run has started or ended. */
	void (*tell)(void *context, const struct bl_run *run, bool is_started);

	/* Whether somebody is held by its policies, in its cgroup or after having left it. */
	bool (*is_held)(void *context, const struct bl_run *run);
};

/*
 * Makes the directory below run_dir if it is not there, and reads the runs in it, also those that
 * are over by now: only the kernel's labels tell. Both strings are borrowed. -EBADMSG, or why one
 * could not be read: it was logged, and nothing of it is known, so that its policies would be lost.
 */
int bl_runs_new(const char *run_dir, const char *cgroup_root, struct bl_runs **ret_runs)
	__attribute__((warn_unused_result));

/*
 * From here on runs can be started, and those that are over are ended by themselves. handlers is
 * borrowed.
 */
int bl_runs_watch(struct bl_runs *runs, sd_event *event, const struct bl_runs_handlers *handlers,
		  void *context) __attribute__((warn_unused_result));

/* Accepts NULL. The files stay. */
void bl_runs_free(struct bl_runs *runs);

/* The directory, valid as long as runs. */
const char *bl_runs_dir(const struct bl_runs *runs);

/* Adds the policies of all runs to those of the daemon. -EINVAL: diags say what is wrong. */
int bl_runs_add_policies(const struct bl_runs *runs, struct bl_diags *diags,
			 struct bl_policies *policies) __attribute__((warn_unused_result));

/* NULL if none of that name goes on. */
const struct bl_run *bl_runs_find(const struct bl_runs *runs, const char *name);

/*
 * Reads the file of that name and puts its policies in force. Whoever wrote it removes it when that
 * fails. -EINVAL: the name or the policies are not valid. -ESTALE: its cgroup is not there, or
 * nobody is in it.
 */
int bl_runs_start(struct bl_runs *runs, const char *name, struct bl_diags *diags,
		  const char **reterr_message) __attribute__((warn_unused_result));

/*
 * Ends a run that is over: takes its policies out and removes its file and what is left of its
 * cgroup. -EBUSY: somebody is held by it, and it goes on. One that is not known: 0.
 */
int bl_runs_end(struct bl_runs *runs, const char *name, const char **reterr_message)
	__attribute__((warn_unused_result));
