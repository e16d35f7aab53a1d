// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Rows into cells, interleaved: a row takes one cell for its state's own record and one for each
 * edge, and is put where those happen to be free. Rows with many edges go first; those with one or
 * none, by far the most, fill what is left between them.
 */
#include "enforcer/automaton_parts.h"

#include <limits.h>

#include "enforcer/collect.h"
#include "enforcer/util.h"

/* A row of several edges looks for a hole in so many words of 64 cells before the last such row. */
#define LOOK_BACK_WORDS 256
#define NONE            UINT32_MAX

struct packer {
	const struct bl_dfa *dfa;
	size_t cells_max;
	uint64_t *used; /* one bit a cell; two words more than cells_max needs */
	size_t words;
	size_t first_free; /* no free cell in the words before */
	size_t *hints;    /* per column: a row with this edge alone fits nowhere before this word */
	size_t last_word; /* where the last row of several edges went */
	uint32_t *row_of; /* state -> cell */
	uint32_t *order;  /* the states that are not sinks, most edges first */
	size_t order_count;
	uint32_t *columns; /* class -> cells from the row's start; never 0 */
	uint32_t width;    /* greatest column */
};

static void packer_fini(struct packer *k)
{
	free(k->used);
	free(k->hints);
	free(k->row_of);
	free(k->order);
	free(k->columns);
}

static uint32_t edges_of(const struct bl_dfa *dfa, uint32_t state)
{
	return dfa->states[state + 1].edges - dfa->states[state].edges;
}

static bool is_sink(const struct bl_dfa *dfa, uint32_t state)
{
	return dfa->states[state].fallback == state && !edges_of(dfa, state);
}

/* --- the fallback that saves most cells --- */

/*
 * Makes the state most classes lead to the fallback of each state. -E2BIG cannot happen: a row
 * becomes shorter or is left as it is.
 */
static uint32_t best_fallback(const struct bl_dfa *dfa, uint32_t state, uint32_t *counts)
{
	const struct bl_dfa_state *row = &dfa->states[state];
	uint32_t best = row->fallback;
	uint32_t best_count = dfa->classes - edges_of(dfa, state);

	for (uint32_t e = row->edges; e < row[1].edges; e++)
		counts[dfa->edges[e].to]++;
	for (uint32_t e = row->edges; e < row[1].edges; e++) {
		uint32_t to = dfa->edges[e].to;

		if (counts[to] > best_count) {
			best = to;
			best_count = counts[to];
		}
	}
	for (uint32_t e = row->edges; e < row[1].edges; e++)
		counts[dfa->edges[e].to] = 0;
	return best;
}

static void copy_row(const struct bl_dfa *dfa, uint32_t state, uint32_t fallback,
		     struct bl_dfa_edge *edges, size_t *count)
{
	const struct bl_dfa_state *row = &dfa->states[state];
	uint32_t e = row->edges;

	for (uint32_t class = 0; class < dfa->classes; class ++) {
		uint32_t to = row->fallback;

		if (e < row[1].edges && dfa->edges[e].class == class)
			to = dfa->edges[e++].to;
		if (to != fallback)
			edges[(*count)++] = (struct bl_dfa_edge){.class = class, .to = to};
	}
}

static int choose_fallbacks(const struct bl_dfa *dfa, struct bl_dfa *ret_dfa)
{
	bl_cleanup(bl_dfa_fini) struct bl_dfa made = *dfa;
	bl_cleanup_free uint32_t *counts = calloc(dfa->count, sizeof(*counts));

	made.states = reallocarray(NULL, dfa->count + 1, sizeof(*made.states));
	made.edges = reallocarray(NULL, dfa->edges_count + 1, sizeof(*made.edges));
	made.edges_count = 0;
	if (!counts || !made.states || !made.edges)
		return -ENOMEM;
	for (uint32_t i = 0; i < dfa->count; i++) {
		uint32_t fallback = dfa->states[i].fallback;

		if (edges_of(dfa, i) > 1)
			fallback = best_fallback(dfa, i, counts);
		made.states[i] = (struct bl_dfa_state){
			.meaning = dfa->states[i].meaning,
			.fallback = fallback,
			.edges = (uint32_t)made.edges_count,
		};
		if (fallback != dfa->states[i].fallback) {
			copy_row(dfa, i, fallback, made.edges, &made.edges_count);
			continue;
		}
		memcpy(made.edges + made.edges_count, dfa->edges + dfa->states[i].edges,
		       edges_of(dfa, i) * sizeof(*made.edges));
		made.edges_count += edges_of(dfa, i);
	}
	made.states[dfa->count] = (struct bl_dfa_state){.edges = (uint32_t)made.edges_count};
	*ret_dfa = made;
	made = (struct bl_dfa){0};
	return 0;
}

