// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/glob.h"
#include "enforcer/util.h"

#include "matcher.h"

static const struct {
	const char *pattern;
	const char *matches[8];
	const char *differs[10];
} paths[] = {
	{"/", {"/"}, {"", "//", "/a"}},
	{"/a", {"/a"}, {"/", "/aa", "/a/", "/b", "a"}},
	{"/a,b", {"/a,b"}, {"/a", "/b"}},
	{"/a]b-c^!", {"/a]b-c^!"}, {"/a"}},

	{"/?", {"/a", "/.", "/?", "/\xff"}, {"/", "//", "/ab"}},
	{"/a?c", {"/abc", "/a.c"}, {"/a/c", "/ac", "/abbc"}},

	{"/*", {"/", "/a", "/abc", "/.hidden", "/*"}, {"//", "/a/", "/a/b"}},
	{"/a*", {"/a", "/ab"}, {"/", "/a/b", "/ba"}},
	{"/*a", {"/a", "/aa", "/ba", "/aba"}, {"/", "/ab", "/b/a"}},
	{"/*a*b", {"/ab", "/aab", "/xaxb"}, {"/a", "/b", "/ba", "/a/b"}},
	{"/*/b", {"/a/b", "//b", "/aaa/b"}, {"/b", "/a/a/b"}},

	{"/**", {"/", "/a", "/a/b/c", "//"}, {"", "a"}},
	{"/a/**", {"/a/", "/a/b", "/a/b/c"}, {"/a", "/ab", "/b/a/c"}},
	{"/a**", {"/a", "/ab", "/a/b", "/a/"}, {"/", "/b"}},
	{"/**a", {"/a", "/ba", "/b/a", "/b/ca"}, {"/", "/ab", "/a/"}},
	{"/a**b", {"/ab", "/axb", "/a/b", "/a/x/b"}, {"/a", "/b", "/a/bc"}},

	{"/a/**/b", {"/a/b", "/a/x/b", "/a/x/y/b", "/a//b"}, {"/ab", "/a/xb", "/a/b/c", "/ax/b"}},
	{"/**/b", {"/b", "/a/b", "/a/a/b"}, {"/ab", "b", "/b/a"}},
	{"/**/**/b", {"/b", "/a/b", "/a/a/b"}, {"/ab", "/a/ab"}},
	{"/a/**/", {"/a/", "/a/b/", "/a/b/c/"}, {"/a", "/a/b"}},
	{"/a**/b", {"/a/b", "/ax/b", "/a/x/b"}, {"/ab", "/axb", "/b"}},
	{"/a/**b/c", {"/a/b/c", "/a/xb/c", "/a/x/b/c"}, {"/a/c", "/a/x/c"}},
	{"/a\\/**/b", {"/a/b", "/a/x/b"}, {"/ab", "/a/xb"}},

	{"/[ab]", {"/a", "/b"}, {"/", "/c", "/ab"}},
	{"/[a-c]x", {"/ax", "/bx", "/cx"}, {"/dx", "/-x", "/x"}},
	{"/[^a-c]", {"/d", "/-", "/\xff", "/^"}, {"/a", "/b", "/c", "//", "/"}},
	{"/[]a]", {"/]", "/a"}, {"/[", "/b"}},
	{"/[^]a]", {"/[", "/b"}, {"/]", "/a", "//"}},
	{"/[-a]", {"/-", "/a"}, {"/b"}},
	{"/[a-]", {"/-", "/a"}, {"/b"}},
	{"/[^-a]", {"/b"}, {"/-", "/a"}},
	{"/[a\\-c]", {"/a", "/-", "/c"}, {"/b", "/\\"}},
	{"/[\\]\\\\]", {"/]", "/\\"}, {"/[", "/a"}},
	{"/[\\a-\\c]", {"/a", "/b", "/c"}, {"/d", "/\\"}},
	{"/[.-0]", {"/.", "/0"}, {"//", "/1", "/-"}},
	{"/[a^]", {"/a", "/^"}, {"/b"}},
	{"/[!a]", {"/!", "/a"}, {"/b"}},
	{"/[*?{,}]", {"/*", "/?", "/{", "/,", "/}"}, {"/a"}},
	{"/[^\x01-\xff]", {NULL}, {"/", "/a", "/\xff"}},
	{"/[\x80-\xff]", {"/\x80", "/\xff"}, {"/\x7f"}},

	{"/{a,b}", {"/a", "/b"}, {"/", "/ab", "/c"}},
	{"/{a}", {"/a"}, {"/", "/{a}"}},
	{"/{}a", {"/a"}, {"/", "/{}a"}},
	{"/a{,b}", {"/a", "/ab"}, {"/b", "/abb"}},
	{"/a{b,}", {"/a", "/ab"}, {"/b", "/abb"}},
	{"/{a,b{c,d}}e", {"/ae", "/bce", "/bde"}, {"/be", "/ace"}},
	{"/{a,b}{c,d}", {"/ac", "/ad", "/bc", "/bd"}, {"/ab", "/cd"}},
	{"/{usr/,}bin/*", {"/usr/bin/x", "/bin/x"}, {"/usr/x", "/usrbin/x"}},
	{"/{*a,b*}", {"/a", "/xa", "/b", "/bx"}, {"/ab/", "/x", "/b/x"}},
	{"/{a\\,b,c}", {"/a,b", "/c"}, {"/a", "/b"}},
	{"/\\{a,b\\}", {"/{a,b}"}, {"/a", "/b"}},

	/* Alternatives are chosen first: "**" between two '/' that come together by that is a component. */
	{"/a/{**/b,c}", {"/a/b", "/a/x/b", "/a/c"}, {"/ab", "/a/x/c"}},
	{"/a/{x,**}/b", {"/a/x/b", "/a/y/b", "/a/b", "/a/y/z/b"}, {"/ab", "/a/xb"}},
	{"/a{/,x}**/b", {"/a/b", "/a/y/b", "/ax/b", "/axy/b"}, {"/axb", "/ab"}},
	{"/a/**{/,x}b", {"/a/b", "/a/y/b", "/a/xb", "/a/yxb"}, {"/ab", "/a/yb"}},
	{"/a/{,b/}**/c", {"/a/c", "/a/b/c", "/a/x/c"}, {"/ac", "/a/xc"}},
	{"/{*,x}*a", {"/a", "/xa", "/ya"}, {"/y/a"}},

	{"/\\*", {"/*"}, {"/a", "/\\*"}},
	{"/\\a\\\\", {"/a\\"}, {"/a"}},
	{"/\\[a]", {"/[a]"}, {"/a"}},
	{"/a b\t", {"/a b\t"}, {"/ab"}},
};

