// SPDX-License-Identifier: GPL-2.0-or-later
/* Tables made by hand, byte by byte as abi.h says, good ones and broken ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/evaluate.h"
#include "enforcer/util.h"

#define CELL(n)   ((uint32_t)(offsetof(struct table, cells) + (n) * sizeof(struct bl_cell)))
#define AT(field) ((uint32_t)offsetof(struct table, field))

/* The example of abi.h: "[exec] default = deny, allow = /a". */
struct table {
	struct bl_table_header header;
	struct bl_cell cells[16];
	struct bl_accept denied;
	struct bl_accept allowed;
	struct bl_beyond beyond;
	struct bl_decision deny[2];
	struct bl_decision allow[2];
	struct bl_decision none[BL_PERMISSIONS_MAX];
	struct bl_choice choices[6];
	uint64_t keys[4];
};

/* Cells of the rows of abi.h's states; T's edge would otherwise lie on S's. */
enum { S = 0, U = 4, T = 6, D = 8 };

static struct table make_example(void)
{
	struct table table = {0};

	for (unsigned byte = 0; byte < 256; byte++)
		table.header.classes[byte] = 24;
	table.header.classes['a'] = 8;
	table.header.classes['/'] = 16;
	table.header.start = CELL(S);
	table.header.sinks = CELL(D);
	table.header.size_bytes = sizeof(table);
	table.header.states = 4;
	for (size_t i = 0; i < BL_ARRAY_LEN(table.cells); i++)
		table.cells[i].owner = BL_CELL_FREE;
	table.cells[S] = (struct bl_cell){CELL(D), BL_CELL_STATE | AT(denied)};
	table.cells[S + 2] = (struct bl_cell){CELL(T), CELL(S)};
	table.cells[T] = (struct bl_cell){CELL(D), BL_CELL_STATE | AT(denied)};
	table.cells[T + 1] = (struct bl_cell){CELL(U), CELL(T)};
	table.cells[U] = (struct bl_cell){CELL(D), BL_CELL_STATE | AT(allowed)};
	table.cells[D] = (struct bl_cell){CELL(D), BL_CELL_STATE | AT(denied)};

	table.denied = (struct bl_accept){{AT(deny), AT(none), AT(none)}, AT(beyond), 0};
	table.allowed = (struct bl_accept){{AT(allow), AT(none), AT(none)}, AT(beyond), 0};
	table.beyond = (struct bl_beyond){.by = 5, .self_any = {6, 7}, .below_all = {8, 9}};
	table.deny[0] = (struct bl_decision){AT(keys[0]), BL_VERDICT_DENY, BL_DECISION_RECORD, 0};
	table.allow[0] = (struct bl_decision){AT(keys[1]), BL_VERDICT_ALLOW, 0, 0};
	for (unsigned i = 0; i < BL_ARRAY_LEN(table.keys); i++)
		table.keys[i] = 1000 + i;
	return table;
}

static struct bl_decided ask(const struct table *table, const char *key)
{
	return bl_evaluate(table, sizeof(*table), key, strlen(key), BL_SECTION_EXEC, 0, 0);
}

static void test_example_decides_as_the_abi_says(void **state)
{
	static const char *const denied[] = {"", "/", "a", "/b", "/aa", "/a/", "//", "/ab", "x/a"};
	struct table table = make_example();
	struct bl_decided decided = ask(&table, "/a");

	assert_int_equal(decided.verdict, BL_VERDICT_ALLOW);
	assert_int_equal(decided.flags, 0);
	assert_int_equal(decided.rule_key, 1001);
	for (size_t i = 0; i < BL_ARRAY_LEN(denied); i++) {
		decided = ask(&table, denied[i]);
		assert_int_equal(decided.verdict, BL_VERDICT_DENY);
		assert_int_equal(decided.flags, BL_DECISION_RECORD);
		assert_int_equal(decided.rule_key, 1000);
	}
}

