// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The deterministic automaton: its states are sets of nodes of the nondeterministic one, found by
 * following every class of bytes from the start. The cost of a state is that of its nodes, not of
 * its 256 bytes: what the wide sets have in common is the state's fallback, and only classes some
 * node names are looked at.
 */
#include "enforcer/automaton.h"

#include "enforcer/automaton_parts.h"
#include "enforcer/collect.h"
#include "enforcer/util.h"

/*
 * Bounds on the work, by the cells there may be at the end: a state takes one at least, and
 * minimizing hardly ever merges more than half of the states of an automaton that is large.
 */
#define STATES_PER_CELL 2
#define ITEMS_PER_CELL  64
#define EDGES_PER_CELL  16
#define WORK_PER_CELL   512
#define WORK_MIN        (1u << 20)

struct item_link {
	uint32_t node;
	uint32_t next;
};

struct builder {
	struct bl_nfa nfa;
	struct bl_dfa dfa;
	bl_meaning_fn meaning;
	void *context;
	size_t cells_max;
	uint64_t work;

	/* the nodes of each state, ascending: items[item_at[s] .. item_at[s + 1]) */
	uint32_t *items;
	size_t items_count;
	size_t items_capacity;
	size_t *item_at;
	size_t item_at_capacity;
	struct bl_index index;

	/* sets of matching patterns that were asked for: matches[match_at[m] .. match_at[m + 1]) */
	uint32_t *matches;
	size_t matches_count;
	size_t matches_capacity;
	struct match_set {
		uint32_t meaning;
		size_t at;
	} * match_sets;
	size_t match_sets_count;
	size_t match_sets_capacity;
	struct bl_index match_index;

	/* the set being gathered */
	uint32_t *gathered;
	size_t gathered_count;
	uint32_t *seen; /* per node: the last gathering that took it */
	uint32_t seen_number;
	uint32_t *best; /* per group: the least rank that has settled */
	bool has_settled;

	/* the nodes of the state being followed */
	uint32_t *wide;
	size_t wide_count;
	struct item_link *links;
	size_t links_count;
	size_t links_capacity;
	uint32_t heads[256]; /* per class, into links */
	uint64_t touched[4]; /* classes that may lead elsewhere than the fallback */
};

static void builder_fini(struct builder *b)
{
	bl_nfa_fini(&b->nfa);
	bl_dfa_fini(&b->dfa);
	free(b->items);
	free(b->item_at);
	bl_index_fini(&b->index);
	free(b->matches);
	free(b->match_sets);
	bl_index_fini(&b->match_index);
	free(b->gathered);
	free(b->seen);
	free(b->best);
	free(b->wide);
	free(b->links);
}

void bl_dfa_fini(struct bl_dfa *dfa)
{
	free(dfa->states);
	free(dfa->edges);
	*dfa = (struct bl_dfa){0};
}

