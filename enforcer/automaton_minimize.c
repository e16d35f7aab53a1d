// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Minimizing by refinement: states that mean the same start in one block; a block is split when its
 * states lead to different blocks. Only states one of whose successors has moved are looked at
 * again, and the largest part of a block keeps its number, so a state moves at most log n times.
 */
#include "enforcer/automaton_parts.h"

#include "enforcer/collect.h"
#include "enforcer/util.h"

#define NONE UINT32_MAX

struct block {
	uint32_t start; /* in order */
	uint32_t count;
	uint32_t dirty; /* so many at its start have a successor that moved */
};

struct group {
	uint32_t example;
	uint32_t count;
	uint32_t at; /* in order, while the block is split */
};

struct partition {
	const struct bl_dfa *dfa;
	uint32_t *block_of;
	uint32_t *order;    /* states, block after block */
	uint32_t *position; /* of each state in order */
	struct block *blocks;
	uint32_t blocks_count;
	uint32_t *work; /* blocks with dirty states */
	size_t work_count;
	uint32_t *before_at; /* before[before_at[s] .. before_at[s + 1]): states that lead to s */
	uint32_t *before;

	/* of the block being split */
	struct group *groups;
	uint32_t groups_count;
	uint32_t *group_of; /* for each dirty state, in their order */
	uint32_t *states;
	uint32_t *slots; /* hash table of groups */
};

static void partition_fini(struct partition *p)
{
	free(p->block_of);
	free(p->order);
	free(p->position);
	free(p->blocks);
	free(p->work);
	free(p->before_at);
	free(p->before);
	free(p->groups);
	free(p->group_of);
	free(p->states);
	free(p->slots);
}

static size_t slots_for(size_t count)
{
	size_t slots = 16;

	while (slots < count * 2)
		slots *= 2;
	return slots;
}

static int partition_init(struct partition *p, const struct bl_dfa *dfa)
{
	size_t count = dfa->count;

	p->dfa = dfa;
	p->block_of = calloc(count, sizeof(*p->block_of));
	p->order = calloc(count, sizeof(*p->order));
	p->position = calloc(count, sizeof(*p->position));
	p->blocks = calloc(count, sizeof(*p->blocks));
	p->work = calloc(count, sizeof(*p->work));
	p->before_at = calloc(count + 2, sizeof(*p->before_at));
	p->before = reallocarray(NULL, count + dfa->edges_count, sizeof(*p->before));
	p->groups = calloc(count + 1, sizeof(*p->groups));
	p->group_of = calloc(count, sizeof(*p->group_of));
	p->states = calloc(count, sizeof(*p->states));
	p->slots = calloc(slots_for(count + 1), sizeof(*p->slots));
	if (!p->block_of || !p->order || !p->position || !p->blocks || !p->work || !p->before_at ||
	    !p->before || !p->groups || !p->group_of || !p->states || !p->slots)
		return -ENOMEM;
	return 0;
}

static void list_predecessors(struct partition *p)
{
	const struct bl_dfa *dfa = p->dfa;
	uint32_t *at = p->before_at + 1; /* at[s] moves from the start of s's list to its end */

	for (size_t i = 0; i < dfa->count; i++)
		at[dfa->states[i].fallback + 1]++;
	for (size_t i = 0; i < dfa->edges_count; i++)
		at[dfa->edges[i].to + 1]++;
	for (size_t i = 0; i < dfa->count; i++)
		at[i + 1] += at[i];
	for (uint32_t i = 0; i < dfa->count; i++) {
		p->before[at[dfa->states[i].fallback]++] = i;
		for (uint32_t e = dfa->states[i].edges; e < dfa->states[i + 1].edges; e++)
			p->before[at[dfa->edges[e].to]++] = i;
	}
}

/* One block for each meaning, all states dirty. */
static int start_blocks(struct partition *p)
{
	const struct bl_dfa *dfa = p->dfa;
	bl_cleanup_free uint32_t *block_of_meaning = NULL;
	size_t meanings = 0;
	uint32_t sum = 0;

	for (size_t i = 0; i < dfa->count; i++)
		if (dfa->states[i].meaning >= meanings)
			meanings = dfa->states[i].meaning + 1;
	block_of_meaning = reallocarray(NULL, meanings, sizeof(*block_of_meaning));
	if (!block_of_meaning)
		return -ENOMEM;
	memset(block_of_meaning, 0xff, meanings * sizeof(*block_of_meaning));

	for (size_t i = 0; i < dfa->count; i++) {
		uint32_t *block = &block_of_meaning[dfa->states[i].meaning];

		if (*block == NONE)
			*block = p->blocks_count++;
		p->block_of[i] = *block;
		p->blocks[*block].count++;
	}
	for (uint32_t i = 0; i < p->blocks_count; i++) {
		p->blocks[i].start = sum;
		sum += p->blocks[i].count;
		p->work[p->work_count++] = i;
	}
	for (uint32_t i = 0; i < dfa->count; i++) {
		struct block *block = &p->blocks[p->block_of[i]];

		p->position[i] = block->start + block->dirty++;
		p->order[p->position[i]] = i;
	}
	return 0;
}