static const struct {
	const char *pattern;
	const char *matches[6];
	const char *differs[6];
} names[] = {
	{"", {""}, {"a"}},
	{"a", {"a"}, {"", "/a"}},
	{"*", {"", "a", "ab"}, {"/", "a/b"}},
	{"**", {"", "a", "a/b", "/"}, {NULL}},
	{"**/a", {"a", "b/a", "/a"}, {"ba", "a/"}},
	{"/tmp/.X11-unix/X[0-9]*", {"/tmp/.X11-unix/X0"}, {"/tmp/.X11-unix/X"}},
};

static void check(const char *pattern, bool is_name, const char *const *matches,
		  const char *const *differs, size_t differs_count)
{
	struct bl_automaton automaton;
	struct bl_glob_error error;
	struct bl_glob glob;

	if (bl_glob_compile(pattern, is_name, &glob, &error) < 0)
		fail_msg("\"%s\" at %zu: %s", pattern, error.offset, error.message);
	matcher_build(&glob, 1, &automaton);
	for (; *matches; matches++)
		if (!matcher_meaning(&automaton, *matches, strlen(*matches)))
			fail_msg("\"%s\" does not match \"%s\"", pattern, *matches);
	for (size_t i = 0; i < differs_count && differs[i]; i++)
		if (matcher_meaning(&automaton, differs[i], strlen(differs[i])))
			fail_msg("\"%s\" matches \"%s\"", pattern, differs[i]);
	bl_automaton_fini(&automaton);
	bl_glob_fini(&glob);
}

static void test_path_patterns_match_as_documented(void **state)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(paths); i++)
		check(paths[i].pattern, false, paths[i].matches, paths[i].differs,
		      BL_ARRAY_LEN(paths[i].differs));
}

static void test_name_patterns_match_as_documented(void **state)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(names); i++)
		check(names[i].pattern, true, names[i].matches, names[i].differs,
		      BL_ARRAY_LEN(names[i].differs));
}

static const struct {
	const char *pattern;
	size_t offset;
	const char *message;
} malformed[] = {
	{"", 0, "a path starts with '/'"},
	{"a", 0, "a path starts with '/'"},
	{"*", 0, "a path starts with '/'"},
	{"{/a,/b}", 0, "a path starts with '/'"},
	{"/a***", 2, "more than two '*' in a row"},
	{"/****/a", 1, "more than two '*' in a row"},
	{"/a\\", 2, "'\\' at the end of the pattern escapes nothing"},
	{"/{a\\", 3, "'\\' at the end of the pattern escapes nothing"},
	{"/[a\\", 3, "'\\' at the end of the pattern escapes nothing"},
	{"/a[", 2, "'[' is never closed"},
	{"/a[^", 2, "'[' is never closed"},
	{"/a[]", 2, "'[' is never closed"},
	{"/a[b", 2, "'[' is never closed"},
	{"/a[b-", 2, "'[' is never closed"},
	{"/a[b-c", 2, "'[' is never closed"},
	{"/a[b\\]", 2, "'[' is never closed"},
	{"/a[b/c]", 4, "a class never matches '/'"},
	{"/a[b\\/]", 5, "a class never matches '/'"},
	{"/a[b-/]", 5, "a class never matches '/'"},
	{"/a[^/]", 4, "a class never matches '/'"},
	{"/a[b-a]", 3, "the range ends before it starts"},
	{"/a[xc-a]", 4, "the range ends before it starts"},
	{"/a[a-c-e]", 6, "'-' inside a class stands first, last, or after '\\'"},
	{"/a{b", 2, "'{' is never closed"},
	{"/a{b,c", 2, "'{' is never closed"},
	{"/a{b{c}", 2, "'{' is never closed"},
	{"/a{b{c", 4, "'{' is never closed"},
	{"/a{b\\}", 2, "'{' is never closed"},
	{"/a}", 2, "'}' without '{'"},
	{"/a{b}}", 5, "'}' without '{'"},
};

