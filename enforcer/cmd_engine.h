/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the verbs that look at or act on the engine have in common: where it is, and how to answer.
 */
#pragma once

#include <stdbool.h>

#include "enforcer/config.h"
#include "enforcer/exit.h"

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

/* What to do about an error of using what is pinned; "" if nothing is known. */
const char *bl_cmd_engine_hint(int error);