static void test_section_without_rules_allows_without_a_rule(void **state)
{
	struct table table = make_example();

	for (unsigned i = 0; i < BL_FILE_COUNT; i++) {
		struct bl_decided decided =
			bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_FILE, i, 0);

		assert_int_equal(decided.verdict, BL_VERDICT_ALLOW);
		assert_int_equal(decided.rule_key, 0);
	}
}

static void test_what_no_section_has_is_denied(void **state)
{
	struct table table = make_example();

	assert_int_equal(
		bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_EXEC, BL_EXEC_COUNT, 0)
			.verdict,
		BL_VERDICT_DENY);
	assert_int_equal(
		bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_FILE, BL_FILE_COUNT, 0)
			.verdict,
		BL_VERDICT_DENY);
	assert_int_equal(
		bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_COUNT, 0, 0).verdict,
		BL_VERDICT_DENY);
}

/* --- choices --- */

static struct table make_choices(void)
{
	struct table table = make_example();

	table.allow[0] = (struct bl_decision){AT(choices), 0, BL_DECISION_LIST, 5};
	/* First policy: allow by 1, deny by 2, else audit. Second: deny by 62 in audit mode, else allow. */
	table.choices[0] = (struct bl_choice){AT(keys[0]), BL_VERDICT_ALLOW, 0, 1, 0};
	table.choices[1] =
		(struct bl_choice){AT(keys[1]), BL_VERDICT_DENY, BL_DECISION_RECORD, 2, 0};
	table.choices[2] =
		(struct bl_choice){AT(keys[2]), BL_VERDICT_AUDIT, BL_DECISION_RECORD, 0, 1};
	table.choices[3] = (struct bl_choice){AT(keys[3]), BL_VERDICT_DENY,
					      BL_DECISION_RECORD | BL_DECISION_WOULD, 62, 0};
	table.choices[4] = (struct bl_choice){AT(keys[3]), BL_VERDICT_ALLOW, 0, 0, 1};
	return table;
}

static void test_choices_are_made_per_policy_and_the_strictest_holds(void **state)
{
	static const uint64_t top = UINT64_C(1) << 61;
	static const struct {
		uint64_t by;
		enum bl_verdict verdict;
		uint8_t flags;
		uint64_t rule_key;
	} cases[] = {
		{0, BL_VERDICT_AUDIT, BL_DECISION_RECORD, 1002},
		{1, BL_VERDICT_ALLOW, 0, 1000},
		{2, BL_VERDICT_DENY, BL_DECISION_RECORD, 1001},
		{3, BL_VERDICT_ALLOW, 0, 1000},
		{4, BL_VERDICT_AUDIT, BL_DECISION_RECORD, 1002},
		{top, BL_VERDICT_DENY, BL_DECISION_RECORD | BL_DECISION_WOULD, 1003},
		{top | 1, BL_VERDICT_DENY, BL_DECISION_RECORD | BL_DECISION_WOULD, 1003},
		{top | 2, BL_VERDICT_DENY, BL_DECISION_RECORD, 1001},
	};
	struct table table = make_choices();

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_decided decided = bl_evaluate(&table, sizeof(table), "/a", 2,
							BL_SECTION_EXEC, 0, cases[i].by);

		assert_int_equal(decided.verdict, cases[i].verdict);
		assert_int_equal(decided.flags, cases[i].flags);
		assert_int_equal(decided.rule_key, cases[i].rule_key);
	}
}

/* First policy: allow inside, deny what is outside by 1, else audit. */
static void test_choices_depend_on_where_the_peer_is(void **state)
{
	static const struct {
		uint64_t by;
		enum bl_verdict verdict;
	} cases[] = {
		{BL_BY_INSIDE, BL_VERDICT_ALLOW},
		{BL_BY_INSIDE | 1, BL_VERDICT_ALLOW},
		{BL_BY_OUTSIDE, BL_VERDICT_AUDIT},
		{BL_BY_OUTSIDE | 1, BL_VERDICT_DENY},
		{BL_BY_OUTSIDE | 2, BL_VERDICT_AUDIT},
		{0, BL_VERDICT_AUDIT},
		{1, BL_VERDICT_DENY},
	};
	struct table table = make_choices();

	table.choices[0].by = 0;
	table.choices[0].flags = BL_CHOICE_INSIDE;
	table.choices[1].by = 1;
	table.choices[1].flags |= BL_CHOICE_OUTSIDE;
	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_int_equal(
			bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_EXEC, 0, cases[i].by)
				.verdict,
			cases[i].verdict);
}

