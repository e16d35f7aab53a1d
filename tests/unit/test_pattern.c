// SPDX-License-Identifier: GPL-2.0-or-later
/* pattern_match and pattern_example, against each other and by hand. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/pattern_example.h"
#include "enforcer/pattern_match.h"
#include "enforcer/util.h"

static bool matches(const char *pattern, const char *path)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	bool is_match = false;

	assert_int_equal(bl_glob_compile(pattern, *pattern != '/', &glob, &error), 0);
	assert_int_equal(bl_pattern_match(&glob, path, strlen(path), &is_match), 0);
	bl_glob_fini(&glob);
	return is_match;
}

static void test_match_documented_semantics(void **state)
{
	static const struct {
		const char *pattern;
		const char *path;
		bool is_match;
	} cases[] = {
		{"/a", "/a", true},
		{"/a", "/ab", false},
		{"/a", "/", false},
		{"/?", "/a", true},
		{"/?", "//", false},
		{"/*", "/", true},
		{"/*", "/.hidden", true},
		{"/*", "/a/b", false},
		{"/a/**", "/a/", true},
		{"/a/**", "/a", false},
		{"/a/**", "/a/b/c", true},
		{"/a/**/b", "/a/b", true},
		{"/a/**/b", "/a/x/y/b", true},
		{"/a/**/b", "/ab", false},
		{"/**/b", "/b", true},
		{"/a**b", "/axx/yb", true},
		{"/[a-c]", "/b", true},
		{"/[^a-c]", "/b", false},
		{"/[^a-c]", "//", false},
		{"/{a,b/c,}", "/b/c", true},
		{"/{a,b/c,}", "/", true},
		{"/\\*", "/*", true},
		{"/\\*", "/a", false},
		{"n*", "name", true},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_int_equal(matches(cases[i].pattern, cases[i].path), cases[i].is_match);
}

static int example_of(const char *pattern, char *ret_example, size_t size)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	int r;

	assert_int_equal(bl_glob_compile(pattern, *pattern != '/', &glob, &error), 0);
	r = bl_pattern_example(&glob, *pattern != '/', ret_example, size);
	bl_glob_fini(&glob);
	return r;
}

static void test_example_shortest_and_matching(void **state)
{
	static const char *const cases[][2] = {
		{"/", "/"},       {"/**", "/"},        {"/a/**", "/a/x"},     {"/a*", "/a"},
		{"/**/b", "/b"},  {"/a/**/b", "/a/b"}, {"/[^a-z]", "/A"},     {"/[.]", NULL},
		{"/[.]?", "/.x"}, {"/..?", "/..x"},    {"/{..,..a}", "/..a"}, {"/a/{/b,c}", "/a/c"},
		{"/a/", NULL},    {"/a//b", NULL},     {"/a/*/", NULL},       {"/a/**/", NULL},
		{"a//", "a//"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		char example[64];
		int r = example_of(cases[i][0], example, sizeof(example));

		if (!cases[i][1]) {
			assert_int_equal(r, -ENOENT);
			continue;
		}
		assert_int_equal(r, 0);
		assert_string_equal(example, cases[i][1]);
		assert_true(matches(cases[i][0], example));
	}
}

static void test_example_too_long_says_so(void **state)
{
	char example[3] = "xx";

	assert_int_equal(example_of("/ab", example, sizeof(example)), -ENOBUFS);
	assert_string_equal(example, "xx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_match_documented_semantics),
		cmocka_unit_test(test_example_shortest_and_matching),
		cmocka_unit_test(test_example_too_long_says_so),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
