// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * All patterns in one nondeterministic automaton. Two nodes that consume the same bytes and are
 * reached from the same nodes are one node, so that ten thousand patterns that start with "/srv/"
 * and a star share that star: the deterministic automaton is made of sets of nodes, and the sets
 * stay small.
 */
#include "enforcer/automaton_parts.h"

#include "enforcer/collect.h"
#include "enforcer/util.h"

struct link {
	uint32_t from; /* nfa node */
	uint32_t next; /* link */
};

struct builder {
	struct bl_nfa nfa;
	size_t nodes_capacity;
	size_t sets_capacity;

	/* where each node is reached from: sources[source_at[n] .. source_at[n + 1]) */
	uint32_t *sources;
	size_t sources_count;
	size_t sources_capacity;
	uint32_t *source_at;
	size_t source_at_capacity;

	struct bl_index node_index;
	struct bl_index set_index;

	/* of one pattern: for each glob node, where it is reached from, as a list in links */
	uint32_t *heads;
	size_t heads_capacity;
	struct link *links;
	size_t links_count;
	size_t links_capacity;
	uint32_t *froms;
	size_t froms_capacity;
};

static void builder_fini(struct builder *b)
{
	bl_nfa_fini(&b->nfa);
	free(b->sources);
	free(b->source_at);
	bl_index_fini(&b->node_index);
	bl_index_fini(&b->set_index);
	free(b->heads);
	free(b->links);
	free(b->froms);
}

void bl_nfa_fini(struct bl_nfa *nfa)
{
	free(nfa->nodes);
	free(nfa->targets);
	free(nfa->sets);
	free(nfa->listed);
	*nfa = (struct bl_nfa){0};
}

/* --- sets of bytes --- */

static int intern_set(struct builder *b, const struct bl_byteset *set, uint32_t *ret_set)
{
	uint64_t hash = 0;
	uint32_t found;
	size_t at;
	int r;

	for (size_t i = 0; i < BL_ARRAY_LEN(set->bits); i++)
		hash = bl_hash_add(hash, set->bits[i]);
	at = bl_index_first(&b->set_index, hash);
	while ((found = bl_index_next(&b->set_index, hash, &at)) != BL_INDEX_NONE)
		if (!memcmp(&b->nfa.sets[found].bytes, set, sizeof(*set))) {
			*ret_set = found;
			return 0;
		}

	found = (uint32_t)b->nfa.sets_count;
	r = bl_grow(&b->nfa.sets, &b->sets_capacity, b->nfa.sets_count + 1);
	if (r < 0)
		return r;
	r = bl_index_add(&b->set_index, hash, found);
	if (r < 0)
		return r;
	b->nfa.sets[b->nfa.sets_count++] = (struct bl_nfa_set){.bytes = *set};
	*ret_set = found;
	return 0;
}

static void make_classes(struct bl_nfa *nfa)
{
	unsigned members[256] = {0};

	nfa->classes = 1;
	for (size_t i = 0; i < nfa->sets_count; i++) {
		uint16_t inside[256]; /* class -> the class of those in the set */
		bool has_outside[256] = {false};
		uint32_t classes = nfa->classes;

		memset(inside, 0xff, sizeof(inside));
		for (unsigned byte = 0; byte < 256; byte++)
			if (!bl_byteset_has(&nfa->sets[i].bytes, (uint8_t)byte))
				has_outside[nfa->class_of[byte]] = true;
		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t class = nfa->class_of[byte];

			if (!bl_byteset_has(&nfa->sets[i].bytes, (uint8_t)byte))
				continue;
			if (inside[class] == UINT16_MAX)
				inside[class] = has_outside[class] ? (uint16_t)classes++ : class;
			nfa->class_of[byte] = (uint8_t)inside[class];
		}
		nfa->classes = classes;
	}
	for (unsigned byte = 0; byte < 256; byte++)
		if (++members[nfa->class_of[byte]] > members[nfa->fallback_class])
			nfa->fallback_class = nfa->class_of[byte];
}

static int list_classes(struct bl_nfa *nfa)
{
	size_t count = 0;

	nfa->listed = malloc(nfa->sets_count * 256 + 1);
	if (!nfa->listed)
		return -ENOMEM;
	for (size_t i = 0; i < nfa->sets_count; i++) {
		struct bl_nfa_set *set = &nfa->sets[i];

		for (unsigned byte = 0; byte < 256; byte++) {
			uint8_t class = nfa->class_of[byte];

			if (bl_byteset_has(&set->bytes, (uint8_t)byte))
				set->classes[class >> 6] |= UINT64_C(1) << (class & 63);
		}
		set->is_wide = bl_class_has(set->classes, nfa->fallback_class);
		set->listed = (uint32_t)count;
		for (uint32_t class = 0; class < nfa->classes; class ++)
			if (bl_class_has(set->classes, class) != set->is_wide)
				nfa->listed[count++] = (uint8_t) class;
		set->listed_count = (uint32_t)count - set->listed;
	}
	return 0;
}

