// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/automaton.h"
#include "enforcer/util.h"

#include "matcher.h"

#define PATTERNS_MAX 1200

struct fixture {
	struct bl_glob globs[PATTERNS_MAX];
	struct bl_pattern patterns[PATTERNS_MAX];
	size_t count;
	size_t asked; /* how often a meaning was asked for */
	bool is_first_only;
	int64_t answer; /* instead of a meaning, if it is negative */
};

static struct fixture *fixture;

static int set_up(void **state)
{
	fixture = calloc(1, sizeof(*fixture));
	return fixture ? 0 : -1;
}

static int tear_down(void **state)
{
	for (size_t i = 0; i < fixture->count; i++)
		bl_glob_fini(&fixture->globs[i]);
	free(fixture);
	return 0;
}

static void add_ranked(const char *pattern, uint32_t group, uint32_t rank)
{
	struct bl_glob *glob = &fixture->globs[fixture->count];
	struct bl_glob_error error;

	assert_true(fixture->count < PATTERNS_MAX);
	assert_int_equal(bl_glob_compile(pattern, false, glob, &error), 0);
	fixture->patterns[fixture->count++] =
		(struct bl_pattern){.glob = glob, .group = group, .rank = rank};
}

static void add(const char *pattern)
{
	add_ranked(pattern, UINT32_MAX, 0);
}

/* A bit for each of the first patterns; or the number of the first that matches, from 1. */
static int64_t meaning_of(void *context, const uint32_t *ids, size_t count)
{
	int64_t meaning = 0;

	fixture->asked++;
	if (fixture->answer < 0 && count)
		return fixture->answer;
	for (size_t i = 1; i < count; i++)
		assert_true(ids[i - 1] < ids[i]);
	if (fixture->is_first_only)
		return count ? ids[0] + 1 : 0;
	for (size_t i = 0; i < count; i++)
		meaning |= (int64_t)1 << (ids[i] % 20);
	return meaning;
}

static int build(size_t cells_max, struct bl_automaton *ret_automaton,
		 struct bl_automaton_error *reterr_error)
{
	return bl_automaton_build(fixture->patterns, fixture->count, meaning_of, NULL, cells_max,
				  ret_automaton, reterr_error);
}

/* --- what abi.h promises of every table --- */

static uint32_t step(const struct bl_automaton *automaton, uint32_t state, uint8_t byte)
{
	const struct bl_cell *edge = &automaton->cells[(state + automaton->classes[byte]) / 8];

	return edge->owner == state ? edge->next : automaton->cells[state / 8].next;
}

static void assert_well_formed(const struct bl_automaton *automaton)
{
	size_t bytes = automaton->cells_count * sizeof(struct bl_cell);
	size_t states = 0;

	for (unsigned byte = 0; byte < 256; byte++) {
		assert_int_equal(automaton->classes[byte] % 8, 0);
		assert_int_not_equal(automaton->classes[byte], 0);
	}
	assert_true(automaton->start < bytes);
	for (size_t i = 0; i < automaton->cells_count; i++) {
		const struct bl_cell *cell = &automaton->cells[i];
		uint32_t state = (uint32_t)(i * sizeof(*cell));

		if (cell->owner == BL_CELL_FREE)
			continue;
		assert_true(cell->next % 8 == 0 && cell->next < bytes);
		assert_true(automaton->cells[cell->next / 8].owner & BL_CELL_STATE);
		if (!(cell->owner & BL_CELL_STATE)) {
			assert_true(cell->owner < state);
			assert_true(automaton->cells[cell->owner / 8].owner & BL_CELL_STATE);
			continue;
		}
		states++;
		for (unsigned byte = 0; byte < 256; byte++) {
			assert_true(state + automaton->classes[byte] < bytes);
			if (state >= automaton->sinks)
				assert_int_equal(step(automaton, state, (uint8_t)byte), state);
		}
	}
	assert_int_equal(states, automaton->states);
}

static bool stays(const struct bl_automaton *automaton, uint32_t state)
{
	for (unsigned byte = 0; byte < 256; byte++)
		if (step(automaton, state, (uint8_t)byte) != state)
			return false;
	return true;
}

struct pairs {
	const struct bl_automaton *automaton;
	uint32_t *states;
	uint32_t *number; /* of the state in each cell */
	size_t count;
	bool *differ; /* of each two states */
};

