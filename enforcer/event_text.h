/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record as one line for people. Takes any JSON object, whoever wrote it: what is absent is left
 * out.
 */
#pragma once

#include <stdbool.h>

#include "enforcer/json.h"

/* Without newline, safe for a terminal. NULL: out of memory. Freed with free(). */
char *bl_event_text(struct json_object *record, bool is_colored)
	__attribute__((warn_unused_result));
