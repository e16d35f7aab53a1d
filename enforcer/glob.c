// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/glob.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/collect.h"
#include "enforcer/util.h"

/* Longest pattern, and how deep braces may nest. */
#define PATTERN_MAX 4096
#define NESTING_MAX 32
#define NONE        UINT32_MAX

static const struct bl_byteset set_all = {{~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)}};
static const struct bl_byteset set_slash = {{UINT64_C(1) << '/', 0, 0, 0}};
static const struct bl_byteset set_component = {
	{~(UINT64_C(1) << '/'), ~UINT64_C(0), ~UINT64_C(0), ~UINT64_C(0)}};

struct brace {
	size_t offset;
	uint32_t split; /* head of the alternative being read */
	uint32_t jumps; /* ends of the alternatives read, linked by other */
};

struct parser {
	const char *text;
	size_t len;
	size_t at;
	struct bl_node *nodes;
	size_t count;
	size_t capacity;
	uint32_t start;
	struct brace braces[NESTING_MAX];
	size_t depth;
	struct bl_glob_error *error;
};

static void free_nodes(struct parser *parser)
{
	free(parser->nodes);
}

void bl_glob_fini(struct bl_glob *glob)
{
	free(glob->nodes);
	*glob = (struct bl_glob){0};
}

static int refuse(struct parser *p, size_t offset, const char *message)
{
	p->error->offset = offset;
	p->error->message = message;
	return -EINVAL;
}

/* Adds a node that goes on to the one after it. */
static int emit(struct parser *p, enum bl_node_op op, const struct bl_byteset *set)
{
	uint32_t next = (uint32_t)p->count + 1;
	int r;

	if (p->count >= BL_GLOB_NODES_MAX)
		return refuse(p, 0, "the alternatives are too many");
	r = bl_grow(&p->nodes, &p->capacity, p->count + 1);
	if (r < 0)
		return r;
	p->nodes[p->count] = (struct bl_node){.op = op, .next = next, .other = next};
	if (set)
		p->nodes[p->count].set = *set;
	p->count++;
	return 0;
}

static int emit_literal(struct parser *p, uint8_t byte)
{
	struct bl_byteset set = {0};

	bl_byteset_add(&set, byte);
	return emit(p, BL_NODE_BYTES, &set);
}

/* --- classes --- */

static int read_class_byte(struct parser *p, size_t open, uint8_t *ret_byte)
{
	if (p->text[p->at] == '\\') {
		if (p->at + 1 >= p->len)
			return refuse(p, p->at, "'\\' at the end of the pattern escapes nothing");
		p->at++;
	}
	if (p->text[p->at] == '/')
		return refuse(p, p->at, "a class never matches '/'");
	*ret_byte = (uint8_t)p->text[p->at++];
	if (p->at >= p->len)
		return refuse(p, open, "'[' is never closed");
	return 0;
}

static bool is_lone_dash(const struct parser *p, bool is_first)
{
	return p->text[p->at] == '-' && !is_first && p->at + 1 < p->len &&
	       p->text[p->at + 1] != ']';
}

static int read_class_member(struct parser *p, size_t open, bool is_first, struct bl_byteset *set)
{
	size_t offset = p->at;
	uint8_t low;
	uint8_t high;
	int r;

	if (is_lone_dash(p, is_first))
		return refuse(p, offset, "'-' inside a class stands first, last, or after '\\'");
	r = read_class_byte(p, open, &low);
	if (r < 0)
		return r;

	high = low;
	if (p->text[p->at] == '-' && p->at + 1 < p->len && p->text[p->at + 1] != ']') {
		p->at++;
		r = read_class_byte(p, open, &high);
		if (r < 0)
			return r;
	}
	if (high < low)
		return refuse(p, offset, "the range ends before it starts");
	for (unsigned byte = low; byte <= high; byte++)
		bl_byteset_add(set, (uint8_t)byte);
	return 0;
}

static int read_class(struct parser *p)
{
	struct bl_byteset set = {0};
	size_t open = p->at++;
	bool is_negated = p->at < p->len && p->text[p->at] == '^';
	int r;

	if (is_negated)
		p->at++;
	for (bool is_first = true;; is_first = false) {
		if (p->at >= p->len)
			return refuse(p, open, "'[' is never closed");
		if (p->text[p->at] == ']' && !is_first)
			break;
		r = read_class_member(p, open, is_first, &set);
		if (r < 0)
			return r;
	}
	p->at++;

	for (size_t i = 0; i < BL_ARRAY_LEN(set.bits); i++) {
		if (is_negated)
			set.bits[i] = ~set.bits[i];
		set.bits[i] &= set_component.bits[i];
	}
	return emit(p, BL_NODE_BYTES, &set);
}

/* --- alternatives --- */

/*
 * Each alternative starts with a SPLIT whose other is the next alternative, and all but the last
 * end in a jump to what follows the '}'. A SPLIT with two equal ways is a jump; number_nodes()
 * removes them.
 */