static void list_states(struct pairs *pairs)
{
	const struct bl_automaton *automaton = pairs->automaton;

	for (uint32_t i = 0; i < automaton->cells_count; i++) {
		if (automaton->cells[i].owner == BL_CELL_FREE ||
		    !(automaton->cells[i].owner & BL_CELL_STATE))
			continue;
		pairs->number[i] = (uint32_t)pairs->count;
		pairs->states[pairs->count++] = i * 8;
		assert_int_equal(i * 8 >= automaton->sinks, stays(automaton, i * 8));
	}
}

/* They mean different things, or some byte leads to states that do. */
static bool are_apart(const struct pairs *pairs, size_t a, size_t b)
{
	const struct bl_automaton *automaton = pairs->automaton;
	uint32_t left = pairs->states[a];
	uint32_t right = pairs->states[b];

	if (automaton->cells[left / 8].owner != automaton->cells[right / 8].owner)
		return true;
	for (unsigned byte = 0; byte < 256; byte++) {
		size_t to_left = pairs->number[step(automaton, left, (uint8_t)byte) / 8];
		size_t to_right = pairs->number[step(automaton, right, (uint8_t)byte) / 8];

		if (pairs->differ[to_left * pairs->count + to_right])
			return true;
	}
	return false;
}

static bool tell_apart(struct pairs *pairs)
{
	bool has_changed = false;

	for (size_t a = 0; a < pairs->count; a++)
		for (size_t b = 0; b < a; b++) {
			if (pairs->differ[a * pairs->count + b] || !are_apart(pairs, a, b))
				continue;
			pairs->differ[a * pairs->count + b] = true;
			pairs->differ[b * pairs->count + a] = true;
			has_changed = true;
		}
	return has_changed;
}

/*
 * No two states mean the same: tells states apart round by round, the slow way, until nothing changes, and
 * demands that all came apart. Also that all sinks are where sinks belong.
 */
static void assert_minimal(const struct bl_automaton *automaton)
{
	size_t states = automaton->states;
	struct pairs pairs = {
		.automaton = automaton,
		.states = calloc(states, sizeof(*pairs.states)),
		.number = calloc(automaton->cells_count, sizeof(*pairs.number)),
		.differ = calloc(states * states, sizeof(*pairs.differ)),
	};

	assert_true(pairs.states && pairs.number && pairs.differ);
	list_states(&pairs);
	assert_int_equal(pairs.count, states);
	while (tell_apart(&pairs))
		;
	for (size_t a = 0; a < states; a++)
		for (size_t b = 0; b < a; b++)
			assert_true(pairs.differ[a * states + b]);
	free(pairs.states);
	free(pairs.number);
	free(pairs.differ);
}

static void build_good(struct bl_automaton *ret_automaton)
{
	struct bl_automaton_error error;

	assert_int_equal(build(MATCHER_CELLS_MAX, ret_automaton, &error), 0);
	assert_well_formed(ret_automaton);
}

/* --- shape --- */

static void test_example_of_the_abi_has_its_four_states(void **state)
{
	struct bl_automaton automaton;
	size_t sinks = 0;

	add("/a");
	build_good(&automaton);
	assert_minimal(&automaton);
	assert_int_equal(automaton.states, 4);
	assert_int_equal(matcher_meaning(&automaton, "/a", 2), 1);
	assert_int_equal(matcher_meaning(&automaton, "/b", 2), 0);
	assert_int_equal(matcher_meaning(&automaton, "/ab", 3), 0);
	/* One sink: where nothing matches any more. */
	for (size_t i = automaton.sinks / 8; i < automaton.cells_count; i++)
		sinks += automaton.cells[i].owner == BL_CELL_STATE;
	assert_int_equal(sinks, 1);
	bl_automaton_fini(&automaton);
}

static void test_no_patterns_make_one_sink(void **state)
{
	struct bl_automaton automaton;

	build_good(&automaton);
	assert_minimal(&automaton);
	assert_int_equal(automaton.states, 1);
	assert_true(automaton.start >= automaton.sinks);
	assert_int_equal(matcher_meaning(&automaton, "/a", 2), 0);
	bl_automaton_fini(&automaton);
}

static void test_equal_meanings_are_merged(void **state)
{
	struct bl_automaton automaton;

	/* The same language thrice, spelled differently. */
	add("/{a,b}*");
	add("/[ab]*");
	add("/{a*,b,b*}");
	build_good(&automaton);
	assert_minimal(&automaton);
	assert_int_equal(automaton.states, 4);
	assert_int_equal(matcher_meaning(&automaton, "/bx", 3), 7);
	bl_automaton_fini(&automaton);
}

