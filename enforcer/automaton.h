/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Many patterns to one minimized deterministic automaton, laid out as bpf/abi.h describes.
 *
 * The automaton knows nothing of policies: a pattern is a glob with a number, and what a set of
 * matching numbers means is asked of the caller. No I/O, no global state, no libbpf.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/glob.h"

/*
 * Answers: what does a key mean that exactly the patterns ids[0..count) match (ascending, no
 * doubles)? Equal meanings must get equal numbers, below BL_MEANINGS_MAX: states with equal
 * meanings are merged. Negative errno aborts the build.
 */
typedef int64_t (*bl_meaning_fn)(void *context, const uint32_t *ids, size_t count);
#define BL_MEANINGS_MAX (1u << 22)

struct bl_pattern {
	const struct bl_glob *glob;
	/*
	 * When a pattern of this rank has matched for good (nothing that follows can undo it),
	 * patterns of the same group with a greater rank cannot change the meaning any more and are
	 * dropped. It only makes the automaton smaller. UINT32_MAX: in no group.
	 */
	uint32_t group;
	uint32_t rank;
};

struct bl_automaton {
	uint16_t classes[256]; /* as in struct bl_table_header */
	uint32_t start;        /* offsets in bytes from the first cell */
	uint32_t sinks;
	uint32_t states;
	/* cells[]: for a state's own record, owner is BL_CELL_STATE | meaning */
	struct bl_cell *cells;
	size_t cells_count;
};

/* A build that grows past a limit says which patterns made it grow. */
#define BL_CULPRITS_MAX 3
struct bl_automaton_error {
	const char *message; /* static */
	uint32_t culprits[BL_CULPRITS_MAX]; /* pattern numbers, worst first */
	size_t culprits_count;
};

void bl_automaton_fini(struct bl_automaton *automaton);

/*
 * Builds the automaton of patterns[0..count); a pattern's number is its index. cells_max bounds the
 * result (I10): -E2BIG with *reterr_error when it does not fit. -ENOMEM, or what meaning returned.
 */
int bl_automaton_build(const struct bl_pattern *patterns, size_t count, bl_meaning_fn meaning,
		       void *context, size_t cells_max, struct bl_automaton *ret_automaton,
		       struct bl_automaton_error *reterr_error) __attribute__((warn_unused_result));