void bl_automaton_fini(struct bl_automaton *automaton)
{
	free(automaton->cells);
	*automaton = (struct bl_automaton){0};
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

static void sort_numbers(uint32_t *numbers, size_t count)
{
	if (count > 24) {
		qsort(numbers, count, sizeof(*numbers), compare_numbers);
		return;
	}
	for (size_t i = 1; i < count; i++) {
		uint32_t number = numbers[i];
		size_t at = i;

		for (; at && numbers[at - 1] > number; at--)
			numbers[at] = numbers[at - 1];
		numbers[at] = number;
	}
}

static bool is_sorted(const uint32_t *numbers, size_t count)
{
	for (size_t i = 1; i < count; i++)
		if (numbers[i - 1] >= numbers[i])
			return false;
	return true;
}

/* --- gathering a set --- */

static void gather_start(struct builder *b)
{
	b->gathered_count = 0;
	b->seen_number++;
	b->has_settled = false;
}

static void gather_node(struct builder *b, uint32_t node)
{
	if (b->seen[node] == b->seen_number)
		return;
	b->seen[node] = b->seen_number;
	b->gathered[b->gathered_count++] = node;
	b->has_settled = b->has_settled || b->nfa.nodes[node].is_settling;
}

static void gather_targets(struct builder *b, uint32_t node)
{
	const struct bl_nfa_node *from = &b->nfa.nodes[node];

	b->work += from[1].next - from->next;
	for (uint32_t at = from->next; at < from[1].next; at++)
		gather_node(b, b->nfa.targets[at]);
}

/* The node consumes a byte. */
static void gather_step(struct builder *b, uint32_t node)
{
	if (b->nfa.nodes[node].op == BL_NODE_LOOP)
		gather_node(b, node);
	else
		gather_targets(b, node);
}

/*
 * Drops what cannot matter: a pattern that has matched whatever follows settles its group for all
 * of greater rank.
 */
static void drop_settled(struct builder *b)
{
	const struct bl_nfa *nfa = &b->nfa;
	size_t kept = 0;

	memset(b->best, 0xff, nfa->groups * sizeof(*b->best));
	for (size_t i = 0; i < b->gathered_count; i++) {
		const struct bl_nfa_node *node = &nfa->nodes[b->gathered[i]];

		if (!node->is_settling)
			continue;
		for (uint32_t at = node->next; at < node[1].next; at++) {
			const struct bl_nfa_node *match = &nfa->nodes[nfa->targets[at]];

			if (match->op == BL_NODE_MATCH && match->group != BL_GROUP_NONE &&
			    match->rank < b->best[match->group])
				b->best[match->group] = match->rank;
		}
	}
	for (size_t i = 0; i < b->gathered_count; i++) {
		const struct bl_nfa_node *node = &nfa->nodes[b->gathered[i]];

		if (node->group == BL_GROUP_NONE || node->rank <= b->best[node->group])
			b->gathered[kept++] = b->gathered[i];
	}
	b->gathered_count = kept;
}

/* --- states --- */

static int ask_meaning(struct builder *b, const uint32_t *ids, size_t count, uint32_t *ret_meaning)
{
	uint64_t hash = bl_hash_words(ids, count);
	size_t at = bl_index_first(&b->match_index, hash);
	uint32_t found;
	int64_t meaning;
	int r;

	while ((found = bl_index_next(&b->match_index, hash, &at)) != BL_INDEX_NONE) {
		const struct match_set *set = &b->match_sets[found];

		if (set[1].at - set->at == count &&
		    !memcmp(b->matches + set->at, ids, count * sizeof(*ids))) {
			*ret_meaning = set->meaning;
			return 0;
		}
	}

	meaning = b->meaning(b->context, ids, count);
	if (meaning < 0)
		return (int)meaning;
	if (meaning >= BL_MEANINGS_MAX)
		return -E2BIG;
	r = bl_grow(&b->match_sets, &b->match_sets_capacity, b->match_sets_count + 2);
	if (r < 0)
		return r;
	r = bl_grow(&b->matches, &b->matches_capacity, b->matches_count + count + 1);
	if (r < 0)
		return r;
	r = bl_index_add(&b->match_index, hash, (uint32_t)b->match_sets_count);
	if (r < 0)
		return r;
	memcpy(b->matches + b->matches_count, ids, count * sizeof(*ids));
	b->match_sets[b->match_sets_count].meaning = (uint32_t)meaning;
	b->match_sets[b->match_sets_count++].at = b->matches_count;
	b->matches_count += count;
	b->match_sets[b->match_sets_count].at = b->matches_count;
	*ret_meaning = (uint32_t)meaning;
	return 0;
}

static int find_meaning(struct builder *b, const uint32_t *items, size_t count, uint32_t *scratch,
			uint32_t *ret_meaning)
{
	size_t ids = 0;

	/* MATCH nodes were made pattern after pattern, so their patterns ascend as they do. */
	for (size_t i = 0; i < count; i++) {
		const struct bl_nfa_node *node = &b->nfa.nodes[items[i]];

		if (node->op == BL_NODE_MATCH && (!ids || scratch[ids - 1] != node->pattern))
			scratch[ids++] = node->pattern;
	}
	return ask_meaning(b, scratch, ids, ret_meaning);
}

static int add_state(struct builder *b, uint64_t hash, uint32_t *ret_state)
{
	size_t state = b->dfa.count;
	size_t count = b->gathered_count;
	uint32_t meaning = 0;
	int r;

	if (state >= b->cells_max * STATES_PER_CELL ||
	    b->items_count + count > b->cells_max * ITEMS_PER_CELL + WORK_MIN)
		return -E2BIG;
	r = bl_grow(&b->items, &b->items_capacity, b->items_count + count + 1);
	if (r < 0)
		return r;
	r = bl_grow(&b->item_at, &b->item_at_capacity, state + 2);
	if (r < 0)
		return r;
	r = bl_grow(&b->dfa.states, &b->dfa.states_capacity, state + 2);
	if (r < 0)
		return r;
	r = bl_index_add(&b->index, hash, (uint32_t)state);
	if (r < 0)
		return r;

	memcpy(b->items + b->items_count, b->gathered, count * sizeof(*b->items));
	b->item_at[state] = b->items_count;
	b->items_count += count;
	b->item_at[state + 1] = b->items_count;
	/* The set is stored: gathered is scratch from here on. */
	r = find_meaning(b, b->items + b->item_at[state], count, b->gathered, &meaning);
	if (r < 0)
		return r;
	b->dfa.states[state] = (struct bl_dfa_state){.meaning = meaning};
	b->dfa.count++;
	*ret_state = (uint32_t)state;
	return 0;
}

/* The state of the gathered set. */
static int gather_end(struct builder *b, uint32_t *ret_state)
{
	uint64_t hash;
	uint32_t found;
	size_t at;

	for (size_t i = 0; i < b->gathered_count; i++)
		if (b->nfa.nodes[b->gathered[i]].op == BL_NODE_LOOP)
			gather_targets(b, b->gathered[i]);
	if (b->has_settled)
		drop_settled(b);
	if (!is_sorted(b->gathered, b->gathered_count))
		sort_numbers(b->gathered, b->gathered_count);

	b->work += b->gathered_count + 1;
	if (b->work > b->cells_max * (uint64_t)WORK_PER_CELL + WORK_MIN)
		return -E2BIG;

	hash = bl_hash_words(b->gathered, b->gathered_count);
	at = bl_index_first(&b->index, hash);
	while ((found = bl_index_next(&b->index, hash, &at)) != BL_INDEX_NONE)
		if (b->item_at[found + 1] - b->item_at[found] == b->gathered_count &&
		    !memcmp(b->items + b->item_at[found], b->gathered,
			    b->gathered_count * sizeof(*b->gathered))) {
			*ret_state = found;
			return 0;
		}
	return add_state(b, hash, ret_state);
}

/* --- following the classes --- */

static int sort_item(struct builder *b, uint32_t item)
{
	const struct bl_nfa_set *set = &b->nfa.sets[b->nfa.nodes[item].set];
	int r;

	b->work += set->listed_count + 1;
	if (set->is_wide)
		b->wide[b->wide_count++] = item;
	r = bl_grow(&b->links, &b->links_capacity, b->links_count + set->listed_count);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < set->listed_count; i++) {
		uint32_t class = b->nfa.listed[set->listed + i];

		if (!bl_class_has(b->touched, class)) {
			b->touched[class >> 6] |= UINT64_C(1) << (class & 63);
			b->heads[class] = BL_INDEX_NONE;
		}
		if (set->is_wide)
			continue;
		b->links[b->links_count] =
			(struct item_link){.node = item, .next = b->heads[class]};
		b->heads[class] = (uint32_t)b->links_count++;
	}
	return 0;
}