static void test_cycles_are_merged_into_a_sink(void **state)
{
	struct bl_automaton automaton;

	/* What the second finds below /a does not matter, but its stars make a cycle of states. */
	fixture->is_first_only = true;
	add("/a/**");
	add("/a/**x**y");
	build_good(&automaton);
	assert_minimal(&automaton);
	assert_int_equal(automaton.states, 5);
	bl_automaton_fini(&automaton);
}

static void test_random_automata_are_minimal(void **state)
{
	static const char *const pieces[] = {"a",    "b",      "/",  "*",   "?",
					     "[ab]", "{a,b/}", "**", "/**/"};
	uint32_t random = 1;

	for (unsigned round = 0; round < 300; round++) {
		struct bl_automaton automaton;
		struct bl_automaton_error error;
		unsigned patterns = 1 + round % 3;

		for (unsigned i = 0; i < patterns; i++) {
			char pattern[64] = "/";

			for (unsigned k = 0; k < 4; k++) {
				const char *piece;

				random = random * 1664525 + 1013904223;
				piece = pieces[(random >> 16) % BL_ARRAY_LEN(pieces)];
				if (piece[0] == '*' && pattern[strlen(pattern) - 1] == '*')
					continue;
				strcat(pattern, piece);
			}
			add(pattern);
		}
		fixture->is_first_only = round & 1;
		assert_int_equal(build(MATCHER_CELLS_MAX, &automaton, &error), 0);
		assert_well_formed(&automaton);
		if (automaton.states < 90)
			assert_minimal(&automaton);
		bl_automaton_fini(&automaton);
		while (fixture->count)
			bl_glob_fini(&fixture->globs[--fixture->count]);
	}
}

static void test_many_literals_share_what_they_can(void **state)
{
	struct bl_automaton automaton;
	char path[64];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/srv/tenant-%03u/data/**", i);
		add(path);
	}
	fixture->is_first_only = true;
	build_good(&automaton);
	/* "/srv/tenant-" 13, three digits 1 + 10 + 100 + 1000 of which the first is counted, "/data/" 6 each, dead. */
	assert_int_equal(automaton.states, 12 + 1 + 10 + 100 + 1000 * 7 + 1);
	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/srv/tenant-%03u/data/x", i);
		assert_int_equal(matcher_meaning(&automaton, path, strlen(path)), i + 1);
	}
	bl_automaton_fini(&automaton);
}

static void test_packing_leaves_few_cells(void **state)
{
	struct bl_automaton automaton;
	size_t free_cells = 0;
	char path[64];

	for (unsigned i = 0; i < 1000; i++) {
		snprintf(path, sizeof(path), "/%x/%x/file-%u", i * 7919, i * 104729, i);
		add(path);
	}
	fixture->is_first_only = true;
	build_good(&automaton);
	for (size_t i = 0; i < automaton.cells_count; i++)
		free_cells += automaton.cells[i].owner == BL_CELL_FREE;
	if (free_cells * 50 > automaton.cells_count)
		fail_msg("%zu of %zu cells are free", free_cells, automaton.cells_count);
	bl_automaton_fini(&automaton);
}

/* --- groups --- */

static void test_settled_group_drops_what_ranks_below(void **state)
{
	struct bl_automaton automaton;
	struct bl_automaton_error error;
	char pattern[64];

	/* 16 patterns that multiply to 2^16 and more states, unless the first settles what they are about. */
	fixture->is_first_only = true;
	add_ranked("/**", 3, 0);
	for (unsigned i = 0; i < 16; i++) {
		snprintf(pattern, sizeof(pattern), "/**%c**x", 'a' + i);
		add_ranked(pattern, 3, i + 1);
	}
	build_good(&automaton);
	assert_minimal(&automaton);
	assert_int_equal(automaton.states, 3);
	bl_automaton_fini(&automaton);

	/* Of another group, or of a lesser rank, they stay. */
	for (unsigned i = 0; i < 16; i++)
		fixture->patterns[i + 1].group = 4;
	assert_int_equal(build(4096, &automaton, &error), -E2BIG);
	for (unsigned i = 0; i < 16; i++)
		fixture->patterns[i + 1].group = 3;
	fixture->patterns[0].rank = 17;
	assert_int_equal(build(4096, &automaton, &error), -E2BIG);
}

