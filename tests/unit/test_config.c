// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/config.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/read_file.h"
#include "enforcer/util.h"

/* sha512crypt of "open sesame". */
#define HASH                                                                                       \
	"$6$bailiff$iCIc9uey7chAkumjNUW/9hbZlZqbsqjBfLXb.riYeVmUFxDTeisLozUlx4yLAf7vgZgG68spgPoWBrEm0OMZT."

static int parse(const char *text, struct bl_diags *diags, struct bl_config *config)
{
	return bl_config_parse(text, strlen(text), "bailiff.ini", diags, config);
}

static void test_empty_gives_defaults(void **state)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(parse("", &diags, &config), 0);
	assert_int_equal(config.policies_count, 1);
	assert_string_equal(config.policies[0], BL_CONFIG_DIR "/policies.d");
	assert_string_equal(config.events_file, "/var/log/bailiff/events.jsonl");
	assert_string_equal(config.pin_dir, "/sys/fs/bpf/bailiff");
	assert_string_equal(config.run_dir, "/run/bailiff");
	assert_string_equal(config.state_dir, "/var/lib/bailiff");
	assert_null(config.cgroup_root);
	assert_true(config.node[0] != '\0');
	assert_int_equal(config.ring_bytes, 4 << 20);
	assert_int_equal(config.log_level, BL_LOG_INFO);
	assert_false(config.is_stdout);
	assert_false(config.is_audit_forced);
	assert_true(config.is_sandboxed);
}

static void test_every_key_is_taken(void **state)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(parse("[policies]\n"
			       "path = /a\n"
			       "path = /b\n"
			       "[records]\n"
			       "file = none\n"
			       "stdout = yes\n"
			       "node = n1\n"
			       "[kernel]\n"
			       "pin_dir = /sys/fs/bpf/x\n"
			       "cgroup_root = /cg\n"
			       "ring_size = 64K\n"
			       "[daemon]\n"
			       "run_dir = /r\n"
			       "state_dir = /s\n"
			       "log_level = debug\n"
			       "audit = yes\n"
			       "sandbox = no\n"
			       "seal = yes\n"
			       "unseal_hash = " HASH "\n",
			       &diags, &config),
			 0);
	assert_int_equal(diags.count, 0);
	assert_int_equal(config.policies_count, 2);
	assert_string_equal(config.policies[0], "/a");
	assert_string_equal(config.policies[1], "/b");
	assert_null(config.events_file);
	assert_true(config.is_stdout);
	assert_string_equal(config.node, "n1");
	assert_string_equal(config.pin_dir, "/sys/fs/bpf/x");
	assert_string_equal(config.cgroup_root, "/cg");
	assert_int_equal(config.ring_bytes, 65536);
	assert_string_equal(config.run_dir, "/r");
	assert_string_equal(config.state_dir, "/s");
	assert_int_equal(config.log_level, BL_LOG_DEBUG);
	assert_true(config.is_audit_forced);
	assert_false(config.is_sandboxed);
	assert_true(config.is_sealed);
	assert_string_equal(config.unseal_hash, HASH);
}

static void test_mistakes_are_named_with_their_place(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		unsigned column;
		const char *message;
	} cases[] = {
		{"[kernal]\n", 1, 2,
		 "unknown section 'kernal'; expected one of 'policies', 'records', 'kernel', 'daemon'"},
		{"[kernel]\npindir = /x\n", 2, 1,
		 "unknown key 'pindir' in [kernel]; expected one of 'pin_dir', 'cgroup_root', 'ring_size'"},
		{"[kernel]\npin_dir = x\n", 2, 11,
		 "'x' is not a value for 'pin_dir'; expected an absolute path"},
		{"[kernel]\nring_size = 5M\n", 2, 13,
		 "'5M' is not a value for 'ring_size'; expected a power of two from 64K to 1G, such as '4M'"},
		{"[kernel]\nring_size = 32K\n", 2, 13,
		 "'32K' is not a value for 'ring_size'; expected a power of two from 64K to 1G, such as '4M'"},
		{"[kernel]\nring_size = 2G\n", 2, 13,
		 "'2G' is not a value for 'ring_size'; expected a power of two from 64K to 1G, such as '4M'"},
		{"[kernel]\nring_size = 4Mx\n", 2, 13,
		 "'4Mx' is not a value for 'ring_size'; expected a power of two from 64K to 1G, such as '4M'"},
		{"[kernel]\nring_size = -4\n", 2, 13,
		 "'-4' is not a value for 'ring_size'; expected a power of two from 64K to 1G, such as '4M'"},
		{"[daemon]\n\naudit = true\n", 3, 9,
		 "'true' is not a value for 'audit'; expected 'yes' or 'no'"},
		{"[daemon]\nlog_level = loud\n", 2, 13,
		 "'loud' is not a value for 'log_level'; expected 'error', 'warning', 'info' or 'debug'"},
		{"[daemon]\naudit = no\naudit = yes\n", 3, 1, "'audit' is given twice"},
		{"[records]\nfile = events\n", 2, 8,
		 "'events' is not a value for 'file'; expected an absolute path, or 'none'"},
		{"[records]\nnode =\n", 2, 7, "'' is not a value for 'node'; expected a name"},
		{"[policies]\npath = policies.d\n", 2, 8,
		 "'policies.d' is not a value for 'path'; expected an absolute path"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_config config = {.ring_bytes = 1};
		bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

		assert_int_equal(parse(cases[i].text, &diags, &config), -EINVAL);
		assert_int_equal(config.ring_bytes, 1); /* untouched */
		assert_int_equal(diags.count, 1);
		assert_string_equal(diags.items[0].file, "bailiff.ini");
		assert_string_equal(diags.items[0].message, cases[i].message);
		assert_int_equal(diags.items[0].line, cases[i].line);
		assert_int_equal(diags.items[0].column, cases[i].column);
	}
}

