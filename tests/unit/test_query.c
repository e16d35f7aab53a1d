// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/policy_parse.h"
#include "enforcer/query.h"
#include "enforcer/util.h"

static const char policy_text[] = "[policy]\nname = t\n[select]\ncgroup = /t\n"
				  "[exec]\n"
				  "allow = /bin/sh by /usr/sbin/*\n"
				  "audit = /bin/sh by /usr/bin/cron\n"
				  "kill = /bin/sh by /tmp/**\n"
				  "deny = /bin/sh\n";

struct asked {
	const char *by;
	enum bl_verdict verdict;
	unsigned line;
};

static struct bl_answer ask(const struct bl_generation *generation, const char *by)
{
	const char *words[] = {"exec", "/bin/sh"};
	struct bl_query_error error;
	struct bl_query query;
	struct bl_answer answer;

	assert_int_equal(bl_query_parse(words, BL_ARRAY_LEN(words), &query, &error), 0);
	query.by = by;
	assert_int_equal(bl_query_answer(&query, generation, &answer), 0);
	return answer;
}

static void test_answer_depends_on_subject(void **state)
{
	static const struct asked cases[] = {
		{"/usr/sbin/nginx", BL_VERDICT_ALLOW, 6},
		{"/usr/bin/cron", BL_VERDICT_AUDIT, 7},
		{"/tmp/x", BL_VERDICT_KILL, 8},
		{"/usr/bin/other", BL_VERDICT_DENY, 9},
		{NULL, BL_VERDICT_DENY, 9},
	};
	const struct bl_policy *list[1];
	struct bl_policies policies = {0};
	struct bl_generation generation;
	struct bl_diags diags = {0};

	assert_int_equal(bl_policy_parse_whole_language(policy_text, strlen(policy_text), "t.ini",
							&diags, &policies),
			 0);
	list[0] = &policies.items[0];
	assert_int_equal(bl_profile_compile(list, 1, false, &diags, &generation), 0);

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_answer answer = ask(&generation, cases[i].by);

		assert_int_equal(answer.verdict, cases[i].verdict);
		assert_non_null(answer.rule);
		assert_int_equal(answer.rule->line, cases[i].line);
		assert_int_equal(answer.is_recorded, cases[i].verdict != BL_VERDICT_ALLOW);
		assert_false(answer.is_would);
	}
	bl_generation_fini(&generation);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

struct keyed {
	const char *words[3];
	size_t count;
	enum bl_section section;
	unsigned permission;
	const char *key;
	size_t key_len;
};

static void test_parse_keys(void **state)
{
	static const struct keyed cases[] = {
		{{"exec", "/"}, 2, BL_SECTION_EXEC, BL_EXEC_EXECUTE, "/", 1},
		{{"read", "/a\\b c"}, 2, BL_SECTION_FILE, BL_FILE_READ, "/a\\b c", 6},
		{{"write", "/.../..x"}, 2, BL_SECTION_FILE, BL_FILE_WRITE, "/.../..x", 8},
		{{"connect", "unix", "/run/x"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "/run/x",
		 6},
		{{"connect", "unix", "@x"}, 3, BL_SECTION_NETWORK, BL_NETWORK_CONNECT, "@x", 2},
		{{"connect", "tcp", "1.2.3.4:258"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x01\x02\x03\x04\x01\x02",
		 8},
		{{"connect", "tcp", "[::ffff:1.2.3.4]:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x01\x02\x03\x04\x00\x01",
		 8},
		{{"connect", "tcp", "0.0.0.0:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x7f\x00\x00\x01\x00\x01",
		 8},
		{{"connect", "tcp", "[::]:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x06\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x01",
		 20},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_query_error error;
		struct bl_query query;

		assert_int_equal(bl_query_parse(cases[i].words, cases[i].count, &query, &error), 0);
		assert_int_equal(query.section, cases[i].section);
		assert_int_equal(query.permission, cases[i].permission);
		assert_int_equal(query.key_len, cases[i].key_len);
		assert_memory_equal(query.key, cases[i].key, cases[i].key_len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_depends_on_subject),
		cmocka_unit_test(test_parse_keys),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