static void test_dropping_changes_no_meaning(void **state)
{
	static const char *const keys[] = {"/",     "/x",     "/a/",  "/a/b",
					   "/a/bx", "/a/b/x", "/b/x", "/a/x"};
	struct bl_automaton dropped;
	struct bl_automaton kept;

	fixture->is_first_only = true;
	add_ranked("/a/b**", 0, 0);
	add_ranked("/a/**", 0, 1);
	add_ranked("/**x", 0, 2);
	add_ranked("/**", 0, 3);
	add_ranked("/a/*", 0, 4);
	build_good(&dropped);
	for (size_t i = 0; i < fixture->count; i++)
		fixture->patterns[i].group = UINT32_MAX;
	build_good(&kept);
	assert_int_equal(dropped.states, kept.states);
	for (size_t i = 0; i < BL_ARRAY_LEN(keys); i++)
		assert_int_equal(matcher_meaning(&dropped, keys[i], strlen(keys[i])),
				 matcher_meaning(&kept, keys[i], strlen(keys[i])));
	bl_automaton_fini(&dropped);
	bl_automaton_fini(&kept);
}

/* The first settles its group; the others begin alike, and only one of them is in that group. */
static void test_shared_beginning_is_kept_for_those_not_settled(void **state)
{
	for (unsigned round = 0; round < 4; round++) {
		struct bl_automaton automaton;

		add_ranked("/a/**", 0, 1);
		if (round == 0)
			add_ranked("/a/b*c", 0, 2);
		if (round == 2)
			add_ranked("/a/b*c", 0, 3);
		add_ranked("/a/b*d",
			   round == 2   ? 0
			   : round == 3 ? UINT32_MAX
					: 1,
			   round == 2 ? 0 : 5);
		if (round == 1 || round == 3)
			add_ranked("/a/b*c", 0, 2);
		build_good(&automaton);
		for (uint32_t i = 0; i < fixture->count; i++)
			if (fixture->patterns[i].group != 0 || fixture->patterns[i].rank < 1)
				assert_true(matcher_meaning(&automaton, "/a/bxd", 6) >> i & 1);
		bl_automaton_fini(&automaton);
		while (fixture->count)
			bl_glob_fini(&fixture->globs[--fixture->count]);
	}
}

/* --- refusals --- */

static void test_states_that_multiply_are_refused_with_their_patterns(void **state)
{
	struct bl_automaton automaton = {.states = 7};
	struct bl_automaton_error error;

	add("/**");
	add("/usr/share/doc/**/copyright");
	add("/**a????????????????????????????????");
	add("/etc/passwd");
	assert_int_equal(build((1u << 22) / 8, &automaton, &error), -E2BIG);
	assert_string_equal(error.message,
			    "the stars of the patterns multiply into too many partial matches");
	assert_true(error.culprits_count >= 1);
	assert_int_equal(error.culprits[0], 2);
	assert_int_equal(automaton.states, 7);
}

static void test_cells_that_do_not_fit_are_refused_with_the_longest(void **state)
{
	struct bl_automaton automaton;
	struct bl_automaton_error error;

	add("/a");
	add("/bin/very/long/path/that/nothing/else/shares/any/of");
	add("/c");
	assert_int_equal(build(64, &automaton, &error), -E2BIG);
	assert_string_equal(error.message, "the automaton does not fit into a table");
	assert_int_equal(error.culprits[0], 1);
	assert_int_equal(build(256, &automaton, &error), 0);
	bl_automaton_fini(&automaton);
}

static void assert_refused_below_the_need(void)
{
	struct bl_automaton automaton;
	struct bl_automaton_error error;
	size_t fits = 0;

	for (size_t cells = 0; cells < 200; cells++) {
		int r = build(cells, &automaton, &error);

		assert_true(r == 0 || r == -E2BIG);
		if (r < 0) {
			assert_int_equal(fits, 0);
			continue;
		}
		fits++;
		assert_true(automaton.cells_count <= cells);
		assert_well_formed(&automaton);
		bl_automaton_fini(&automaton);
	}
	assert_true(fits > 0);
}

static void test_every_limit_below_the_need_is_refused(void **state)
{
	add("/{a,b,c}/*x*");
	add("/b/[^a]?");
	assert_refused_below_the_need();
}

static void test_every_limit_is_kept_without_sinks(void **state)
{
	struct bl_glob_error error;

	assert_int_equal(bl_glob_compile("**ab", true, &fixture->globs[0], &error), 0);
	fixture->patterns[0] = (struct bl_pattern){.glob = &fixture->globs[0], .group = UINT32_MAX};
	fixture->count = 1;
	assert_refused_below_the_need();
}

