// SPDX-License-Identifier: GPL-2.0-or-later
#include "matcher.h"

#include <assert.h>
#include <stdlib.h>

static int64_t matches_any(void *context, const uint32_t *ids, size_t count)
{
	return count > 0;
}

void matcher_build(const struct bl_glob *globs, size_t count, struct bl_automaton *ret_automaton)
{
	struct bl_pattern *patterns = calloc(count + 1, sizeof(*patterns));
	struct bl_automaton_error error;
	int r;

	assert(patterns);
	for (size_t i = 0; i < count; i++)
		patterns[i] = (struct bl_pattern){.glob = &globs[i], .group = UINT32_MAX};
	r = bl_automaton_build(patterns, count, matches_any, NULL, MATCHER_CELLS_MAX, ret_automaton,
			       &error);
	assert(r == 0);
	free(patterns);
}

uint32_t matcher_meaning(const struct bl_automaton *automaton, const void *key, size_t len)
{
	const uint8_t *bytes = key;
	uint32_t state = automaton->start;

	for (size_t i = 0; i < len; i++) {
		uint32_t at = state + automaton->classes[bytes[i]];
		const struct bl_cell *edge;

		assert(at % 8 == 0 && at / 8 < automaton->cells_count);
		edge = &automaton->cells[at / 8];
		if (edge->owner != state)
			edge = &automaton->cells[state / 8];
		state = edge->next;
	}
	assert(automaton->cells[state / 8].owner & BL_CELL_STATE);
	return automaton->cells[state / 8].owner & ~BL_CELL_STATE;
}
