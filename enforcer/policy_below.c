// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What is allowed below a directory, for each state of an automaton as if it stood behind the
 * directory's '/': some name that can follow is allowed something, or all are.
 *
 * A name is one or more bytes; none is NUL, no '/' follows another or stands at the end. So of a
 * state that stands behind a '/',
 *
 *	below(s) = here(t), for every t that a byte but '/' and NUL leads to from s
 *	here(t)  = self(t), below(t) where the name goes on, and below(u) where '/' leads to u
 *
 * joined by "or" for "any" and by "and" for "all". Loops make it a fixpoint: from nothing for "any"
 * and everything for "all", all states are gone through until nothing changes any more. In
 * post-order, a state behind those it leads to, that takes a few rounds.
 */
#include "enforcer/policy_compile_parts.h"

#include "enforcer/util.h"

struct masks {
	struct bl_allowed any;
	struct bl_allowed all;
};

struct graph {
	const struct bl_automaton *automaton;
	const struct bl_meanings *from;
	uint32_t *number_of; /* cell -> state, if the cell is a state's own record */
	uint32_t *cell_of;
	size_t count;
	uint32_t *next_at; /* next[next_at[s] .. next_at[s + 1]): where a byte of a name leads */
	uint32_t *next;
	uint32_t *slash; /* where '/' leads */
	uint32_t *order; /* post-order: a state behind those it leads to, but for loops */
	struct masks *here;
	struct masks *below;
	bool has_names[257]; /* per column: a byte of a name is in it */
	uint32_t columns;    /* so many have */
};

static void graph_fini(struct graph *g)
{
	free(g->number_of);
	free(g->cell_of);
	free(g->next_at);
	free(g->next);
	free(g->slash);
	free(g->order);
	free(g->here);
	free(g->below);
}

static bool is_state(const struct bl_cell *cell)
{
	return cell->owner != BL_CELL_FREE && cell->owner & BL_CELL_STATE;
}

static bool is_edge(const struct bl_cell *cell)
{
	return cell->owner != BL_CELL_FREE && !(cell->owner & BL_CELL_STATE);
}

/* --- the automaton as a graph --- */

static void find_columns(struct graph *g)
{
	for (unsigned byte = 1; byte < 256; byte++)
		if (byte != '/')
			g->has_names[g->automaton->classes[byte] / sizeof(struct bl_cell)] = true;
	for (size_t i = 0; i < BL_ARRAY_LEN(g->has_names); i++)
		g->columns += g->has_names[i];
}

static uint32_t state_at(const struct graph *g, uint32_t offset)
{
	return g->number_of[offset / sizeof(struct bl_cell)];
}

static int number_states(struct graph *g)
{
	const struct bl_automaton *automaton = g->automaton;
	size_t edges = 0;

	g->number_of = reallocarray(NULL, automaton->cells_count, sizeof(*g->number_of));
	g->cell_of = reallocarray(NULL, automaton->cells_count, sizeof(*g->cell_of));
	if (!g->number_of || !g->cell_of)
		return -ENOMEM;
	for (uint32_t i = 0; i < automaton->cells_count; i++) {
		edges += is_edge(&automaton->cells[i]);
		if (!is_state(&automaton->cells[i]))
			continue;
		g->number_of[i] = (uint32_t)g->count;
		g->cell_of[g->count++] = i;
	}
	g->next_at = calloc(g->count + 2, sizeof(*g->next_at));
	g->next = reallocarray(NULL, edges + g->count + 1, sizeof(*g->next));
	g->slash = reallocarray(NULL, g->count + 1, sizeof(*g->slash));
	g->order = reallocarray(NULL, g->count + 1, sizeof(*g->order));
	g->here = calloc(g->count + 1, sizeof(*g->here));
	g->below = calloc(g->count + 1, sizeof(*g->below));
	return g->next_at && g->next && g->slash && g->order && g->here && g->below ? 0 : -ENOMEM;
}

/* The state whose edge the cell is, if a byte of a name takes it. */
static bool is_name_edge(const struct graph *g, uint32_t cell, uint32_t *ret_from)
{
	const struct bl_cell *edge = &g->automaton->cells[cell];

	if (!is_edge(edge) || !g->has_names[cell - edge->owner / sizeof(*edge)])
		return false;
	*ret_from = state_at(g, edge->owner);
	return true;
}

/* A state whose edges do not take every column of names leads by its default as well. */
static int link_states(struct graph *g)
{
	const struct bl_cell *cells = g->automaton->cells;
	bl_cleanup_free uint32_t *filled = calloc(g->count + 1, sizeof(*filled));
	uint32_t from;

	if (!filled)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->automaton->cells_count; i++)
		if (is_name_edge(g, i, &from))
			filled[from]++;
	for (uint32_t i = 0; i < g->count; i++) {
		g->next_at[i + 1] = g->next_at[i] + filled[i] + (filled[i] < g->columns);
		filled[i] = 0;
	}
	for (uint32_t i = 0; i < g->automaton->cells_count; i++)
		if (is_name_edge(g, i, &from))
			g->next[g->next_at[from] + filled[from]++] = state_at(g, cells[i].next);
	for (uint32_t i = 0; i < g->count; i++) {
		const struct bl_cell *own = &cells[g->cell_of[i]];
		const struct bl_cell *slash = own + g->automaton->classes['/'] / sizeof(*own);
		bool is_own = slash->owner == g->cell_of[i] * sizeof(*own);

		if (g->next_at[i] + filled[i] < g->next_at[i + 1])
			g->next[g->next_at[i] + filled[i]] = state_at(g, own->next);
		g->slash[i] = state_at(g, is_own ? slash->next : own->next);
	}
	return 0;
}