static int add_edge(struct builder *b, uint32_t class, uint32_t to)
{
	int r;

	if (b->dfa.edges_count >= b->cells_max * EDGES_PER_CELL)
		return -E2BIG;
	r = bl_grow(&b->dfa.edges, &b->dfa.edges_capacity, b->dfa.edges_count + 1);
	if (r < 0)
		return r;
	b->dfa.edges[b->dfa.edges_count++] = (struct bl_dfa_edge){.class = class, .to = to};
	return 0;
}

static int follow_class(struct builder *b, uint32_t class, uint32_t *ret_state)
{
	gather_start(b);
	for (uint32_t link = b->heads[class]; link != BL_INDEX_NONE; link = b->links[link].next)
		gather_step(b, b->links[link].node);
	b->work += b->wide_count;
	for (size_t i = 0; i < b->wide_count; i++)
		if (bl_class_has(b->nfa.sets[b->nfa.nodes[b->wide[i]].set].classes, class))
			gather_step(b, b->wide[i]);
	return gather_end(b, ret_state);
}

static int follow_state(struct builder *b, uint32_t state)
{
	uint32_t fallback;
	uint32_t to;
	int r;

	b->wide_count = 0;
	b->links_count = 0;
	memset(b->touched, 0, sizeof(b->touched));
	/* From the end, because lists are built from the end: targets then come in order. */
	for (size_t at = b->item_at[state + 1]; at-- > b->item_at[state];) {
		if (b->nfa.nodes[b->items[at]].op == BL_NODE_MATCH)
			continue;
		r = sort_item(b, b->items[at]);
		if (r < 0)
			return r;
	}

	gather_start(b);
	for (size_t i = b->wide_count; i-- > 0;)
		gather_step(b, b->wide[i]);
	r = gather_end(b, &fallback);
	if (r < 0)
		return r;
	b->dfa.states[state].fallback = fallback;
	b->dfa.states[state].edges = (uint32_t)b->dfa.edges_count;
	for (uint32_t class = 0; class < b->nfa.classes; class ++) {
		if (!bl_class_has(b->touched, class))
			continue;
		r = follow_class(b, class, &to);
		if (r < 0)
			return r;
		if (to == fallback)
			continue;
		r = add_edge(b, class, to);
		if (r < 0)
			return r;
	}
	return 0;
}