static void test_rank_orders_verdicts(void **state)
{
	static const struct {
		enum bl_verdict verdict;
		uint8_t flags;
	} ascending[] = {
		{BL_VERDICT_ALLOW, 0},
		{BL_VERDICT_AUDIT, 0},
		{BL_VERDICT_AUDIT, BL_DECISION_RECORD},
		{BL_VERDICT_DENY, BL_DECISION_WOULD},
		{BL_VERDICT_DENY, BL_DECISION_WOULD | BL_DECISION_RECORD},
		{BL_VERDICT_KILL, BL_DECISION_WOULD},
		{BL_VERDICT_KILL, BL_DECISION_WOULD | BL_DECISION_RECORD},
		{BL_VERDICT_DENY, 0},
		{BL_VERDICT_DENY, BL_DECISION_RECORD},
		{BL_VERDICT_KILL, 0},
		{BL_VERDICT_KILL, BL_DECISION_RECORD},
	};

	for (size_t i = 1; i < BL_ARRAY_LEN(ascending); i++)
		assert_true(bl_decision_rank((uint8_t)ascending[i - 1].verdict,
					     ascending[i - 1].flags) <
			    bl_decision_rank((uint8_t)ascending[i].verdict, ascending[i].flags));
}

/* --- broken tables --- */

static void assert_refused(const struct table *table, size_t bytes)
{
	struct bl_decided decided = bl_evaluate(table, bytes, "/a", 2, BL_SECTION_EXEC, 0, 1);

	assert_int_equal(decided.verdict, BL_VERDICT_DENY);
	assert_int_equal(decided.flags, 0);
	assert_int_equal(decided.rule_key, 0);
}

static void test_offsets_outside_of_the_table_deny(void **state)
{
	static const uint32_t outside[] = {
		0, 8, 527, sizeof(struct table) - 4, sizeof(struct table), 0x7ffffff8, UINT32_MAX};

	for (size_t i = 0; i < BL_ARRAY_LEN(outside); i++) {
		struct table table = make_example();

		table.header.start = outside[i];
		assert_refused(&table, sizeof(table));
		table.header.sinks = UINT32_MAX;
		assert_refused(&table, sizeof(table));

		table = make_example();
		table.cells[S + 2].next = outside[i];
		assert_refused(&table, sizeof(table));

		table = make_example();
		table.cells[U].owner = outside[i];
		assert_refused(&table, sizeof(table));

		table = make_example();
		table.allowed.decisions[BL_SECTION_EXEC] = outside[i];
		assert_refused(&table, sizeof(table));

		table = make_example();
		table.allow[0].rule = outside[i];
		if (outside[i])
			assert_refused(&table, sizeof(table));

		table = make_choices();
		table.allow[0].rule = outside[i];
		assert_refused(&table, sizeof(table));

		table = make_choices();
		table.choices[0].rule = outside[i];
		if (outside[i])
			assert_refused(&table, sizeof(table));
	}
}

static void test_beyond_is_read_or_the_worst(void **state)
{
	struct table table = make_example();
	struct bl_beyond beyond = bl_evaluate_beyond(&table, sizeof(table), "/a", 2);

	assert_memory_equal(&beyond, &table.beyond, sizeof(beyond));
	for (unsigned i = 0; i < 2; i++) {
		if (i)
			table.allowed.beyond = sizeof(table) - 24;
		else
			table.cells[U].owner = BL_CELL_STATE | (uint32_t)sizeof(table);
		beyond = bl_evaluate_beyond(&table, sizeof(table), "/a", 2);
		assert_int_equal(beyond.by, 0);
		assert_int_equal(beyond.self_any.enforced, UINT32_MAX);
		assert_int_equal(beyond.self_any.would, UINT32_MAX);
		assert_int_equal(beyond.below_any.enforced, UINT32_MAX);
		assert_int_equal(beyond.below_any.would, UINT32_MAX);
		assert_int_equal(beyond.below_all.enforced, 0);
		assert_int_equal(beyond.below_all.would, 0);
		table = make_example();
	}
}

