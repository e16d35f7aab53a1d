// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/policy.h"
#include "enforcer/policy_parse.h"
#include "enforcer/util.h"

/* Four lines; what a case adds begins in line 5. */
#define HEAD "[policy]\nname = t\n[select]\ncgroup = /t\n"

struct lint {
	const char *text;
	const char *warnings; /* as "LINE:COLUMN: MESSAGE\n", each */
};

static void assert_warnings(const char *text, const char *expected)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char *printed = NULL;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	assert_int_equal(
		bl_policy_parse_whole_language(text, strlen(text), "t.ini", &diags, &policies), 0);
	bl_policies_check(&policies, &diags);
	assert_int_equal(diags.errors, 0);
	for (size_t i = 0; i < diags.count; i++)
		fprintf(stream, "%u:%u: %s\n", diags.items[i].line, diags.items[i].column,
			diags.items[i].message);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(printed, expected);

	free(printed);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

#define assert_all_warned(cases)                                                                   \
	do {                                                                                       \
		for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)                                   \
			assert_warnings((cases)[i].text, (cases)[i].warnings);                     \
	} while (0)

#define NEVER(pattern)                                                                             \
	"pattern '" pattern                                                                        \
	"' can never match: a path has no '//', '/./' or '/../' and does not end in '/'\n"

static void test_pattern_unmatchable_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /a//b\n", "6:8: " NEVER("/a//b")},
		{HEAD "[exec]\ndeny = /a/./b\n", "6:8: " NEVER("/a/./b")},
		{HEAD "[exec]\ndeny = /a/../b\n", "6:8: " NEVER("/a/../b")},
		{HEAD "[exec]\ndeny = /a/..\n", "6:8: " NEVER("/a/..")},
		{HEAD "[exec]\ndeny = /a/.\n", "6:8: " NEVER("/a/.")},
		{HEAD "[file]\ndeny = read /x /a/\n", "6:16: " NEVER("/a/")},
		{HEAD "[exec]\ndeny = /a/{/b,./c}\n", "6:8: " NEVER("/a/{/b,./c}")},
		{HEAD "[network]\ndeny = connect unix /a//b\n", "6:21: " NEVER("/a//b")},
		{HEAD "[exec]\ndeny = /x by /a//b\n",
		 "6:8: pattern '/a//b' behind 'by' can never match a path\n"},
		{HEAD "cgroup = /x/\n[exec]\ndeny = /x\n", "5:10: " NEVER("/x/")},
	};

	assert_all_warned(cases);
}

static void test_pattern_matchable_not_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[file]\ndeny = read /\n", ""},
		{HEAD "[file]\ndeny = read /**\n", ""},
		{HEAD "[file]\ndeny = read /a/.../b /a/.x /a/..x\n", ""},
		{HEAD "[file]\ndeny = read /a/{,b}/c /a/{/x,y}\n", ""},
		{HEAD "[file]\ndeny = read /a/**/ /**/b\n", "6:13: " NEVER("/a/**/")},
		{HEAD "[network]\ndeny = connect unix @a//b @/\n", ""},
	};

	assert_all_warned(cases);
}

#define SHADOW "this rule never decides: rules above match first"

