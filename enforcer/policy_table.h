/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A table's bytes: the cells of an automaton, and behind them what its states mean. Meanings are
 * collected here while the automaton is built, equal ones once; references between them become
 * offsets when the table is written.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/automaton.h"
#include "enforcer/collect.h"

/* Equal blobs once. Offsets are multiples of 8, as are the blobs' sizes. */
struct bl_pool {
	uint8_t *bytes;
	size_t size;
	size_t capacity;
	struct bl_index index;
};

void bl_pool_fini(struct bl_pool *pool);
int bl_pool_intern(struct bl_pool *pool, const void *blob, size_t bytes, uint32_t *ret_offset)
	__attribute__((warn_unused_result));

/* In a decision or choice that is still being collected: it has no rule. */
#define BL_RULE_NONE UINT32_MAX

/*
 * What the states mean: struct bl_accept or struct bl_selected, then what those refer to by offsets
 * into the pools below. The pools of a selector table are empty but for the first.
 */
struct bl_meanings {
	struct bl_pool accepts;
	struct bl_pool beyonds;
	struct bl_pool decisions;
	struct bl_pool choices;
	struct bl_pool keys;
};

#define BL_ACCEPT_BYTES 32
_Static_assert(sizeof(struct bl_accept) == BL_ACCEPT_BYTES, "a meaning's number counts records");
_Static_assert(sizeof(struct bl_selected) == BL_ACCEPT_BYTES, "a meaning's number counts records");

void bl_meanings_fini(struct bl_meanings *meanings);
size_t bl_meanings_bytes(const struct bl_meanings *meanings);

/* Cells that fit into the largest table beside so many bytes of meanings. */
size_t bl_table_cells_max(size_t meanings_bytes);

struct bl_table {
	void *bytes;
	size_t size; /* a multiple of 8 */
};

/* is_selector: accepts are struct bl_selected. -E2BIG: larger than BL_TABLE_MAX. */
int bl_table_write(const struct bl_automaton *automaton, const struct bl_meanings *meanings,
		   bool is_selector, struct bl_table *ret_table)
	__attribute__((warn_unused_result));
