// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void bl_pool_fini(struct bl_pool *pool)
{
	free(pool->bytes);
	bl_index_fini(&pool->index);
	*pool = (struct bl_pool){0};
}

int bl_pool_intern(struct bl_pool *pool, const void *blob, size_t bytes, uint32_t *ret_offset)
{
	uint64_t hash = bytes;
	uint32_t found;
	size_t at;
	int r;

	for (size_t i = 0; i < bytes; i += sizeof(uint64_t)) {
		uint64_t word;

		memcpy(&word, (const uint8_t *)blob + i, sizeof(word));
		hash = bl_hash_add(hash, word);
	}
	at = bl_index_first(&pool->index, hash);
	while ((found = bl_index_next(&pool->index, hash, &at)) != BL_INDEX_NONE)
		if (found + bytes <= pool->size && !memcmp(pool->bytes + found, blob, bytes)) {
			*ret_offset = found;
			return 0;
		}

	if (pool->size + bytes >= BL_CELL_STATE)
		return -E2BIG;
	r = bl_grow(&pool->bytes, &pool->capacity, pool->size + bytes);
	if (r < 0)
		return r;
	r = bl_index_add(&pool->index, hash, (uint32_t)pool->size);
	if (r < 0)
		return r;
	memcpy(pool->bytes + pool->size, blob, bytes);
	*ret_offset = (uint32_t)pool->size;
	pool->size += bytes;
	return 0;
}

void bl_meanings_fini(struct bl_meanings *meanings)
{
	bl_pool_fini(&meanings->accepts);
	bl_pool_fini(&meanings->beyonds);
	bl_pool_fini(&meanings->decisions);
	bl_pool_fini(&meanings->choices);
	bl_pool_fini(&meanings->keys);
}

size_t bl_meanings_bytes(const struct bl_meanings *meanings)
{
	return meanings->accepts.size + meanings->beyonds.size + meanings->decisions.size +
	       meanings->choices.size + meanings->keys.size;
}

size_t bl_table_cells_max(size_t meanings_bytes)
{
	size_t taken = sizeof(struct bl_table_header) + meanings_bytes;

	return taken < BL_TABLE_MAX ? (BL_TABLE_MAX - taken) / sizeof(struct bl_cell) : 0;
}

/* Where each pool begins in the table. */
struct layout {
	uint32_t cells;
	uint32_t accepts;
	uint32_t beyonds;
	uint32_t decisions;
	uint32_t choices;
	uint32_t keys;
};

static void write_cells(uint8_t *table, const struct layout *layout,
			const struct bl_automaton *automaton)
{
	struct bl_cell *cells = (struct bl_cell *)(void *)(table + layout->cells);

	for (size_t i = 0; i < automaton->cells_count; i++) {
		const struct bl_cell *cell = &automaton->cells[i];

		if (cell->owner == BL_CELL_FREE) {
			cells[i] = *cell;
			continue;
		}
		cells[i].next = layout->cells + cell->next;
		if (cell->owner & BL_CELL_STATE)
			cells[i].owner =
				BL_CELL_STATE | (layout->accepts +
						 (cell->owner & ~BL_CELL_STATE) * BL_ACCEPT_BYTES);
		else
			cells[i].owner = layout->cells + cell->owner;
	}
}

static void write_decisions(uint8_t *table, const struct layout *layout,
			    const struct bl_meanings *meanings)
{
	struct bl_accept *accepts = (struct bl_accept *)(void *)(table + layout->accepts);
	struct bl_decision *decisions = (struct bl_decision *)(void *)(table + layout->decisions);
	struct bl_choice *choices = (struct bl_choice *)(void *)(table + layout->choices);

	memcpy(table + layout->beyonds, meanings->beyonds.bytes, meanings->beyonds.size);
	memcpy(decisions, meanings->decisions.bytes, meanings->decisions.size);
	if (meanings->choices.size)
		memcpy(choices, meanings->choices.bytes, meanings->choices.size);
	if (meanings->keys.size)
		memcpy(table + layout->keys, meanings->keys.bytes, meanings->keys.size);

	for (size_t i = 0; i < meanings->accepts.size / sizeof(*accepts); i++) {
		for (size_t section = 0; section < BL_SECTION_COUNT; section++)
			accepts[i].decisions[section] += layout->decisions;
		accepts[i].beyond += layout->beyonds;
	}
	for (size_t i = 0; i < meanings->decisions.size / sizeof(*decisions); i++) {
		if (decisions[i].flags & BL_DECISION_LIST)
			decisions[i].rule += layout->choices;
		else if (decisions[i].rule == BL_RULE_NONE)
			decisions[i].rule = 0;
		else
			decisions[i].rule += layout->keys;
	}
	for (size_t i = 0; i < meanings->choices.size / sizeof(*choices); i++)
		choices[i].rule =
			choices[i].rule == BL_RULE_NONE ? 0 : choices[i].rule + layout->keys;
}

int bl_table_write(const struct bl_automaton *automaton, const struct bl_meanings *meanings,
		   bool is_selector, struct bl_table *ret_table)
{
	size_t cells_bytes = automaton->cells_count * sizeof(struct bl_cell);
	struct bl_table table = {.size = sizeof(struct bl_table_header) + cells_bytes +
					 bl_meanings_bytes(meanings)};
	struct bl_table_header *header;
	struct layout layout;

	if (table.size > BL_TABLE_MAX)
		return -E2BIG;
	table.bytes = calloc(1, table.size);
	if (!table.bytes)
		return -ENOMEM;

	layout.cells = sizeof(*header);
	layout.accepts = layout.cells + (uint32_t)cells_bytes;
	layout.beyonds = layout.accepts + (uint32_t)meanings->accepts.size;
	layout.decisions = layout.beyonds + (uint32_t)meanings->beyonds.size;
	layout.choices = layout.decisions + (uint32_t)meanings->decisions.size;
	layout.keys = layout.choices + (uint32_t)meanings->choices.size;

	header = table.bytes;
	memcpy(header->classes, automaton->classes, sizeof(header->classes));
	header->start = layout.cells + automaton->start;
	header->sinks = layout.cells + automaton->sinks;
	header->size_bytes = (uint32_t)table.size;
	header->states = automaton->states;
	write_cells(table.bytes, &layout, automaton);
	memcpy((uint8_t *)table.bytes + layout.accepts, meanings->accepts.bytes,
	       meanings->accepts.size);
	if (!is_selector)
		write_decisions(table.bytes, &layout, meanings);
	*ret_table = table;
	return 0;
}
