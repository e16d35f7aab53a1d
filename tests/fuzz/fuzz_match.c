// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Lines of patterns, an empty line, lines of keys. What the table says of each key has to be what trying the
 * patterns one by one says. A pattern that starts with '@' is that of a name.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_table.h"
#include "tests/unit/naive.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A meaning for each set of patterns that match. */
#define PATTERNS_MAX 6
#define CELLS_MAX    16384
#define LINE_MAX     256

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

struct input {
	const uint8_t *at;
	const uint8_t *end;
};

static bool next_line(struct input *input, char line[LINE_MAX], size_t *ret_len)
{
	const uint8_t *end = input->at;

	if (input->at >= input->end)
		return false;
	while (end < input->end && *end != '\n')
		end++;
	*ret_len = (size_t)(end - input->at);
	if (*ret_len >= LINE_MAX)
		*ret_len = LINE_MAX - 1;
	memcpy(line, input->at, *ret_len);
	line[*ret_len] = '\0';
	input->at = end + 1;
	return true;
}

struct patterns {
	struct bl_glob globs[PATTERNS_MAX];
	struct bl_pattern items[PATTERNS_MAX];
	struct naive_pattern naive[PATTERNS_MAX];
	size_t count;
	struct bl_meanings meanings;
};

/* A name's key starts with '@', which stands for itself in a pattern. */
static void add_pattern(struct patterns *patterns, const char *line)
{
	size_t at = patterns->count;
	struct bl_glob_error error = {0};
	bool is_name = line[0] == '@';
	int r;

	if (!naive_pattern_init(&patterns->naive[at], line))
		return;
	r = bl_glob_compile(line, is_name, &patterns->globs[at], &error);
	if (r < 0) {
		require(r == -EINVAL && error.message && error.offset <= strlen(line));
		naive_pattern_fini(&patterns->naive[at]);
		return;
	}
	/* Every other one can be hidden by those above it, which must not show in the first that matches. */
	patterns->items[at] = (struct bl_pattern){
		.glob = &patterns->globs[at],
		.group = at & 1 ? 0 : UINT32_MAX,
		.rank = (uint32_t)at,
	};
	patterns->count++;
}

/* The first of each kind: a bit for each pattern without a group, and the number of the first with one. */
static uint32_t sum_up(uint32_t mask)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < PATTERNS_MAX; i++) {
		if (!(mask >> i & 1))
			continue;
		if (!(i & 1))
			sum |= 1u << i;
		else if (sum < 1u << 16)
			sum |= 1u << (16 + i);
	}
	return sum;
}

static int64_t find_meaning(void *context, const uint32_t *ids, size_t count)
{
	struct patterns *patterns = context;
	struct bl_selected selected = {0};
	uint32_t mask = 0;
	uint32_t offset;
	int r;

	for (size_t i = 0; i < count; i++)
		mask |= 1u << ids[i];
	selected.profile = sum_up(mask);
	r = bl_pool_intern(&patterns->meanings.accepts, &selected, sizeof(selected), &offset);
	return r < 0 ? r : (int64_t)(offset / sizeof(selected));
}

static void try_keys(const struct patterns *patterns, const struct bl_table *table,
		     struct input *input)
{
	char line[LINE_MAX];
	size_t len;

	while (next_line(input, line, &len)) {
		struct bl_selected selected =
			bl_evaluate_selectors(table->bytes, table->size, line, len);
		uint32_t mask = 0;

		for (size_t i = 0; i < patterns->count; i++)
			if (naive_pattern_matches(&patterns->naive[i], (const uint8_t *)line, len))
				mask |= 1u << i;
		require(selected.profile == sum_up(mask));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input input = {.at = data, .end = data + size};
	struct patterns patterns = {0};
	struct bl_automaton automaton = {0};
	struct bl_automaton_error error;
	struct bl_table table = {0};
	char line[LINE_MAX];
	size_t len;
	int r;

	while (next_line(&input, line, &len) && len)
		if (patterns.count < PATTERNS_MAX && !memchr(line, '\0', len))
			add_pattern(&patterns, line);
	r = bl_automaton_build(patterns.items, patterns.count, find_meaning, &patterns, CELLS_MAX,
			       &automaton, &error);
	require(r == 0 || r == -E2BIG);
	if (!r) {
		require(bl_table_write(&automaton, &patterns.meanings, true, &table) == 0);
		try_keys(&patterns, &table, &input);
	}

	free(table.bytes);
	bl_automaton_fini(&automaton);
	bl_meanings_fini(&patterns.meanings);
	for (size_t i = 0; i < patterns.count; i++) {
		bl_glob_fini(&patterns.globs[i]);
		naive_pattern_fini(&patterns.naive[i]);
	}
	return 0;
}