/* --- finding room --- */

/* The used bits of 64 cells from any cell on. */
static uint64_t window(const struct packer *k, size_t cell)
{
	size_t word = cell / 64;
	unsigned shift = cell % 64;

	return shift ? k->used[word] >> shift | k->used[word + 1] << (64 - shift) : k->used[word];
}

static void take(struct packer *k, size_t cell)
{
	k->used[cell / 64] |= UINT64_C(1) << (cell % 64);
}

static int place_row(struct packer *k, uint32_t state, size_t word, size_t *ret_word)
{
	const struct bl_dfa_state *row = &k->dfa->states[state];
	const struct bl_dfa_edge *edges = k->dfa->edges;
	uint32_t end = row[1].edges;

	for (; word < k->words; word++) {
		uint64_t blocked = k->used[word];
		size_t cell;

		for (uint32_t e = row->edges; e < end && ~blocked; e++)
			blocked |= window(k, word * 64 + k->columns[edges[e].class]);
		if (!~blocked)
			continue;
		cell = word * 64 + (size_t)__builtin_ctzll(~blocked);
		if (cell + k->width >= k->cells_max)
			return -E2BIG;
		take(k, cell);
		for (uint32_t e = row->edges; e < end; e++)
			take(k, cell + k->columns[edges[e].class]);
		k->row_of[state] = (uint32_t)cell;
		*ret_word = word;
		return 0;
	}
	return -E2BIG;
}

static int place_state(struct packer *k, uint32_t state)
{
	const struct bl_dfa_state *row = &k->dfa->states[state];
	uint32_t edges = edges_of(k->dfa, state);
	size_t from;
	size_t *hint;

	while (k->first_free < k->words && !~k->used[k->first_free])
		k->first_free++;
	from = k->first_free;
	if (edges > 1) {
		if (k->last_word > from + LOOK_BACK_WORDS)
			from = k->last_word - LOOK_BACK_WORDS;
		return place_row(k, state, from, &k->last_word);
	}
	/* Cells are only ever taken, so where such a row did not fit, none will. */
	hint = &k->hints[edges ? k->columns[k->dfa->edges[row->edges].class] : 0];
	if (*hint < from)
		*hint = from;
	return place_row(k, state, *hint, hint);
}

static int place_sinks(struct packer *k, size_t *ret_sinks, size_t *ret_end)
{
	size_t cell = 0;
	size_t last = 0;

	for (size_t i = 0; i < k->order_count; i++)
		if (k->row_of[k->order[i]] >= cell)
			cell = k->row_of[k->order[i]] + 1;
	*ret_sinks = cell;
	last = cell ? cell - 1 : 0;
	for (uint32_t state = 0; state < k->dfa->count; state++) {
		if (!is_sink(k->dfa, state))
			continue;
		while (cell + k->width < k->cells_max && window(k, cell) & 1)
			cell++;
		if (cell + k->width >= k->cells_max)
			return -E2BIG;
		take(k, cell);
		k->row_of[state] = (uint32_t)cell;
		last = cell;
	}
	*ret_end = last + k->width + 1;
	return 0;
}

/* --- order --- */

/*
 * Counting sort: rows with many edges first, as they were otherwise, which keeps chains together.
 */