/* --- the order --- */

struct visit {
	uint32_t state;
	uint32_t at; /* in next; its end stands for the '/' */
};

/* Visits what can be reached from a state and is not in the order yet. */
static void order_from(struct graph *g, uint32_t root, struct visit *stack, bool *is_seen,
		       size_t *count)
{
	size_t depth = 0;

	is_seen[root] = true;
	stack[depth++] = (struct visit){.state = root, .at = g->next_at[root]};
	while (depth) {
		struct visit *visit = &stack[depth - 1];
		uint32_t end = g->next_at[visit->state + 1];
		uint32_t to;

		if (visit->at > end) {
			g->order[(*count)++] = visit->state;
			depth--;
			continue;
		}
		to = visit->at < end ? g->next[visit->at] : g->slash[visit->state];
		visit->at++;
		if (is_seen[to])
			continue;
		is_seen[to] = true;
		stack[depth++] = (struct visit){.state = to, .at = g->next_at[to]};
	}
}

static int order_states(struct graph *g)
{
	bl_cleanup_free struct visit *stack = reallocarray(NULL, g->count + 1, sizeof(*stack));
	bl_cleanup_free bool *is_seen = calloc(g->count + 1, sizeof(*is_seen));
	size_t count = 0;

	if (!stack || !is_seen)
		return -ENOMEM;
	for (uint32_t i = 0; i < g->count; i++)
		if (!is_seen[i])
			order_from(g, i, stack, is_seen, &count);
	return 0;
}

/* --- the fixpoint --- */

static void join(struct masks *masks, const struct masks *other)
{
	masks->any.enforced |= other->any.enforced;
	masks->any.would |= other->any.would;
	masks->all.enforced &= other->all.enforced;
	masks->all.would &= other->all.would;
}

/* What is true of no name at all. */
static const struct masks nothing = {.all = {.enforced = UINT32_MAX, .would = UINT32_MAX}};

static const struct bl_accept *accept_of(const struct graph *g, uint32_t state)
{
	uint32_t meaning = g->automaton->cells[g->cell_of[state]].owner & ~BL_CELL_STATE;

	return (const struct bl_accept *)(const void *)g->from->accepts.bytes + meaning;
}

static const struct bl_beyond *beyond_of(const struct graph *g, uint32_t state)
{
	return (const void *)(g->from->beyonds.bytes + accept_of(g, state)->beyond);
}

static void find_here(struct graph *g)
{
	for (uint32_t i = 0; i < g->count; i++) {
		const struct bl_beyond *beyond = beyond_of(g, i);

		g->here[i] = (struct masks){.any = beyond->below_any, .all = beyond->below_all};
		g->below[i] = nothing;
	}
}

static bool go_round(struct graph *g)
{
	bool has_changed = false;

	for (size_t i = 0; i < g->count; i++) {
		uint32_t state = g->order[i];
		struct masks below = g->below[state];
		struct masks here = g->here[state];

		for (uint32_t at = g->next_at[state]; at < g->next_at[state + 1]; at++)
			join(&below, &g->here[g->next[at]]);
		join(&here, &below);
		join(&here, &g->below[g->slash[state]]);
		has_changed = has_changed || memcmp(&below, &g->below[state], sizeof(below)) ||
			      memcmp(&here, &g->here[state], sizeof(here));
		g->below[state] = below;
		g->here[state] = here;
	}
	return has_changed;
}

/* --- meanings --- */

static int add_meanings(const struct graph *g, struct bl_automaton *automaton,
			struct bl_meanings *made)
{
	for (uint32_t i = 0; i < g->count; i++) {
		struct bl_accept accept = *accept_of(g, i);
		struct bl_beyond beyond = *beyond_of(g, i);
		uint32_t offset;
		int r;

		beyond.below_any = g->below[i].any;
		beyond.below_all = g->below[i].all;
		r = bl_pool_intern(&made->beyonds, &beyond, sizeof(beyond), &accept.beyond);
		if (r < 0)
			return r;
		r = bl_pool_intern(&made->accepts, &accept, sizeof(accept), &offset);
		if (r < 0)
			return r;
		automaton->cells[g->cell_of[i]].owner =
			BL_CELL_STATE | offset / (uint32_t)sizeof(accept);
	}
	return 0;
}

int bl_below_add(struct bl_automaton *automaton, const struct bl_meanings *from,
		 struct bl_meanings *made)
{
	bl_cleanup(graph_fini) struct graph g = {.automaton = automaton, .from = from};
	int r;

	find_columns(&g);
	r = number_states(&g);
	if (r >= 0)
		r = link_states(&g);
	if (r >= 0)
		r = order_states(&g);
	if (r < 0)
		return r;
	find_here(&g);
	while (go_round(&g))
		;
	return add_meanings(&g, automaton, made);
}