static void test_rule_shadowed_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /a\ndeny = /a\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /a'\n"},
		{HEAD "[exec]\ndeny = /tmp/**\nallow = /tmp/[ab]/?\n",
		 "7:9: this allow changes nothing: the default of [exec] is allow and no rule below restricts\n"
		 "7:9: " SHADOW "; '/tmp/a/x' is decided by line 6, 'deny = /tmp/**'\n"},
		{HEAD "[exec]\ndeny = /a /b /a\n",
		 "6:14: " SHADOW "; '/a' is decided by line 6, 'deny = /a /b /a'\n"},
		{HEAD "[exec]\ndeny = /[ab] /[cd]\ndeny = /[abcd]\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /[ab] /[cd]'\n"},
		{HEAD "[file]\ndeny = read /a\ndeny = write /a\ndeny = read write /a\n",
		 "8:19: " SHADOW "; '/a' is decided by line 6, 'deny = read /a'\n"},
		{HEAD "[exec]\ndeny = /a\ndeny = /a by /x\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /a'\n"},
		{HEAD
		 "[network]\ndeny = connect tcp 10.0.0.0/8\ndeny = connect tcp 10.1.0.0/16:80\n",
		 "7:20: " SHADOW ", such as line 6, 'deny = connect tcp 10.0.0.0/8'\n"},
		{HEAD "[network]\ndeny = connect tcp *\ndeny = connect tcp [fd00::/8]\n",
		 "7:20: " SHADOW ", such as line 6, 'deny = connect tcp *'\n"},
		{HEAD "[network]\ndeny = connect unix @a*\ndeny = connect unix @ab\n",
		 "7:21: " SHADOW "; '@ab' is decided by line 6, 'deny = connect unix @a*'\n"},
		{"[policy]\nname = t\nmode = off\n[select]\ncgroup = /t\n[exec]\ndeny = /a\ndeny = /a\n",
		 "8:8: " SHADOW "; '/a' is decided by line 7, 'deny = /a'\n"},
	};

	assert_all_warned(cases);
}

static void test_rule_partly_covered_not_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /tmp/*\nallow = /tmp/**\ndeny = /t*/**\n", ""},
		{HEAD "[exec]\ndeny = /a by /x\ndeny = /a\n", ""},
		{HEAD "[file]\ndeny = read /a\ndeny = read write /a\n", ""},
		{HEAD "[network]\ndeny = connect tcp 10.1.0.0/16\ndeny = connect tcp 10.0.0.0/8\n",
		 ""},
		{HEAD
		 "[network]\ndeny = connect tcp 10.0.0.0/8:80\ndeny = connect tcp 10.0.0.0/8:79-80\n",
		 ""},
		{HEAD "[exec]\ndeny = /a\n[file]\ndeny = read /a\n", ""},
	};

	assert_all_warned(cases);
}

static void test_allow_idle_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[file]\nallow = read /a\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\ndeny = write /**\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\n[exec]\ndeny = /x\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\naudit = read /**\n", ""},
		{HEAD "[file]\nallow = read /a\ndeny = read write /**\n", ""},
		{HEAD "[file]\ndefault = deny\nallow = read /a\n", ""},
	};

	assert_all_warned(cases);
}

static void test_log_off_without_effect_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\naudit = /a log=off\n",
		 "6:9: audit with log=off records nothing: it is an allow\n"},
		{HEAD "[exec]\nallow = /a log=off\ndeny = /**\n",
		 "6:9: log=off has no effect here: an allow is never recorded\n"},
		{HEAD "[exec]\ndeny = /a log=off\n", ""},
	};

	assert_all_warned(cases);
}

static void test_policy_pointless_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD, "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[exec]\ndefault = allow\n",
		 "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[exec]\ndefault = deny\n",
		 "6:11: nothing can be executed: [exec] denies by default and allows nothing\n"},
		{HEAD "[exec]\ndefault = deny\naudit = /**\n", ""},
		{HEAD "cgroup = /\n[exec]\ndeny = /a\n",
		 "5:10: '/' selects every cgroup: the system's own services and bailiff's too\n"},
		{HEAD "cgroup = /**\n[exec]\ndeny = /a\n",
		 "5:10: '/**' selects every cgroup: the system's own services and bailiff's too\n"},
	};

	assert_all_warned(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pattern_unmatchable_warned),
		cmocka_unit_test(test_pattern_matchable_not_warned),
		cmocka_unit_test(test_rule_shadowed_warned),
		cmocka_unit_test(test_rule_partly_covered_not_warned),
		cmocka_unit_test(test_allow_idle_warned),
		cmocka_unit_test(test_log_off_without_effect_warned),
		cmocka_unit_test(test_policy_pointless_warned),
	};

	return cmocka_run_group_tests_name("policy_check", tests, NULL, NULL);
}
