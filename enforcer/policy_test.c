// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/ini_text.h"
#include "enforcer/policy_compile.h"
#include "enforcer/policy_parse.h"
#include "enforcer/query.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"
#include "enforcer/words.h"

struct expectation {
	enum bl_verdict verdict;
	struct bl_source source;
	char *text; /* the query as written */
	struct bl_query query;
};

enum place {
	PLACE_UNKNOWN,
	PLACE_TEST,
	PLACE_EXPECT,
};

struct test {
	const char *path;
	struct bl_diags *diags;
	enum place place;
	char **policies; /* paths */
	size_t policies_count;
	struct expectation **expectations; /* each holds a whole path */
	size_t expectations_count;
};

#define test_error(test, line, column, ...)                                                        \
	bl_diags_add((test)->diags, BL_SEVERITY_ERROR, (test)->path, line, column, __VA_ARGS__)

static void expectation_free(struct expectation *expectation)
{
	if (expectation)
		free(expectation->text);
	free(expectation);
}

static void test_fini(struct test *test)
{
	for (size_t i = 0; i < test->policies_count; i++)
		free(test->policies[i]);
	free(test->policies);
	for (size_t i = 0; i < test->expectations_count; i++)
		expectation_free(test->expectations[i]);
	free(test->expectations);
}

/* --- reading --- */

static int handle_section(void *context, const char *name, struct bl_source source)
{
	static const char *const names[] = {"test", "expect"};
	static const enum place places[] = {PLACE_TEST, PLACE_EXPECT};
	char expected[BL_EXPECTED_MAX];
	struct test *test = context;
	int index = bl_words_find(BL_WORDS(names), name);

	if (index < 0)
		test_error(test, source.line, source.column, "unknown section [%s]: %s", name,
			   bl_words_expected(expected, BL_WORDS(names), name));
	test->place = index < 0 ? PLACE_UNKNOWN : places[index];
	return 0;
}

/* Relative to the directory the test file is in. */
static char *resolve_path(const char *test_path, const char *path)
{
	const char *slash = strrchr(test_path, '/');
	char *resolved;

	if (*path == '/' || !slash)
		return strdup(path);
	if (asprintf(&resolved, "%.*s/%s", (int)(slash - test_path), test_path, path) < 0)
		return NULL;
	return resolved;
}

static int add_policy(struct test *test, const struct bl_ini_item *item)
{
	int r;

	if (strcmp(item->key, "policy") != 0) {
		test_error(test, item->line, item->key_column,
			   "unknown key '%s' in [test]: expected policy", item->key);
		return 0;
	}
	if (!*item->value) {
		test_error(test, item->line, item->value_column,
			   "no value of 'policy': expected a path");
		return 0;
	}

	r = bl_parser_reserve(&test->policies, test->policies_count, sizeof(*test->policies));
	if (r < 0)
		return r;
	test->policies[test->policies_count] = resolve_path(test->path, item->value);
	if (!test->policies[test->policies_count])
		return -ENOMEM;
	test->policies_count++;
	return 0;
}

/* Blanks in paths are written "\ ", as in policies; here every escape stands for its byte. */
static void unescape(char *word)
{
	char *out = word;

	for (; *word; word++) {
		if (*word == '\\' && word[1])
			word++;
		*out++ = *word;
	}
	*out = '\0';
}

/* The statement's words as bytes; texts holds them. */
static void split_words(const struct bl_statement *statement, char texts[BL_INI_LINE_MAX + 1],
			const char *words[BL_STATEMENT_WORDS_MAX])
{
	size_t used = 0;

	for (size_t i = 0; i < statement->count; i++) {
		char *text = texts + used;

		used += (size_t)sprintf(text, "%s", statement->words[i].text) + 1;
		unescape(text);
		words[i] = text;
	}
}

static int parse_query(struct test *test, const struct bl_statement *statement,
		       struct expectation *expectation, bool *ret_is_valid)
{
	char texts[BL_INI_LINE_MAX + 1];
	const char *words[BL_STATEMENT_WORDS_MAX];
	struct bl_query_error error;
	unsigned column = statement->value_column;
	int r;

	split_words(statement, texts, words);
	r = bl_query_parse(words, statement->count, &expectation->query, &error);
	if (r < 0) {
		if (statement->count)
			column = statement
					 ->words[error.word < statement->count
							 ? error.word
							 : statement->count - 1]
					 .column;
		test_error(test, statement->line, column, "%s", error.message);
		*ret_is_valid = false;
		return 0;
	}
	expectation->text = strdup(statement->value);
	if (!expectation->text)
		return -ENOMEM;
	*ret_is_valid = true;
	return 0;
}

