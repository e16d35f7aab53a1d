/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs that look at or act on the engine have in common: where it is, and how to answer.
 */
#pragma once

#include <stdbool.h>

#include "enforcer/config.h"
#include "enforcer/exit.h"
#include "enforcer/json.h"

struct bl_engine_options {
	struct bl_config config; /* pin_dir is that of --pin-dir, if given */
	bool is_json;
};

void bl_engine_options_fini(struct bl_engine_options *options);

/*
 * Reads the verb's options and the configuration. A json option is taken only if has_json. Anything
 * but BL_EXIT_OK has been said on stderr and is what the verb returns.
 */
enum bl_exit bl_engine_options_read(int argc, char **argv, bool has_json,
				    struct bl_engine_options *ret_options);

/* The configuration alone; file and pin_dir may be NULL. As above. */
enum bl_exit bl_engine_config(const char *verb, const char *config_file, const char *pin_dir,
			      struct bl_config *ret_config);

/*
 * Asks the daemon, however long it takes; request NULL counts as out of memory. Anything but
 * BL_EXIT_OK has been said.
 */
enum bl_exit bl_engine_ask(const char *verb, const struct bl_config *config,
			   struct json_object *request, struct json_object **ret_reply);

/* Prints the diagnostics of a reply, and says why if it is a refusal. */
enum bl_exit bl_engine_outcome(const char *verb, struct json_object *reply);
/* What to do about an error of using what is pinned; "" if nothing is known. */
const char *bl_cmd_engine_hint(int error);