static void order_states(struct packer *k)
{
	size_t at[258] = {0};

	for (uint32_t i = 0; i < k->dfa->count; i++)
		if (!is_sink(k->dfa, i))
			at[256 - edges_of(k->dfa, i) + 1]++;
	for (size_t i = 1; i < BL_ARRAY_LEN(at); i++)
		at[i] += at[i - 1];
	k->order_count = at[257];
	for (uint32_t i = 0; i < k->dfa->count; i++)
		if (!is_sink(k->dfa, i))
			k->order[at[256 - edges_of(k->dfa, i)]++] = i;
}

static int packer_init(struct packer *k)
{
	k->words = k->cells_max / 64 + 1;
	k->width = k->dfa->classes;
	k->used = calloc(k->words + 8, sizeof(*k->used));
	k->hints = calloc((size_t)k->width + 1, sizeof(*k->hints));
	k->row_of = calloc(k->dfa->count, sizeof(*k->row_of));
	k->order = calloc(k->dfa->count, sizeof(*k->order));
	k->columns = calloc(k->dfa->classes, sizeof(*k->columns));
	if (!k->used || !k->hints || !k->row_of || !k->order || !k->columns)
		return -ENOMEM;
	for (uint32_t i = 0; i < k->dfa->classes; i++)
		k->columns[i] = i + 1;
	return 0;
}

/* --- writing --- */

#define CELL_BYTES ((uint32_t)sizeof(struct bl_cell))

static void write_row(const struct packer *k, uint32_t state, struct bl_cell *cells)
{
	const struct bl_dfa_state *row = &k->dfa->states[state];
	uint32_t cell = k->row_of[state];

	cells[cell] = (struct bl_cell){
		.next = k->row_of[row->fallback] * CELL_BYTES,
		.owner = BL_CELL_STATE | row->meaning,
	};
	for (uint32_t e = row->edges; e < row[1].edges; e++) {
		const struct bl_dfa_edge *edge = &k->dfa->edges[e];

		cells[cell + k->columns[edge->class]] = (struct bl_cell){
			.next = k->row_of[edge->to] * CELL_BYTES,
			.owner = cell * CELL_BYTES,
		};
	}
}

static int pack(struct packer *k, struct bl_automaton *ret_automaton)
{
	struct bl_automaton made = {.states = (uint32_t)k->dfa->count};
	size_t sinks;
	int r;

	order_states(k);
	for (size_t i = 0; i < k->order_count; i++) {
		r = place_state(k, k->order[i]);
		if (r < 0)
			return r;
	}
	r = place_sinks(k, &sinks, &made.cells_count);
	if (r < 0)
		return r;
	made.cells = reallocarray(NULL, made.cells_count, sizeof(*made.cells));
	if (!made.cells)
		return -ENOMEM;
	for (size_t i = 0; i < made.cells_count; i++)
		made.cells[i] = (struct bl_cell){.owner = BL_CELL_FREE};
	for (uint32_t i = 0; i < k->dfa->count; i++)
		write_row(k, i, made.cells);
	for (unsigned byte = 0; byte < 256; byte++)
		made.classes[byte] = (uint16_t)(k->columns[k->dfa->class_of[byte]] * CELL_BYTES);
	made.start = k->row_of[0] * CELL_BYTES;
	made.sinks = (uint32_t)sinks * CELL_BYTES;
	*ret_automaton = made;
	return 0;
}

int bl_dfa_pack(const struct bl_dfa *dfa, size_t cells_max, struct bl_automaton *ret_automaton)
{
	bl_cleanup(bl_dfa_fini) struct bl_dfa chosen = {0};
	bl_cleanup(packer_fini) struct packer k = {.dfa = &chosen, .cells_max = cells_max};
	int r;

	/*
	 * Every state needs a cell, so that the arrays cannot become larger than what was asked
	 * for.
	 */
	if (dfa->count > cells_max)
		return -E2BIG;
	r = choose_fallbacks(dfa, &chosen);
	if (r < 0)
		return r;
	r = packer_init(&k);
	if (r < 0)
		return r;
	return pack(&k, ret_automaton);
}