static int add_expectation(struct test *test, const struct bl_ini_item *item)
{
	static const char *const keys[] = {"allow", "audit", "deny", "kill"};
	struct expectation *expectation;
	struct bl_statement statement;
	char expected[BL_EXPECTED_MAX];
	bool is_valid = false;
	int key = bl_words_find(BL_WORDS(keys), item->key);
	int r;

	_Static_assert(BL_ARRAY_LEN(keys) == BL_VERDICT_COUNT, "a key for every verdict");
	if (key < 0) {
		test_error(test, item->line, item->key_column, "unknown key '%s' in [expect]: %s",
			   item->key, bl_words_expected(expected, BL_WORDS(keys), item->key));
		return 0;
	}
	r = bl_parser_reserve(&test->expectations, test->expectations_count,
			      sizeof(*test->expectations));
	if (r < 0)
		return r;
	expectation = calloc(1, sizeof(*expectation));
	if (!expectation)
		return -ENOMEM;

	bl_statement_init(&statement, "expect", item);
	expectation->verdict = (enum bl_verdict)key;
	expectation->source = (struct bl_source){.line = item->line, .column = item->value_column};
	r = parse_query(test, &statement, expectation, &is_valid);
	if (r < 0 || !is_valid)
		expectation_free(expectation);
	else
		test->expectations[test->expectations_count++] = expectation;
	return r;
}

static int handle_item(void *context, const struct bl_ini_item *item)
{
	struct test *test = context;

	switch (test->place) {
	case PLACE_UNKNOWN:
		return 0;
	case PLACE_TEST:
		return add_policy(test, item);
	case PLACE_EXPECT:
		return add_expectation(test, item);
	}
	return 0;
}

static int read_test(struct test *test)
{
	static const struct bl_ini_handler handler = {.section = handle_section,
						      .item = handle_item};
	bl_cleanup_free char *text = NULL;
	size_t errors = test->diags->errors;
	size_t len;
	int r;

	r = bl_read_file(test->path, BL_POLICY_BYTES_MAX, &text, &len);
	if (r < 0) {
		test_error(test, 0, 0, "cannot read it: %s",
			   r == -EINVAL ? "not a file" : strerror(-r));
		return r;
	}
	r = bl_ini_read(text, len, test->path, test->diags, &handler, test);
	if (r < 0)
		return r;
	if (!test->policies_count && test->diags->errors == errors)
		test_error(test, 0, 0,
			   "the test has no policy: expected 'policy = FILE' in [test]");
	if (!test->expectations_count && test->diags->errors == errors)
		test_error(test, 0, 0,
			   "the test expects nothing: expected 'VERDICT = ACCESS' in [expect]");
	return test->diags->errors == errors ? 0 : -EINVAL;
}

/* --- running --- */

static void report(struct test *test, const struct expectation *expectation,
		   const struct bl_answer *answer)
{
	const struct bl_rule_entry *rule = answer->rule;

	if (!rule) {
		test_error(test, expectation->source.line, expectation->source.column,
			   "expected %s of '%s', got %s: %s [%s]",
			   bl_verdict_name(expectation->verdict), expectation->text,
			   bl_verdict_name(answer->verdict),
			   answer->is_mediated ? "no policy says anything of it in"
					       : "nothing mediates",
			   bl_section_name(answer->ask.section));
		return;
	}
	test_error(test, expectation->source.line, expectation->source.column,
		   "expected %s of '%s', got %s by %s:%u: %s",
		   bl_verdict_name(expectation->verdict), expectation->text,
		   bl_verdict_name(answer->verdict), rule->policy->file, rule->line, rule->text);
}

static struct bl_policy_test_result run_expectations(struct test *test,
						     const struct bl_generation *generation)
{
	struct bl_policy_test_result result = {0};

	for (size_t i = 0; i < test->expectations_count; i++) {
		const struct expectation *expectation = test->expectations[i];
		struct bl_answer answer = bl_query_answer(&expectation->query, generation);

		if (answer.verdict == expectation->verdict) {
			result.passed++;
			continue;
		}
		result.failed++;
		report(test, expectation, &answer);
	}
	return result;
}

static int run(struct test *test, const struct bl_policies *policies,
	       struct bl_policy_test_result *ret_result)
{
	bl_cleanup_free const struct bl_policy **list = calloc(policies->count + 1, sizeof(*list));
	struct bl_generation generation;
	int r;

	if (!list)
		return -ENOMEM;
	for (size_t i = 0; i < policies->count; i++)
		list[i] = &policies->items[i];

	r = bl_profile_compile(list, policies->count, false, test->diags, &generation);
	if (r < 0)
		return r;
	*ret_result = run_expectations(test, &generation);
	bl_generation_fini(&generation);
	return 0;
}

static int load_and_run(struct test *test, struct bl_policy_test_result *ret_result)
{
	struct bl_policies policies = {0};
	int r;

	r = bl_policies_load((const char *const *)test->policies, test->policies_count, test->diags,
			     &policies);
	if (r < 0)
		return r;

	r = run(test, &policies, ret_result);
	bl_policies_fini(&policies);
	return r;
}

int bl_policy_test_run(const char *path, struct bl_diags *diags,
		       struct bl_policy_test_result *ret_result)
{
	struct test test = {.path = path, .diags = diags};
	int r;

	r = read_test(&test);
	if (!r)
		r = load_and_run(&test, ret_result);
	test_fini(&test);
	return r;
}