static void test_all_mistakes_are_named_at_once(void **state)
{
	struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(parse("[x]\na = 1\n[kernel]\nb = 1\nring_size = 1\n", &diags, &config),
			 -EINVAL);
	assert_int_equal(diags.errors, 3);
}

static void test_file_that_is_missing_is_an_error_only_when_named(void **state)
{
	struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_int_equal(bl_config_load("/nonexistent/bailiff.ini", &diags, &config), -ENOENT);
	assert_int_equal(diags.errors, 1);
	assert_string_equal(diags.items[0].file, "/nonexistent/bailiff.ini");
}

static void test_directory_is_no_file(void **state)
{
	struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	assert_true(bl_config_load("/tmp", &diags, &config) < 0);
	assert_int_equal(diags.errors, 1);
	assert_non_null(strstr(diags.items[0].message, "cannot be read: "));
}

/* The shipped file is all comments, each key with its default: with the comments taken off it changes nothing. */
static void test_shipped_file_documents_every_key_and_default(void **state)
{
	static const char *const names[] = {
		"path",    "file",      "stdout",    "node",  "pin_dir", "cgroup_root", "ring_size",
		"run_dir", "state_dir", "log_level", "audit", "sandbox", "seal",	"unseal_hash"};
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_config_fini) struct bl_config defaults = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup_free char *text = NULL;
	size_t len;

	assert_int_equal(bl_read_file(BL_SOURCE_ROOT "/packaging/bailiff.ini", 65536, &text, &len),
			 0);
	for (size_t i = 0; i < BL_ARRAY_LEN(names); i++) {
		char key[32];

		snprintf(key, sizeof(key), "\n;%s = ", names[i]);
		assert_non_null(strstr(text, key));
	}
	for (char *c = text; *c; c++)
		if (c[0] == '\n' && c[1] == ';' && c[2] >= 'a' && c[2] <= 'z')
			c[1] = ' ';

	assert_int_equal(parse(text, &diags, &config), 0);
	assert_int_equal(bl_config_init(&defaults), 0);
	assert_int_equal(config.policies_count, defaults.policies_count);
	assert_string_equal(config.policies[0],
			    "/etc/bailiff/policies.d"); /* unless built otherwise */
	assert_string_equal(config.events_file, defaults.events_file);
	assert_string_equal(config.pin_dir, defaults.pin_dir);
	assert_string_equal(config.run_dir, defaults.run_dir);
	assert_int_equal(config.ring_bytes, defaults.ring_bytes);
	assert_int_equal(config.log_level, defaults.log_level);
	assert_int_equal(config.is_stdout, defaults.is_stdout);
	assert_int_equal(config.is_audit_forced, defaults.is_audit_forced);
	assert_int_equal(config.is_sandboxed, defaults.is_sandboxed);
	assert_int_equal(config.is_sealed, defaults.is_sealed);
	assert_null(config.unseal_hash);
}

static void test_command_line_replaces_the_list(void **state)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};

	assert_int_equal(bl_config_init(&config), 0);
	assert_int_equal(bl_config_set_policies(&config, "relative"), 0);
	assert_int_equal(config.policies_count, 1);
	assert_string_equal(config.policies[0], "relative");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_gives_defaults),
		cmocka_unit_test(test_every_key_is_taken),
		cmocka_unit_test(test_mistakes_are_named_with_their_place),
		cmocka_unit_test(test_all_mistakes_are_named_at_once),
		cmocka_unit_test(test_file_that_is_missing_is_an_error_only_when_named),
		cmocka_unit_test(test_directory_is_no_file),
		cmocka_unit_test(test_shipped_file_documents_every_key_and_default),
		cmocka_unit_test(test_command_line_replaces_the_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
