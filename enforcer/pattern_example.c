// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/pattern_example.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

/* What of a path has been read. */
enum place {
	PLACE_START,
	PLACE_ROOT,  /* "/" */
	PLACE_SLASH, /* a '/' that is not the first byte */
	PLACE_DOT,   /* a component that is "." so far */
	PLACE_DOT_DOT,
	PLACE_COMPONENT,
	PLACE_COUNT,
	PLACE_NOWHERE = PLACE_COUNT, /* no path goes on like this */
};

static enum place step(enum place place, unsigned char byte)
{
	bool is_dot = byte == '.';

	switch (place) {
	case PLACE_START:
		return byte == '/' ? PLACE_ROOT : PLACE_NOWHERE;
	case PLACE_ROOT:
	case PLACE_SLASH:
		return byte == '/' ? PLACE_NOWHERE : is_dot ? PLACE_DOT : PLACE_COMPONENT;
	case PLACE_DOT:
		return byte == '/' ? PLACE_NOWHERE : is_dot ? PLACE_DOT_DOT : PLACE_COMPONENT;
	case PLACE_DOT_DOT:
		return byte == '/' ? PLACE_NOWHERE : PLACE_COMPONENT;
	case PLACE_COMPONENT:
		return byte == '/' ? PLACE_SLASH : PLACE_COMPONENT;
	case PLACE_COUNT:
		break;
	}
	return PLACE_NOWHERE;
}

static bool is_end(enum place place)
{
	return place == PLACE_ROOT || place == PLACE_COMPONENT;
}

/* One byte for all those that lead the same way, a letter if there is one. 0: none. */
static unsigned char pick_byte(const struct bl_byteset *set)
{
	static const unsigned char ranges[][2] = {
		{'x', 'x'}, {'a', 'z'}, {'A', 'Z'}, {'0', '9'}, {1, 255}};

	for (size_t i = 0; i < BL_ARRAY_LEN(ranges); i++) {
		for (unsigned byte = ranges[i][0]; byte <= ranges[i][1]; byte++) {
			if (byte != '/' && byte != '.' && bl_byteset_has(set, (uint8_t)byte))
				return (unsigned char)byte;
		}
	}
	return 0;
}

/*
 * A breadth-first search over pairs of a node and a place; a pair's number is node * PLACE_COUNT +
 * place.
 */
struct search {
	const struct bl_glob *glob;
	bool is_name;
	uint32_t *queue;
	size_t queue_head;
	size_t queue_count;
	uint32_t *parents;    /* number + 1 of the pair before; 0: not reached */
	unsigned char *bytes; /* read on the way from there; 0: none */
};

#define FROM_NOWHERE UINT32_MAX

static void reach(struct search *search, uint32_t node, enum place place, uint32_t from,
		  unsigned char byte)
{
	uint32_t pair;

	if (place == PLACE_NOWHERE)
		return;
	pair = node * PLACE_COUNT + place;
	if (search->parents[pair])
		return;
	search->parents[pair] = from == FROM_NOWHERE ? FROM_NOWHERE : from + 1;
	search->bytes[pair] = byte;
	search->queue[search->queue_count++] = pair;
}

static void reach_by_set(struct search *search, const struct bl_byteset *set, uint32_t node,
			 enum place place, uint32_t from)
{
	const unsigned char candidates[] = {pick_byte(set), '.', '/'};

	for (size_t i = 0; i < BL_ARRAY_LEN(candidates); i++) {
		unsigned char byte = candidates[i];

		if (byte && bl_byteset_has(set, byte))
			reach(search, node, search->is_name ? place : step(place, byte), from,
			      byte);
	}
}

/* The pair in which the pattern ends with a whole path, or FROM_NOWHERE. */
static uint32_t search_end(struct search *search)
{
	reach(search, 0, search->is_name ? PLACE_COMPONENT : PLACE_START, FROM_NOWHERE, 0);

	while (search->queue_head < search->queue_count) {
		uint32_t pair = search->queue[search->queue_head++];
		const struct bl_node *node = &search->glob->nodes[pair / PLACE_COUNT];
		enum place place = (enum place)(pair % PLACE_COUNT);

		switch (node->op) {
		case BL_NODE_BYTES:
			reach_by_set(search, &node->set, node->next, place, pair);
			break;
		case BL_NODE_LOOP:
			reach(search, node->next, place, pair, 0);
			reach_by_set(search, &node->set, pair / PLACE_COUNT, place, pair);
			break;
		case BL_NODE_SPLIT:
			reach(search, node->next, place, pair, 0);
			reach(search, node->other, place, pair, 0);
			break;
		case BL_NODE_MATCH:
			if (is_end(place))
				return pair;
			break;
		}
	}
	return FROM_NOWHERE;
}

static int write_example(const struct search *search, uint32_t pair, char *ret_example, size_t size)
{
	size_t len = 0, at;

	for (uint32_t p = pair; search->parents[p] != FROM_NOWHERE; p = search->parents[p] - 1)
		len += search->bytes[p] != 0;
	if (len >= size)
		return -ENOBUFS;

	at = len;
	ret_example[len] = '\0';
	for (uint32_t p = pair; at; p = search->parents[p] - 1) {
		if (search->bytes[p])
			ret_example[--at] = (char)search->bytes[p];
	}
	return 0;
}

int bl_pattern_example(const struct bl_glob *glob, bool is_name, char *ret_example, size_t size)
{
	size_t pairs = glob->count * PLACE_COUNT;
	bl_cleanup_free uint32_t *queue = calloc(pairs, sizeof(*queue));
	bl_cleanup_free uint32_t *parents = calloc(pairs, sizeof(*parents));
	bl_cleanup_free unsigned char *bytes = calloc(pairs, 1);
	struct search search = {
		.glob = glob,
		.is_name = is_name,
		.queue = queue,
		.parents = parents,
		.bytes = bytes,
	};
	uint32_t pair;

	if (!queue || !parents || !bytes)
		return -ENOMEM;

	pair = search_end(&search);
	if (pair == FROM_NOWHERE)
		return -ENOENT;
	return write_example(&search, pair, ret_example, size);
}