static void mark_dirty(struct partition *p, uint32_t state)
{
	uint32_t number = p->block_of[state];
	struct block *block = &p->blocks[number];
	uint32_t clean = block->start + block->dirty;
	uint32_t position = p->position[state];
	uint32_t other;

	if (block->count == 1 || position < clean)
		return;
	other = p->order[clean];
	p->order[clean] = state;
	p->position[state] = clean;
	p->order[position] = other;
	p->position[other] = position;
	if (!block->dirty++)
		p->work[p->work_count++] = number;
}

/* --- where a state leads, in blocks --- */

static uint64_t hash_state(const struct partition *p, uint32_t number)
{
	const struct bl_dfa_state *state = &p->dfa->states[number];
	uint32_t fallback = p->block_of[state->fallback];
	uint64_t hash = bl_hash_add(0, fallback);

	for (uint32_t e = state->edges; e < state[1].edges; e++) {
		uint32_t to = p->block_of[p->dfa->edges[e].to];

		if (to != fallback)
			hash = bl_hash_add(hash, (uint64_t)p->dfa->edges[e].class << 32 | to);
	}
	return hash;
}

static uint32_t skip_fallback(const struct partition *p, uint32_t edge, uint32_t end,
			      uint32_t fallback)
{
	while (edge < end && p->block_of[p->dfa->edges[edge].to] == fallback)
		edge++;
	return edge;
}

static bool leads_alike(const struct partition *p, uint32_t a, uint32_t b)
{
	const struct bl_dfa_state *left = &p->dfa->states[a];
	const struct bl_dfa_state *right = &p->dfa->states[b];
	const struct bl_dfa_edge *edges = p->dfa->edges;
	uint32_t fallback = p->block_of[left->fallback];
	uint32_t l = left->edges;
	uint32_t r = right->edges;

	if (fallback != p->block_of[right->fallback])
		return false;
	for (;; l++, r++) {
		l = skip_fallback(p, l, left[1].edges, fallback);
		r = skip_fallback(p, r, right[1].edges, fallback);
		if (l == left[1].edges || r == right[1].edges)
			return l == left[1].edges && r == right[1].edges;
		if (edges[l].class != edges[r].class ||
		    p->block_of[edges[l].to] != p->block_of[edges[r].to])
			return false;
	}
}

/* --- splitting --- */

static uint32_t find_group(struct partition *p, uint32_t state, size_t mask)
{
	size_t slot = hash_state(p, state) & mask;

	for (; p->slots[slot] != NONE; slot = (slot + 1) & mask)
		if (leads_alike(p, p->groups[p->slots[slot]].example, state))
			return p->slots[slot];
	p->groups[p->groups_count] = (struct group){.example = state};
	p->slots[slot] = p->groups_count;
	return p->groups_count++;
}

/* Clean states still all lead alike: if there are any, they are in group 0. */
static void group_states(struct partition *p, const struct block *block)
{
	size_t mask = slots_for((size_t)block->dirty + 1) - 1;

	memset(p->slots, 0xff, (mask + 1) * sizeof(*p->slots));
	p->groups_count = 0;
	if (block->dirty < block->count) {
		find_group(p, p->order[block->start + block->dirty], mask);
		p->groups[0].count = block->count - block->dirty;
	}
	for (uint32_t i = 0; i < block->dirty; i++) {
		uint32_t state = p->order[block->start + i];

		p->states[i] = state;
		p->group_of[i] = find_group(p, state, mask);
		p->groups[p->group_of[i]].count++;
	}
}

/* Sorts the block's part of order by group; group 0 comes last, where its clean states are. */
static void order_groups(struct partition *p, const struct block *block, uint32_t clean)
{
	uint32_t at = block->start;

	for (uint32_t i = 1; i < p->groups_count; i++) {
		p->groups[i].at = at;
		at += p->groups[i].count;
	}
	p->groups[0].at = at;
	for (uint32_t i = 0; i < block->count - clean; i++) {
		uint32_t to = p->groups[p->group_of[i]].at++;

		p->order[to] = p->states[i];
		p->position[p->states[i]] = to;
	}
}