static int open_brace(struct parser *p)
{
	if (p->depth >= NESTING_MAX)
		return refuse(p, p->at, "'{' is nested too deep");
	p->braces[p->depth++] = (struct brace){
		.offset = p->at,
		.split = (uint32_t)p->count,
		.jumps = NONE,
	};
	p->at++;
	return emit(p, BL_NODE_SPLIT, NULL);
}

static int next_alternative(struct parser *p)
{
	struct brace *brace = &p->braces[p->depth - 1];
	uint32_t jump = (uint32_t)p->count;
	int r;

	r = emit(p, BL_NODE_SPLIT, NULL);
	if (r < 0)
		return r;
	p->nodes[jump].other = brace->jumps;
	brace->jumps = jump;
	p->nodes[brace->split].other = (uint32_t)p->count;
	brace->split = (uint32_t)p->count;
	p->at++;
	return emit(p, BL_NODE_SPLIT, NULL);
}

static int close_brace(struct parser *p)
{
	uint32_t end = (uint32_t)p->count;
	uint32_t jump;

	if (!p->depth)
		return refuse(p, p->at, "'}' without '{'");
	jump = p->braces[--p->depth].jumps;
	while (jump != NONE) {
		uint32_t following = p->nodes[jump].other;

		p->nodes[jump].next = end;
		p->nodes[jump].other = end;
		jump = following;
	}
	p->at++;
	return 0;
}

/* --- the rest of the text --- */

static int read_stars(struct parser *p)
{
	size_t open = p->at;

	while (p->at < p->len && p->text[p->at] == '*')
		p->at++;
	if (p->at - open > 2)
		return refuse(p, open, "more than two '*' in a row");
	return emit(p, BL_NODE_LOOP, p->at - open == 2 ? &set_all : &set_component);
}

static int read_token(struct parser *p)
{
	switch (p->text[p->at]) {
	case '*':
		return read_stars(p);
	case '?':
		p->at++;
		return emit(p, BL_NODE_BYTES, &set_component);
	case '[':
		return read_class(p);
	case '{':
		return open_brace(p);
	case '}':
		return close_brace(p);
	case ',':
		if (p->depth)
			return next_alternative(p);
		break;
	case '\\':
		if (++p->at >= p->len)
			return refuse(p, p->at - 1,
				      "'\\' at the end of the pattern escapes nothing");
		break;
	default:
		break;
	}
	return emit_literal(p, (uint8_t)p->text[p->at++]);
}

static int read_pattern(struct parser *p)
{
	int r;

	while (p->at < p->len) {
		r = read_token(p);
		if (r < 0)
			return r;
	}
	if (p->depth)
		return refuse(p, p->braces[p->depth - 1].offset, "'{' is never closed");
	return emit(p, BL_NODE_MATCH, NULL);
}

/* --- the optional component --- */

static bool is_set(const struct bl_node *node, enum bl_node_op op, const struct bl_byteset *set)
{
	return node->op == op && !memcmp(&node->set, set, sizeof(*set));
}

struct search {
	uint32_t *stack;
	size_t stack_capacity;
	size_t depth;
	uint32_t *seen; /* per node: the number of the last search that came there */
	size_t seen_capacity;
	uint32_t number;
	uint32_t *found;
	size_t found_capacity;
	size_t found_count;
};

static void search_fini(struct search *search)
{
	free(search->stack);
	free(search->seen);
	free(search->found);
}

static int search_start(struct search *search, size_t nodes)
{
	size_t old = search->seen_capacity;
	int r;

	r = bl_grow(&search->stack, &search->stack_capacity, nodes);
	if (r < 0)
		return r;
	r = bl_grow(&search->found, &search->found_capacity, nodes);
	if (r < 0)
		return r;
	r = bl_grow(&search->seen, &search->seen_capacity, nodes);
	if (r < 0)
		return r;
	memset(search->seen + old, 0, (search->seen_capacity - old) * sizeof(*search->seen));
	search->number++;
	return 0;
}

static void search_from(struct search *search, uint32_t node)
{
	if (search->seen[node] == search->number)
		return;
	search->seen[node] = search->number;
	search->stack[search->depth++] = node;
}

/* Finds the tokens of one kind that stand directly behind the nodes on the stack. */
static void search_tokens(struct search *search, const struct parser *p, enum bl_node_op op,
			  const struct bl_byteset *set)
{
	search->found_count = 0;
	while (search->depth) {
		uint32_t at = search->stack[--search->depth];
		const struct bl_node *node = &p->nodes[at];

		if (node->op == BL_NODE_SPLIT) {
			search_from(search, node->next);
			search_from(search, node->other);
		} else if (is_set(node, op, set)) {
			search->found[search->found_count++] = at;
		}
	}
}

/*
 * A way around each "**" + "/" that can follow from, which is where a component starts. Ways are
 * put into the program behind the '/' in front of them, because "a{/,x}" then "**" is one only
 * after '/'.
 */
