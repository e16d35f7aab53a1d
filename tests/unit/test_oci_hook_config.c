// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/oci_hook_config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

static int load(const char *text, struct bl_diags *diags, struct bl_hook_config *config)
{
	struct scratch scratch;
	FILE *file;
	int r;

	assert_int_equal(scratch_make(&scratch, "oci-hook.ini"), 0);
	file = fopen(scratch.path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	r = bl_hook_config_load(scratch.path, diags, config);
	scratch_remove(&scratch);
	return r;
}

static void assert_config(const char *text, const char *socket, unsigned timeout_ms,
			  bool is_refusing)
{
	bl_cleanup(bl_hook_config_fini) struct bl_hook_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(load(text, &diags, &config), 0);
	assert_int_equal(diags.count, 0);
	assert_string_equal(config.socket, socket);
	assert_int_equal(config.timeout_ms, timeout_ms);
	assert_int_equal(config.is_refusing, is_refusing);
}

static void test_values_are_taken_over_the_defaults(void **state)
{
	static const char usual[] = "/run/bailiff/bailiff.sock";

	assert_config("", usual, 2000, false);
	assert_config("[hook]\n", usual, 2000, false);
	assert_config("[hook]\non_unavailable = refuse\n", usual, 2000, true);
	assert_config("[hook]\non_unavailable = allow\n", usual, 2000, false);
	assert_config("[hook]\ntimeout = 1ms\n", usual, 1, false);
	assert_config("[hook]\ntimeout = 60s ; the most\n", usual, 60000, false);
	assert_config("[hook]\nsocket = /run/other/socket\ntimeout = 60000ms\n",
		      "/run/other/socket", 60000, false);
}

static void test_file_that_is_not_there_is_all_defaults(void **state)
{
	bl_cleanup(bl_hook_config_fini) struct bl_hook_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(bl_hook_config_load("/nonexistent/oci-hook.ini", &diags, &config), 0);
	assert_int_equal(config.timeout_ms, BL_HOOK_TIMEOUT_MS);
	assert_false(config.is_refusing);
}

static void test_mistakes_are_named_with_their_position(void **state)
{
	static const char time[] = "expected a time from 1ms to 60s, such as '2s' or '500ms'";
	static const struct {
		const char *text;
		unsigned line;
		unsigned column;
		const char *message; /* its end */
	} cases[] = {
		{"[hooks]\n", 1, 2, "unknown section 'hooks'; expected 'hook'"},
		{"[hook]\nwait = 1s\n", 2, 1,
		 "unknown key 'wait' in [hook]; expected one of 'on_unavailable', 'timeout', 'socket'"},
		{"[hook]\non_unavailable = deny\n", 2, 18,
		 "'deny' is not a value for 'on_unavailable'; expected 'refuse' or 'allow'"},
		{"[hook]\nsocket = run/socket\n", 2, 10, "expected an absolute path"},
		{"[hook]\nsocket = /a\nsocket = /b\n", 3, 1, "'socket' is given twice"},
		{"[hook]\ntimeout = 0s\n", 2, 11, time},
		{"[hook]\ntimeout = 61s\n", 2, 11, time},
		{"[hook]\ntimeout = 60001ms\n", 2, 11, time},
		{"[hook]\ntimeout = -1s\n", 2, 11, time},
		{"[hook]\ntimeout = 2\n", 2, 11, time},
		{"[hook]\ntimeout = 2 s\n", 2, 11, time},
		{"[hook]\ntimeout = s\n", 2, 11, time},
		{"[hook]\ntimeout = 99999999999999999999s\n", 2, 11, time},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		bl_cleanup(bl_hook_config_fini) struct bl_hook_config config = {0};
		bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
		size_t len = strlen(cases[i].message);

		assert_int_equal(load(cases[i].text, &diags, &config), -EINVAL);
		assert_int_equal(diags.errors, 1);
		assert_int_equal(diags.items[0].line, cases[i].line);
		assert_int_equal(diags.items[0].column, cases[i].column);
		assert_true(strlen(diags.items[0].message) >= len);
		assert_string_equal(diags.items[0].message + strlen(diags.items[0].message) - len,
				    cases[i].message);
		assert_null(config.socket);
	}
}

static void test_what_is_no_file_is_an_error(void **state)
{
	bl_cleanup(bl_hook_config_fini) struct bl_hook_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(bl_hook_config_load("/", &diags, &config), -EINVAL);
	assert_string_equal(diags.items[0].message, "cannot be read: it is not a regular file");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values_are_taken_over_the_defaults),
		cmocka_unit_test(test_file_that_is_not_there_is_all_defaults),
		cmocka_unit_test(test_mistakes_are_named_with_their_position),
		cmocka_unit_test(test_what_is_no_file_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
