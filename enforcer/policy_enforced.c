// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the language has and the daemon does not enforce. It is refused by name, never accepted
 * and ignored: who writes a rule relies on it. Giving something effect deletes its row.
 */
#include "enforcer/policy_parse.h"

#include <string.h>

#include "enforcer/util.h"

/* How messages name an element: its word between these two. */
static const struct {
	const char *before;
	const char *after;
} frames[] = {
	[BL_ELEMENT_SECTION] = {"section [", "]"},
};
_Static_assert(BL_ARRAY_LEN(frames) == BL_ELEMENT_COUNT, "a frame for every element");

/* clang-format off */
static const struct {
	enum bl_element element;
	const char *word;
	const char *reason;
} rows[] = {
	{BL_ELEMENT_SECTION, "syscall", "has effect in 'bailiff run' only: leave it out, or check it with 'bailiff check --run'"},
};
/* clang-format on */

void bl_parser_refuse_unenforced(struct bl_parser *parser, enum bl_element element,
				 const char *word, unsigned line, unsigned column)
{
	if (parser->is_whole_language)
		return;

	for (size_t i = 0; i < BL_ARRAY_LEN(rows); i++) {
		if (rows[i].element != element || strcmp(rows[i].word, word) != 0)
			continue;

		bl_parser_error(parser, line, column, "%s%s%s %s", frames[element].before, word,
				frames[element].after, rows[i].reason);
		return;
	}
}