static void test_classes_outside_of_the_table_deny(void **state)
{
	struct table table = make_example();

	memset(table.header.classes, 0xff, sizeof(table.header.classes));
	assert_refused(&table, sizeof(table));
	assert_int_equal(bl_evaluate_walk(&table, sizeof(table), "/a", 2), 0);
	/* Nothing is read for a key without bytes. */
	assert_int_equal(bl_evaluate_walk(&table, sizeof(table), "", 0), AT(denied));
}

static void test_values_out_of_range_deny(void **state)
{
	struct table table = make_example();

	table.allow[0].verdict = BL_VERDICT_COUNT;
	assert_refused(&table, sizeof(table));

	table = make_choices();
	table.choices[0].verdict = BL_VERDICT_COUNT;
	assert_refused(&table, sizeof(table));

	table = make_choices();
	table.choices[0].by = BL_BY_MAX + 1;
	assert_refused(&table, sizeof(table));

	table = make_choices();
	table.allow[0].count = 0;
	assert_refused(&table, sizeof(table));

	table = make_choices();
	table.allow[0].count = UINT16_MAX;
	assert_refused(&table, sizeof(table));
}

static void test_cut_tables_deny_or_decide_alike(void **state)
{
	struct table table = make_choices();
	struct bl_decided whole =
		bl_evaluate(&table, sizeof(table), "/a", 2, BL_SECTION_EXEC, 0, 1);

	assert_int_equal(whole.verdict, BL_VERDICT_ALLOW);
	for (size_t bytes = 0; bytes < sizeof(table); bytes++) {
		struct bl_decided decided =
			bl_evaluate(&table, bytes, "/a", 2, BL_SECTION_EXEC, 0, 1);

		if (bytes < AT(keys[1]))
			assert_int_equal(decided.verdict, BL_VERDICT_DENY);
		else
			assert_int_equal(decided.rule_key, whole.rule_key);
	}
}

/* --- selectors --- */

static void test_selectors_give_their_records(void **state)
{
	struct table table = make_example();
	struct bl_selected own = {.profile = 3, .is_own = 1};
	struct bl_selected none = {0};
	struct bl_selected selected;

	memcpy(&table.allowed, &own, sizeof(own));
	memcpy(&table.denied, &none, sizeof(none));
	selected = bl_evaluate_selectors(&table, sizeof(table), "/a", 2);
	assert_int_equal(selected.profile, 3);
	assert_int_equal(selected.is_own, 1);
	selected = bl_evaluate_selectors(&table, sizeof(table), "/b", 2);
	assert_int_equal(selected.profile, 0);
	selected = bl_evaluate_selectors(&table, CELL(3), "/a", 2);
	assert_int_equal(selected.profile, 0);
	assert_int_equal(selected.is_own, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_example_decides_as_the_abi_says),
		cmocka_unit_test(test_section_without_rules_allows_without_a_rule),
		cmocka_unit_test(test_what_no_section_has_is_denied),
		cmocka_unit_test(test_choices_are_made_per_policy_and_the_strictest_holds),
		cmocka_unit_test(test_choices_depend_on_where_the_peer_is),
		cmocka_unit_test(test_rank_orders_verdicts),
		cmocka_unit_test(test_offsets_outside_of_the_table_deny),
		cmocka_unit_test(test_beyond_is_read_or_the_worst),
		cmocka_unit_test(test_classes_outside_of_the_table_deny),
		cmocka_unit_test(test_values_out_of_range_deny),
		cmocka_unit_test(test_cut_tables_deny_or_decide_alike),
		cmocka_unit_test(test_selectors_give_their_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
