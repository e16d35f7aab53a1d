/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * INI text with positions: inih, fed by a reader that knows where it is.
 *
 * inih splits long lines silently, takes an indented line as more of the value above, accepts ':'
 * for '=' and ignores what follows a section header. Here all of that is a diagnostic with line and
 * column. Knows nothing of policies: policies, policy tests and the daemon's configuration are read
 * through it.
 */
#pragma once

#include <stddef.h>

#include "enforcer/policy.h"

/* Longest line in bytes, without its line end: inih's buffer of 200 less "\r\n" and NUL. */
#define BL_INI_LINE_MAX 197

struct bl_ini_item {
	const char *key;
	const char *value; /* may be empty; without comment and surrounding blanks */
	unsigned line;
	unsigned key_column;
	unsigned value_column;
};

/*
 * Both return 0 or a negative errno that ends the reading. What they are given is valid during the
 * call only.
 */
struct bl_ini_handler {
	int (*section)(void *context, const char *name, struct bl_source source);
	int (*item)(void *context, const struct bl_ini_item *item);
};

/*
 * Calls the handler for every well-formed line in order and adds a diagnostic for every other one.
 * 0, or what the handler returned. Items under a malformed header are passed over; items before the
 * first header are an error.
 */
int bl_ini_read(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		const struct bl_ini_handler *handler, void *context)
	__attribute__((warn_unused_result));