/* --- nodes --- */

static int add_node(struct builder *b, const struct bl_nfa_node *node, const uint32_t *froms,
		    size_t froms_count, uint32_t *ret_node)
{
	size_t at = b->nfa.count;
	int r;

	r = bl_grow(&b->nfa.nodes, &b->nodes_capacity, at + 2);
	if (r < 0)
		return r;
	r = bl_grow(&b->source_at, &b->source_at_capacity, at + 2);
	if (r < 0)
		return r;
	r = bl_grow(&b->sources, &b->sources_capacity, b->sources_count + froms_count);
	if (r < 0)
		return r;

	for (size_t i = 0; i < froms_count; i++)
		b->sources[b->sources_count + i] = froms[i];
	b->source_at[at] = (uint32_t)b->sources_count;
	b->sources_count += froms_count;
	b->source_at[at + 1] = (uint32_t)b->sources_count;
	b->nfa.nodes[at] = *node;
	b->nfa.count++;
	*ret_node = (uint32_t)at;
	return 0;
}

static bool is_same_node(const struct builder *b, uint32_t candidate,
			 const struct bl_nfa_node *node, const uint32_t *froms, size_t froms_count)
{
	uint32_t sources = b->source_at[candidate];

	return b->nfa.nodes[candidate].op == node->op && b->nfa.nodes[candidate].set == node->set &&
	       b->source_at[candidate + 1] - sources == froms_count &&
	       !memcmp(b->sources + sources, froms, froms_count * sizeof(*froms));
}

static int merge_node(struct builder *b, const struct bl_nfa_node *node, const uint32_t *froms,
		      size_t froms_count, uint32_t *ret_node)
{
	uint64_t hash =
		bl_hash_add(bl_hash_words(froms, froms_count), (uint64_t)node->set << 2 | node->op);
	size_t at = bl_index_first(&b->node_index, hash);
	uint32_t found;
	int r;

	while ((found = bl_index_next(&b->node_index, hash, &at)) != BL_INDEX_NONE) {
		struct bl_nfa_node *same = &b->nfa.nodes[found];

		if (!is_same_node(b, found, node, froms, froms_count))
			continue;
		if (same->group != node->group)
			same->group = BL_GROUP_NONE;
		if (same->rank > node->rank)
			same->rank = node->rank;
		*ret_node = found;
		return 0;
	}
	r = add_node(b, node, froms, froms_count, ret_node);
	if (r < 0)
		return r;
	return bl_index_add(&b->node_index, hash, *ret_node);
}

/* --- patterns --- */