static int follow_all(struct builder *b)
{
	uint32_t start;
	int r;

	gather_start(b);
	gather_targets(b, 0);
	r = gather_end(b, &start);
	if (r < 0)
		return r;
	for (uint32_t state = 0; state < b->dfa.count; state++) {
		r = follow_state(b, state);
		if (r < 0)
			return r;
	}
	b->dfa.states[b->dfa.count].edges = (uint32_t)b->dfa.edges_count;
	b->dfa.classes = b->nfa.classes;
	memcpy(b->dfa.class_of, b->nfa.class_of, sizeof(b->dfa.class_of));
	return 0;
}

static int prepare(struct builder *b)
{
	size_t nodes = b->nfa.count;

	b->gathered = reallocarray(NULL, nodes, sizeof(*b->gathered));
	b->seen = calloc(nodes, sizeof(*b->seen));
	b->wide = reallocarray(NULL, nodes, sizeof(*b->wide));
	b->best = reallocarray(NULL, (size_t)b->nfa.groups + 1, sizeof(*b->best));
	return b->gathered && b->seen && b->wide && b->best ? 0 : -ENOMEM;
}

/* --- who made it large --- */

/*
 * States multiply with nodes that are in about half of them: such a node says little about which
 * others are there. One that is in nearly all (the star of a rule for everything) or in few does
 * not matter.
 */
static int find_culprits(const struct builder *b, size_t patterns, struct bl_automaton_error *error)
{
	bl_cleanup_free uint32_t *occurs = calloc(b->nfa.count, sizeof(*occurs));
	bl_cleanup_free double *scores = calloc(patterns + 1, sizeof(*scores));
	double states = (double)b->dfa.count + 1;

	if (!occurs || !scores)
		return -ENOMEM;
	for (size_t i = 0; i < b->items_count; i++)
		occurs[b->items[i]]++;
	for (size_t i = 1; i < b->nfa.count; i++)
		scores[b->nfa.nodes[i].pattern] += occurs[i] * (states - occurs[i]) / states;

	error->culprits_count = 0;
	for (size_t rank = 0; rank < BL_CULPRITS_MAX; rank++) {
		size_t worst = 0;

		for (size_t i = 1; i < patterns; i++)
			if (scores[i] > scores[worst])
				worst = i;
		if (scores[worst] <= 0)
			break;
		error->culprits[error->culprits_count++] = (uint32_t)worst;
		scores[worst] = 0;
	}
	return 0;
}

static int refuse(const struct builder *b, size_t patterns, const char *message,
		  struct bl_automaton_error *error)
{
	int r;

	r = find_culprits(b, patterns, error);
	if (r < 0)
		return r;
	error->message = message;
	return -E2BIG;
}

int bl_automaton_build(const struct bl_pattern *patterns, size_t count, bl_meaning_fn meaning,
		       void *context, size_t cells_max, struct bl_automaton *ret_automaton,
		       struct bl_automaton_error *reterr_error)
{
	bl_cleanup(builder_fini) struct builder b = {
		.meaning = meaning,
		.context = context,
		.cells_max = cells_max,
	};
	int r;

	*reterr_error = (struct bl_automaton_error){.message = "it is too large"};
	r = bl_nfa_build(patterns, count, &b.nfa);
	if (r < 0)
		return r;
	r = prepare(&b);
	if (r < 0)
		return r;
	r = follow_all(&b);
	if (r == -E2BIG)
		return refuse(&b, count,
			      "the stars of the patterns multiply into too many partial matches",
			      reterr_error);
	if (r < 0)
		return r;
	r = bl_dfa_minimize(&b.dfa);
	if (r < 0)
		return r;
	r = bl_dfa_pack(&b.dfa, cells_max, ret_automaton);
	if (r == -E2BIG)
		return refuse(&b, count, "the automaton does not fit into a table", reterr_error);
	return r;
}