static void test_malformed_patterns_are_refused_with_their_position(void **state)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(malformed); i++) {
		struct bl_glob_error error = {0};
		struct bl_glob glob = {.count = 7};
		int r = bl_glob_compile(malformed[i].pattern, false, &glob, &error);

		if (r != -EINVAL || error.offset != malformed[i].offset ||
		    strcmp(error.message, malformed[i].message) != 0)
			fail_msg("\"%s\": %d at %zu: %s", malformed[i].pattern, r, error.offset,
				 error.message ? error.message : "-");
		assert_int_equal(glob.count, 7);
	}
}

static void test_nesting_is_bounded(void **state)
{
	char pattern[128] = "/";
	struct bl_glob_error error;
	struct bl_glob glob;

	memset(pattern + 1, '{', 33);
	memset(pattern + 34, '}', 33);
	assert_int_equal(bl_glob_compile(pattern, false, &glob, &error), -EINVAL);
	assert_int_equal(error.offset, 33);
	assert_string_equal(error.message, "'{' is nested too deep");

	memset(pattern, 0, sizeof(pattern));
	pattern[0] = '/';
	memset(pattern + 1, '{', 32);
	memset(pattern + 33, '}', 32);
	assert_int_equal(bl_glob_compile(pattern, false, &glob, &error), 0);
	bl_glob_fini(&glob);
}

static void test_length_is_bounded(void **state)
{
	char *pattern = malloc(4098);
	struct bl_glob_error error;
	struct bl_glob glob;

	assert_non_null(pattern);
	memset(pattern, 'a', 4098);
	pattern[0] = '/';
	pattern[4096] = '\0';
	assert_int_equal(bl_glob_compile(pattern, false, &glob, &error), 0);
	bl_glob_fini(&glob);
	pattern[4096] = 'a';
	pattern[4097] = '\0';
	assert_int_equal(bl_glob_compile(pattern, false, &glob, &error), -EINVAL);
	assert_int_equal(error.offset, 4096);
	assert_string_equal(error.message, "the pattern is longer than any path");
	free(pattern);
}

static void test_nodes_are_bounded(void **state)
{
	char pattern[4097] = "/{";
	struct bl_glob_error error;
	struct bl_glob glob;
	size_t len = 2;

	/* Each of 1,000 '/' can be followed by a "**" in front of each of 300 others. */
	for (unsigned i = 0; i < 1000; i++)
		len += (size_t)snprintf(pattern + len, sizeof(pattern) - len, "/,");
	len += (size_t)snprintf(pattern + len, sizeof(pattern) - len, "}**{");
	for (unsigned i = 0; i < 300; i++)
		len += (size_t)snprintf(pattern + len, sizeof(pattern) - len, "/,");
	snprintf(pattern + len, sizeof(pattern) - len, "}");
	assert_int_equal(bl_glob_compile(pattern, false, &glob, &error), -EINVAL);
	assert_int_equal(error.offset, 0);
	assert_string_equal(error.message, "the alternatives are too many");
}

static void test_programs_lead_forward_to_one_end(void **state)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(paths); i++) {
		struct bl_glob_error error;
		struct bl_glob glob;

		assert_int_equal(bl_glob_compile(paths[i].pattern, false, &glob, &error), 0);
		for (size_t k = 0; k < glob.count; k++) {
			const struct bl_node *node = &glob.nodes[k];

			assert_int_equal(node->op == BL_NODE_MATCH, k == glob.count - 1);
			if (node->op == BL_NODE_MATCH)
				continue;
			assert_true(node->next > k && node->next < glob.count);
			if (node->op == BL_NODE_SPLIT)
				assert_true(node->other > k && node->other < glob.count);
		}
		bl_glob_fini(&glob);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_path_patterns_match_as_documented),
		cmocka_unit_test(test_name_patterns_match_as_documented),
		cmocka_unit_test(test_malformed_patterns_are_refused_with_their_position),
		cmocka_unit_test(test_nesting_is_bounded),
		cmocka_unit_test(test_length_is_bounded),
		cmocka_unit_test(test_nodes_are_bounded),
		cmocka_unit_test(test_programs_lead_forward_to_one_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