static int link_from(struct builder *b, uint32_t glob_node, uint32_t from)
{
	int r;

	r = bl_grow(&b->links, &b->links_capacity, b->links_count + 1);
	if (r < 0)
		return r;
	b->links[b->links_count] = (struct link){.from = from, .next = b->heads[glob_node]};
	b->heads[glob_node] = (uint32_t)b->links_count++;
	return 0;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint32_t *left = a;
	const uint32_t *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Where a node of the glob is reached from, ascending, no doubles. */
static int collect_froms(struct builder *b, uint32_t glob_node, size_t *ret_count)
{
	size_t count = 0;
	size_t kept = 0;
	int r;

	for (uint32_t link = b->heads[glob_node]; link != BL_INDEX_NONE;
	     link = b->links[link].next) {
		r = bl_grow(&b->froms, &b->froms_capacity, count + 1);
		if (r < 0)
			return r;
		b->froms[count++] = b->links[link].from;
	}
	if (count > 1)
		qsort(b->froms, count, sizeof(*b->froms), compare_numbers);
	for (size_t i = 0; i < count; i++)
		if (!i || b->froms[i] != b->froms[kept - 1])
			b->froms[kept++] = b->froms[i];
	*ret_count = kept;
	return 0;
}

static int pass_on(struct builder *b, const struct bl_glob *glob, uint32_t at, size_t froms_count)
{
	int r;

	for (size_t i = 0; i < froms_count; i++) {
		r = link_from(b, glob->nodes[at].next, b->froms[i]);
		if (r < 0)
			return r;
		r = link_from(b, glob->nodes[at].other, b->froms[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool leads_forward(const struct bl_glob *glob, uint32_t at)
{
	const struct bl_node *node = &glob->nodes[at];

	if (node->op == BL_NODE_MATCH)
		return true;
	if (node->next <= at || node->next >= glob->count)
		return false;
	return node->op != BL_NODE_SPLIT || (node->other > at && node->other < glob->count);
}

static int add_glob_node(struct builder *b, const struct bl_pattern *pattern, uint32_t number,
			 uint32_t at)
{
	const struct bl_node *glob_node = &pattern->glob->nodes[at];
	struct bl_nfa_node node = {
		.op = glob_node->op,
		.pattern = number,
		.group = pattern->group,
		.rank = pattern->rank,
	};
	size_t froms_count;
	uint32_t added;
	int r;

	r = collect_froms(b, at, &froms_count);
	if (r < 0 || !froms_count)
		return r;
	if (!leads_forward(pattern->glob, at))
		return -EINVAL;

	switch (node.op) {
	case BL_NODE_SPLIT:
		return pass_on(b, pattern->glob, at, froms_count);
	case BL_NODE_MATCH:
		return add_node(b, &node, b->froms, froms_count, &added);
	case BL_NODE_BYTES:
	case BL_NODE_LOOP:
		break;
	}
	r = intern_set(b, &glob_node->set, &node.set);
	if (r < 0)
		return r;
	r = merge_node(b, &node, b->froms, froms_count, &added);
	if (r < 0)
		return r;
	return link_from(b, glob_node->next, added);
}

static int add_pattern(struct builder *b, const struct bl_pattern *pattern, uint32_t number)
{
	int r;

	if (!pattern->glob->count)
		return -EINVAL;
	r = bl_grow(&b->heads, &b->heads_capacity, pattern->glob->count);
	if (r < 0)
		return r;
	memset(b->heads, 0xff, pattern->glob->count * sizeof(*b->heads));
	b->links_count = 0;
	r = link_from(b, 0, 0);
	if (r < 0)
		return r;
	for (uint32_t i = 0; i < pattern->glob->count; i++) {
		r = add_glob_node(b, pattern, number, i);
		if (r < 0)
			return r;
	}
	if (pattern->group != BL_GROUP_NONE && pattern->group >= b->nfa.groups)
		b->nfa.groups = pattern->group + 1;
	return 0;
}

/* Turns "reached from" into "leads to". */
static int make_targets(struct builder *b)
{
	struct bl_nfa *nfa = &b->nfa;
	uint32_t sum = 0;

	nfa->targets = reallocarray(NULL, b->sources_count + 1, sizeof(*nfa->targets));
	if (!nfa->targets)
		return -ENOMEM;
	for (size_t i = 0; i < nfa->count; i++)
		nfa->nodes[i].next = 0;
	for (size_t i = 0; i < b->sources_count; i++)
		nfa->nodes[b->sources[i]].next++;
	for (size_t i = 0; i < nfa->count; i++) {
		sum += nfa->nodes[i].next;
		nfa->nodes[i].next = sum;
	}
	nfa->nodes[nfa->count].next = sum;
	for (size_t i = nfa->count; i-- > 0;)
		for (uint32_t at = b->source_at[i]; at < b->source_at[i + 1]; at++)
			nfa->targets[--nfa->nodes[b->sources[at]].next] = (uint32_t)i;
	return 0;
}

static void mark_settling(struct bl_nfa *nfa)
{
	for (size_t i = 0; i < nfa->count; i++) {
		struct bl_nfa_node *node = &nfa->nodes[i];
		const struct bl_byteset *bytes;

		node->is_settling = false;
		if (node->op != BL_NODE_LOOP)
			continue;
		bytes = &nfa->sets[node->set].bytes;
		if ((bytes->bits[0] & bytes->bits[1] & bytes->bits[2] & bytes->bits[3]) !=
		    ~UINT64_C(0))
			continue;
		for (uint32_t at = node->next; at < node[1].next; at++) {
			const struct bl_nfa_node *target = &nfa->nodes[nfa->targets[at]];

			if (target->op == BL_NODE_MATCH && target->group != BL_GROUP_NONE)
				node->is_settling = true;
		}
	}
}

int bl_nfa_build(const struct bl_pattern *patterns, size_t count, struct bl_nfa *ret_nfa)
{
	bl_cleanup(builder_fini) struct builder b = {0};
	struct bl_nfa_node start = {.op = BL_NODE_SPLIT, .group = BL_GROUP_NONE};
	uint32_t added;
	int r;

	r = add_node(&b, &start, NULL, 0, &added);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		r = add_pattern(&b, &patterns[i], (uint32_t)i);
		if (r < 0)
			return r;
	}
	make_classes(&b.nfa);
	r = list_classes(&b.nfa);
	if (r < 0)
		return r;
	r = make_targets(&b);
	if (r < 0)
		return r;
	mark_settling(&b.nfa);
	*ret_nfa = b.nfa;
	b.nfa = (struct bl_nfa){0};
	return 0;
}
