/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon has to know of a "bailiff run": a file in the directory of runs, written by the
 * command line before it asks for the policies to be put in force, and read by every daemon that
 * puts policies in force while the run goes on. Policies are in it as text: the daemon's sandbox
 * reaches the file and not those it was made from, and the run keeps what it began with.
 *
 * A run is over when nobody is in its cgroup any more, nor has come out of it: that, and nothing
 * the command line does or fails to do, ends its policies.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy.h"

/* Below the daemon's run_dir. */
#define BL_RUNS_DIR "runs"

/* All policies of a run together. */
#define BL_RUN_TEXT_MAX BL_POLICY_BYTES_MAX

struct bl_run_text {
	char *file; /* where the policy stands, as records and messages name it */
	char *text;
	size_t len;
};

struct bl_run {
	char *name;   /* of the file, and the last component of the cgroup */
	char *cgroup; /* path from the root of the hierarchy */
	uint64_t cgroup_id;
	bool is_audit; /* whatever the policies' modes are */
	struct bl_run_text *texts;
	size_t texts_count;
};

void bl_run_fini(struct bl_run *run);

/* Appends copies. -ENOMEM. */
int bl_run_add_text(struct bl_run *run, const char *file, const char *text, size_t len)
	__attribute__((warn_unused_result));

/* Whether it could be the name of a run: what the daemon is asked with goes into a path. */
bool bl_run_is_name(const char *name);

/* In one step: nobody sees half of it. -EFBIG: more than BL_RUN_TEXT_MAX. */
int bl_run_write(const struct bl_run *run, const char *dir) __attribute__((warn_unused_result));

/* -EBADMSG: it is not what bl_run_write() made. */
int bl_run_read(const char *dir, const char *name, struct bl_run *ret_run)
	__attribute__((warn_unused_result));

/* No file: 0. */
int bl_run_remove(const char *dir, const char *name) __attribute__((warn_unused_result));

/*
 * Adds the run's policies, under names of their own, "<policy>@<run>", selecting the run's cgroup.
 * A policy in the daemon's directory may be the same file. -EINVAL: diags say what is wrong.
 */
int bl_run_add_policies(const struct bl_run *run, struct bl_diags *diags,
			struct bl_policies *policies) __attribute__((warn_unused_result));
