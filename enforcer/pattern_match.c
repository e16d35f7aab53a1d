// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/pattern_match.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "enforcer/util.h"

/* The nodes one may stand at, each once. */
struct nodes {
	uint32_t *items;
	size_t count;
	bool *is_in;
};

static void add(struct nodes *nodes, uint32_t node)
{
	if (nodes->is_in[node])
		return;
	nodes->is_in[node] = true;
	nodes->items[nodes->count++] = node;
}

static void clear(struct nodes *nodes)
{
	for (size_t i = 0; i < nodes->count; i++)
		nodes->is_in[nodes->items[i]] = false;
	nodes->count = 0;
}

/* Adds what is reached without a byte. Returns whether the end is. */
static bool close_over(const struct bl_glob *glob, struct nodes *nodes)
{
	bool is_end = false;

	for (size_t i = 0; i < nodes->count; i++) {
		const struct bl_node *node = &glob->nodes[nodes->items[i]];

		switch (node->op) {
		case BL_NODE_BYTES:
			break;
		case BL_NODE_LOOP:
			add(nodes, node->next);
			break;
		case BL_NODE_SPLIT:
			add(nodes, node->next);
			add(nodes, node->other);
			break;
		case BL_NODE_MATCH:
			is_end = true;
			break;
		}
	}
	return is_end;
}

static void step(const struct bl_glob *glob, const struct nodes *from, uint8_t byte,
		 struct nodes *to)
{
	for (size_t i = 0; i < from->count; i++) {
		uint32_t at = from->items[i];
		const struct bl_node *node = &glob->nodes[at];

		if (node->op == BL_NODE_BYTES && bl_byteset_has(&node->set, byte))
			add(to, node->next);
		else if (node->op == BL_NODE_LOOP && bl_byteset_has(&node->set, byte))
			add(to, at);
	}
}

int bl_pattern_match(const struct bl_glob *glob, const char *bytes, size_t len, bool *ret_is_match)
{
	bl_cleanup_free uint32_t *items = calloc(glob->count * 2, sizeof(*items));
	bl_cleanup_free bool *is_in = calloc(glob->count * 2, sizeof(*is_in));
	struct nodes at = {.items = items, .is_in = is_in};
	struct nodes next = {.items = items + glob->count, .is_in = is_in + glob->count};
	bool is_end;

	if (!items || !is_in)
		return -ENOMEM;

	add(&at, 0);
	is_end = close_over(glob, &at);
	for (size_t i = 0; i < len; i++) {
		struct nodes emptied;

		step(glob, &at, (uint8_t)bytes[i], &next);
		clear(&at);
		emptied = at;
		at = next;
		next = emptied;
		is_end = close_over(glob, &at);
	}
	*ret_is_match = is_end;
	return 0;
}
