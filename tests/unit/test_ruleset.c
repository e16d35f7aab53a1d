// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/ruleset.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define HEAD "[policy]\nname = web\n[select]\ncgroup = /web\n[file]\n"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "10-web.ini");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void write_policy(const struct scratch *scratch, const char *text)
{
	bl_cleanup_fclose FILE *file = fopen(scratch->path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static int load(const struct scratch *scratch, bool is_audit_forced, struct bl_diags *diags,
		struct bl_ruleset **ret_ruleset)
{
	const char *path = scratch->dir;

	return bl_ruleset_load(&path, 1, NULL, is_audit_forced, diags, ret_ruleset);
}

static const struct bl_rule_entry *entry_of(const struct bl_ruleset *ruleset, const char *text)
{
	for (size_t i = 0; i < ruleset->generation.rules_count; i++)
		if (strcmp(ruleset->generation.rules[i].text, text) == 0)
			return &ruleset->generation.rules[i];
	fail_msg("no rule '%s'", text);
	return NULL;
}

static struct bl_ruleset *must_load(const struct scratch *scratch, const char *text,
				    uint64_t number)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policy(scratch, text);
	assert_int_equal(load(scratch, false, &diags, &ruleset), 0);
	ruleset->number = number;
	return ruleset;
}

static void test_rule_is_found_where_it_stood_when_it_decided(void **state)
{
	bl_cleanup(bl_rulesets_fini) struct bl_rulesets rulesets = {0};
	const struct bl_ruleset *found = NULL;
	const struct bl_rule_entry *entry;
	uint64_t kept;
	uint64_t dropped;

	bl_rulesets_push(&rulesets, must_load(*state, HEAD "deny = read /a\ndeny = read /b\n", 4));
	kept = entry_of(rulesets.current, "deny = read /b")->key;
	dropped = entry_of(rulesets.current, "deny = read /a")->key;
	bl_rulesets_push(&rulesets, must_load(*state, HEAD "; moved\n\n\ndeny = read /b\n", 5));

	entry = bl_rulesets_find_rule(&rulesets, 4, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 7);
	assert_ptr_equal(found, rulesets.previous);
	entry = bl_rulesets_find_rule(&rulesets, 5, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 9);
	assert_ptr_equal(found, rulesets.current);

	/* Decided before the daemon was started anew: by its key, as it stands now. */
	entry = bl_rulesets_find_rule(&rulesets, 1, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 9);
	entry = bl_rulesets_find_rule(&rulesets, 1, dropped, &found);
	assert_non_null(entry);
	assert_ptr_equal(found, rulesets.previous);

	assert_null(bl_rulesets_find_rule(&rulesets, 5, 12345, &found));

	/* Two reloads later it is forgotten. */
	bl_rulesets_push(&rulesets, must_load(*state, HEAD "deny = read /b\n", 6));
	assert_null(bl_rulesets_find_rule(&rulesets, 4, dropped, &found));
}

static void test_nothing_loaded_finds_nothing(void **state)
{
	const struct bl_rulesets rulesets = {0};
	const struct bl_ruleset *found = NULL;

	assert_null(bl_rulesets_find_rule(&rulesets, 0, 1, &found));
	assert_null(found);
}

static void test_broken_policy_gives_no_ruleset(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policy(*state, HEAD "refuse = read /a\n");
	assert_int_equal(load(*state, false, &diags, &ruleset), -EINVAL);
	assert_null(ruleset);
	assert_int_equal(diags.errors, 1);
	assert_int_equal(diags.items[0].line, 6);
}

static void test_rules_of_policies_that_are_off_do_not_count(void **state)
{
	struct bl_ruleset *ruleset;

	ruleset = must_load(*state, HEAD "deny = read /a /b\ndeny = write /c\n", 1);
	assert_int_equal(bl_ruleset_rules_count(ruleset), 3);
	bl_ruleset_free(ruleset);
	ruleset = must_load(
		*state,
		"[policy]\nname = web\nmode = off\n[select]\ncgroup = /web\n[file]\ndeny = read /a\n",
		1);
	assert_int_equal(bl_ruleset_rules_count(ruleset), 0);
	bl_ruleset_free(ruleset);
}

/* A file that changed, or broke, after it was loaded plays no part. */
static void test_remade_ruleset_is_what_was_read(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *base = must_load(*state, HEAD "deny = read /a\n", 4);
	struct bl_ruleset *ruleset = NULL;
	uint64_t key = entry_of(base, "deny = read /a")->key;

	write_policy(*state, HEAD "nonsense\n");
	base->is_audit_forced = true;
	assert_int_equal(bl_ruleset_remake(base, NULL, &diags, &ruleset), 0);
	bl_ruleset_free(base);
	assert_int_equal(diags.count, 0);
	assert_true(ruleset->is_audit_forced);
	assert_int_equal(ruleset->texts.count, 1);
	assert_true(entry_of(ruleset, "deny = read /a")->key == key);
	bl_ruleset_free(ruleset);
}

static void test_empty_directory_is_a_ruleset(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	assert_int_equal(load(*state, true, &diags, &ruleset), 0);
	assert_int_equal(ruleset->policies.count, 0);
	assert_true(ruleset->is_audit_forced);
	bl_ruleset_free(ruleset);
}

/* The file has changed; what was read from it has not. */
static void test_texts_give_the_same_ruleset_again(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct scratch *scratch = *state;
	struct bl_ruleset *first = must_load(scratch, HEAD "deny = read /a\n", 1);
	struct bl_ruleset *again = NULL;

	write_policy(scratch, HEAD "refuse = read /b\n");
	assert_int_equal(bl_ruleset_load_texts(&first->texts, NULL, true, &diags, &again), 0);
	assert_int_equal(diags.count, 0);
	assert_true(again->is_audit_forced);
	assert_int_equal(again->texts.count, 1);
	assert_string_equal(again->texts.items[0].file, scratch->path);
	assert_string_equal(again->policies.items[0].file, scratch->path);
	assert_int_equal(entry_of(again, "deny = read /a")->line, 6);
	assert_int_equal(entry_of(again, "deny = read /a")->key,
			 entry_of(first, "deny = read /a")->key);
	bl_ruleset_free(again);
	bl_ruleset_free(first);
}

static void test_broken_text_gives_no_ruleset(void **state)
{
	bl_cleanup(bl_policy_texts_fini) struct bl_policy_texts texts = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	assert_int_equal(bl_policy_texts_add(&texts, "/a.ini", "nonsense\n", 9), 0);
	assert_int_equal(bl_policy_texts_add(&texts, "/b.ini", "rubbish\n", 8), 0);
	assert_int_equal(bl_ruleset_load_texts(&texts, NULL, false, &diags, &ruleset), -EINVAL);
	assert_null(ruleset);
	assert_true(diags.errors >= 2);
	assert_string_equal(diags.items[0].file, "/a.ini");
	assert_string_equal(diags.items[diags.count - 1].file, "/b.ini");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rule_is_found_where_it_stood_when_it_decided,
						set_up, tear_down),
		cmocka_unit_test(test_nothing_loaded_finds_nothing),
		cmocka_unit_test_setup_teardown(test_broken_policy_gives_no_ruleset, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_rules_of_policies_that_are_off_do_not_count,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remade_ruleset_is_what_was_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_empty_directory_is_a_ruleset, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_texts_give_the_same_ruleset_again, set_up,
						tear_down),
		cmocka_unit_test(test_broken_text_gives_no_ruleset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