static uint32_t largest_group(const struct partition *p)
{
	uint32_t largest = 0;

	for (uint32_t i = 1; i < p->groups_count; i++)
		if (p->groups[i].count > p->groups[largest].count)
			largest = i;
	return largest;
}

/* Gives all but the largest group blocks of their own, and collects what moved in states. */
static size_t renumber_groups(struct partition *p, uint32_t number)
{
	uint32_t largest = largest_group(p);
	uint32_t at = p->blocks[number].start;
	size_t moved = 0;

	for (uint32_t i = 1; i <= p->groups_count; i++) {
		uint32_t group = i % p->groups_count;
		uint32_t count = p->groups[group].count;
		uint32_t block = group == largest ? number : p->blocks_count++;

		p->blocks[block] = (struct block){.start = at, .count = count};
		for (uint32_t k = at; block != number && k < at + count; k++) {
			p->block_of[p->order[k]] = block;
			p->states[moved++] = p->order[k];
		}
		at += count;
	}
	return moved;
}

static void split_block(struct partition *p, uint32_t number)
{
	struct block *block = &p->blocks[number];
	uint32_t clean = block->count - block->dirty;
	size_t moved;

	group_states(p, block);
	block->dirty = 0;
	if (p->groups_count == 1)
		return;
	order_groups(p, block, clean);
	moved = renumber_groups(p, number);
	for (size_t i = 0; i < moved; i++)
		for (uint32_t at = p->before_at[p->states[i]]; at < p->before_at[p->states[i] + 1];
		     at++)
			mark_dirty(p, p->before[at]);
}

/* --- the smaller automaton --- */

static int make_quotient(const struct partition *p, struct bl_dfa *ret_dfa)
{
	const struct bl_dfa *dfa = p->dfa;
	bl_cleanup_free uint32_t *number_of = reallocarray(NULL, p->blocks_count, sizeof(uint32_t));
	bl_cleanup(bl_dfa_fini) struct bl_dfa made = {0};

	made.states = calloc((size_t)p->blocks_count + 1, sizeof(*made.states));
	made.edges = reallocarray(NULL, dfa->edges_count + 1, sizeof(*made.edges));
	if (!number_of || !made.states || !made.edges)
		return -ENOMEM;
	memset(number_of, 0xff, p->blocks_count * sizeof(*number_of));
	/*
	 * In the order of their first states, so that the result does not depend on how blocks were
	 * split.
	 */
	for (uint32_t i = 0; i < dfa->count; i++)
		if (number_of[p->block_of[i]] == NONE)
			number_of[p->block_of[i]] = (uint32_t)made.count++;

	made.count = 0;
	for (uint32_t i = 0; i < dfa->count; i++) {
		const struct bl_dfa_state *state = &dfa->states[i];
		uint32_t fallback = number_of[p->block_of[state->fallback]];

		if (number_of[p->block_of[i]] != made.count)
			continue;
		made.states[made.count++] = (struct bl_dfa_state){
			.meaning = state->meaning,
			.fallback = fallback,
			.edges = (uint32_t)made.edges_count,
		};
		for (uint32_t e = state->edges; e < state[1].edges; e++) {
			uint32_t to = number_of[p->block_of[dfa->edges[e].to]];

			if (to != fallback)
				made.edges[made.edges_count++] = (struct bl_dfa_edge){
					.class = dfa->edges[e].class,
					.to = to,
				};
		}
	}
	made.states[made.count].edges = (uint32_t)made.edges_count;
	made.classes = dfa->classes;
	memcpy(made.class_of, dfa->class_of, sizeof(made.class_of));
	*ret_dfa = made;
	made = (struct bl_dfa){0};
	return 0;
}

int bl_dfa_minimize(struct bl_dfa *dfa)
{
	bl_cleanup(partition_fini) struct partition p = {0};
	struct bl_dfa made;
	int r;

	r = partition_init(&p, dfa);
	if (r < 0)
		return r;
	list_predecessors(&p);
	r = start_blocks(&p);
	if (r < 0)
		return r;
	while (p.work_count)
		split_block(&p, p.work[--p.work_count]);
	r = make_quotient(&p, &made);
	if (r < 0)
		return r;
	bl_dfa_fini(dfa);
	*dfa = made;
	return 0;
}