static int add_ways(struct parser *p, struct search *search, uint32_t *from)
{
	int r;

	r = search_start(search, p->count);
	if (r < 0)
		return r;
	search_from(search, *from);
	search_tokens(search, p, BL_NODE_LOOP, &set_all);

	search->number++;
	for (size_t i = 0; i < search->found_count; i++)
		search_from(search, p->nodes[search->found[i]].next);
	search_tokens(search, p, BL_NODE_BYTES, &set_slash);

	for (size_t i = 0; i < search->found_count; i++) {
		uint32_t split = (uint32_t)p->count;

		r = emit(p, BL_NODE_SPLIT, NULL);
		if (r < 0)
			return r;
		p->nodes[split].next = *from;
		p->nodes[split].other = p->nodes[search->found[i]].next;
		*from = split;
	}
	return 0;
}

static int make_components_optional(struct parser *p, bool is_name)
{
	bl_cleanup(search_fini) struct search search = {0};
	int r;

	/* From the end: a way leads to what the '/' at its end goes on to, ways included. */
	for (uint32_t i = (uint32_t)p->count; i-- > 0;) {
		uint32_t next = p->nodes[i].next;

		if (!is_set(&p->nodes[i], BL_NODE_BYTES, &set_slash))
			continue;
		r = add_ways(p, &search, &next);
		if (r < 0)
			return r;
		p->nodes[i].next = next;
	}
	return is_name ? add_ways(p, &search, &p->start) : 0;
}

/* --- numbering --- */

static uint32_t skip_jumps(const struct parser *p, uint32_t node)
{
	while (p->nodes[node].op == BL_NODE_SPLIT && p->nodes[node].next == p->nodes[node].other)
		node = p->nodes[node].next;
	return node;
}

static void count_entries(struct parser *p, uint32_t *entries, uint32_t *stack)
{
	size_t depth = 0;

	stack[depth++] = p->start;
	entries[p->start] = 1;
	while (depth) {
		struct bl_node *node = &p->nodes[stack[--depth]];

		if (node->op == BL_NODE_MATCH)
			continue;
		node->next = skip_jumps(p, node->next);
		node->other = node->op == BL_NODE_SPLIT ? skip_jumps(p, node->other) : node->next;
		if (!entries[node->next]++)
			stack[depth++] = node->next;
		if (node->other != node->next && !entries[node->other]++)
			stack[depth++] = node->other;
	}
}

static void enter(uint32_t node, uint32_t *entries, uint32_t *order, size_t *count)
{
	if (!--entries[node])
		order[(*count)++] = node;
}

/* Leaves out jumps and orders nodes so that all ways lead forward. */
static int number_nodes(struct parser *p, struct bl_glob *ret_glob)
{
	bl_cleanup_free uint32_t *entries = calloc(p->count, sizeof(*entries));
	bl_cleanup_free uint32_t *order = reallocarray(NULL, p->count, sizeof(*order));
	bl_cleanup_free uint32_t *stack = reallocarray(NULL, p->count, sizeof(*stack));
	struct bl_node *nodes;
	size_t count = 0;

	if (!entries || !order || !stack)
		return -ENOMEM;
	p->start = skip_jumps(p, p->start);
	count_entries(p, entries, stack);

	enter(p->start, entries, order, &count);
	for (size_t i = 0; i < count; i++) {
		const struct bl_node *node = &p->nodes[order[i]];

		if (node->op == BL_NODE_MATCH)
			continue;
		enter(node->next, entries, order, &count);
		if (node->other != node->next)
			enter(node->other, entries, order, &count);
	}

	nodes = calloc(count, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		stack[order[i]] = (uint32_t)i;
	for (size_t i = 0; i < count; i++) {
		nodes[i] = p->nodes[order[i]];
		if (nodes[i].op == BL_NODE_MATCH) {
			nodes[i].next = nodes[i].other = 0;
			continue;
		}
		nodes[i].next = stack[nodes[i].next];
		nodes[i].other = nodes[i].op == BL_NODE_SPLIT ? stack[nodes[i].other] : 0;
	}
	*ret_glob = (struct bl_glob){.nodes = nodes, .count = count};
	return 0;
}

int bl_glob_compile(const char *pattern, bool is_name, struct bl_glob *ret_glob,
		    struct bl_glob_error *reterr_error)
{
	bl_cleanup(free_nodes) struct parser parser = {
		.text = pattern,
		.len = strlen(pattern),
		.error = reterr_error,
	};
	const char *globstar;
	int r;

	if (!is_name && pattern[0] != '/')
		return refuse(&parser, 0, "a path starts with '/'");
	if (parser.len > PATTERN_MAX)
		return refuse(&parser, PATTERN_MAX, "the pattern is longer than any path");
	r = bl_grow(&parser.nodes, &parser.capacity, parser.len + 1);
	if (r < 0)
		return r;
	r = read_pattern(&parser);
	if (r < 0)
		return r;
	globstar = strstr(pattern, "**");
	if (globstar && globstar[2]) {
		r = make_components_optional(&parser, is_name);
		if (r < 0)
			return r;
	}
	return number_nodes(&parser, ret_glob);
}

char *bl_glob_quote(const char *text)
{
	char *pattern = malloc(2 * strlen(text) + 1);
	char *end = pattern;

	if (!pattern)
		return NULL;
	for (; *text; text++) {
		if (strchr("\\?*[]{},", *text))
			*end++ = '\\';
		*end++ = *text;
	}
	*end = '\0';
	return pattern;
}