static void test_errors_of_the_caller_are_passed_on(void **state)
{
	struct bl_automaton automaton;
	struct bl_automaton_error error;

	add("/a");
	fixture->answer = -ENOMEM;
	assert_int_equal(build(1000, &automaton, &error), -ENOMEM);
	fixture->answer = -EPROTO;
	assert_int_equal(build(1000, &automaton, &error), -EPROTO);
}

static void test_meanings_are_asked_for_once(void **state)
{
	struct bl_automaton automaton;

	add("/**");
	add("/*/*/*/*/*");
	build_good(&automaton);
	/* Nothing, the first, both. */
	assert_int_equal(fixture->asked, 3);
	bl_automaton_fini(&automaton);
}

static void test_program_that_leads_back_is_refused(void **state)
{
	struct bl_node nodes[] = {
		{.op = BL_NODE_BYTES, .next = 1, .set = {{1, 0, 0, 0}}},
		{.op = BL_NODE_SPLIT, .next = 2, .other = 0},
		{.op = BL_NODE_MATCH},
	};
	struct bl_glob glob = {.nodes = nodes, .count = BL_ARRAY_LEN(nodes)};
	struct bl_pattern pattern = {.glob = &glob, .group = UINT32_MAX};
	struct bl_automaton automaton;
	struct bl_automaton_error error;

	assert_int_equal(bl_automaton_build(&pattern, 1, meaning_of, NULL, 100, &automaton, &error),
			 -EINVAL);
	nodes[1].other = 7; /* and one that leads nowhere */
	assert_int_equal(bl_automaton_build(&pattern, 1, meaning_of, NULL, 100, &automaton, &error),
			 -EINVAL);
	glob.count = 0;
	assert_int_equal(bl_automaton_build(&pattern, 1, meaning_of, NULL, 100, &automaton, &error),
			 -EINVAL);
}

static void test_pattern_with_two_ends_matches_once(void **state)
{
	struct bl_node nodes[] = {
		{.op = BL_NODE_SPLIT, .next = 1, .other = 2},
		{.op = BL_NODE_MATCH},
		{.op = BL_NODE_MATCH},
	};
	struct bl_glob glob = {.nodes = nodes, .count = BL_ARRAY_LEN(nodes)};
	struct bl_pattern pattern = {.glob = &glob, .group = UINT32_MAX};
	struct bl_automaton automaton;
	struct bl_automaton_error error;

	/* meaning_of() demands that no pattern is named twice. */
	assert_int_equal(bl_automaton_build(&pattern, 1, meaning_of, NULL, 300, &automaton, &error),
			 0);
	assert_int_equal(matcher_meaning(&automaton, "", 0), 1);
	assert_int_equal(matcher_meaning(&automaton, "a", 1), 0);
	bl_automaton_fini(&automaton);
}

static void test_all_bytes_can_be_classes_of_their_own(void **state)
{
	struct bl_automaton automaton;
	uint8_t key[2] = {'/', 0};

	fixture->is_first_only = true;
	for (unsigned byte = 1; byte < 256; byte++) {
		char pattern[4] = {'/', '\\', (char)byte, '\0'};

		add(pattern);
	}
	build_good(&automaton);
	assert_minimal(&automaton);
	for (unsigned byte = 0; byte < 256; byte++) {
		key[1] = (uint8_t)byte;
		assert_int_equal(matcher_meaning(&automaton, key, 2), byte);
	}
	bl_automaton_fini(&automaton);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_example_of_the_abi_has_its_four_states, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_no_patterns_make_one_sink, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_equal_meanings_are_merged, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cycles_are_merged_into_a_sink, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_random_automata_are_minimal, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_many_literals_share_what_they_can, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_packing_leaves_few_cells, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settled_group_drops_what_ranks_below, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_dropping_changes_no_meaning, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_shared_beginning_is_kept_for_those_not_settled,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			test_states_that_multiply_are_refused_with_their_patterns, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			test_cells_that_do_not_fit_are_refused_with_the_longest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_limit_below_the_need_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_every_limit_is_kept_without_sinks, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_errors_of_the_caller_are_passed_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_meanings_are_asked_for_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_program_that_leads_back_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_pattern_with_two_ends_matches_once, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_all_bytes_can_be_classes_of_their_own, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
