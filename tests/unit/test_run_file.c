// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_file.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "run-1.json");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static struct bl_run make_run(void)
{
	struct bl_run run = {
		.name = strdup("run-1"),
		.cgroup = strdup("/a\xff\x80 \"*/run-1"),
		.cgroup_id = UINT64_C(0x123456789abcdef0),
		.is_audit = true,
	};

	assert_non_null(run.name);
	assert_non_null(run.cgroup);
	return run;
}

static void test_what_was_written_is_read(void **state)
{
	const struct scratch *scratch = *state;
	bl_cleanup(bl_run_fini) struct bl_run run = make_run();
	bl_cleanup(bl_run_fini) struct bl_run read = {0};
	char bytes[256];
	struct stat status;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)i;
	assert_int_equal(bl_run_add_text(&run, "/x/\xc3y.ini", bytes, sizeof(bytes)), 0);
	assert_int_equal(bl_run_add_text(&run, "/z", "", 0), 0);
	assert_int_equal(bl_run_write(&run, scratch->dir), 0);
	assert_int_equal(stat(scratch->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);

	assert_int_equal(bl_run_read(scratch->dir, "run-1", &read), 0);
	assert_string_equal(read.name, run.name);
	assert_string_equal(read.cgroup, run.cgroup);
	assert_true(read.cgroup_id == run.cgroup_id);
	assert_true(read.is_audit);
	assert_int_equal(read.texts_count, 2);
	assert_string_equal(read.texts[0].file, "/x/\xc3y.ini");
	assert_int_equal(read.texts[0].len, sizeof(bytes));
	assert_memory_equal(read.texts[0].text, bytes, sizeof(bytes));
	assert_int_equal(read.texts[1].len, 0);

	assert_int_equal(bl_run_remove(scratch->dir, "run-1"), 0);
	assert_int_equal(bl_run_remove(scratch->dir, "run-1"), 0);
	assert_int_equal(bl_run_read(scratch->dir, "run-1", &read), -ENOENT);
}

static void test_anything_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		"nonsense",
		"[]",
		"{}",
		"{\"cgroup\":\"/run-1\",\"cgroup_id\":1,\"audit\":false,\"policies\":[]}",
		"{\"cgroup\":\"/run-1\",\"cgroup_id\":1,\"audit\":false,\"policies\":[1]}",
		"{\"cgroup\":\"/run-1\",\"cgroup_id\":1,\"audit\":false,\"policies\":[{\"file\":\"/x\"}]}",
		"{\"cgroup\":\"/run-1\",\"cgroup_id\":0,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
		"{\"cgroup\":\"run-1\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
		"{\"cgroup\":\"/run-1\\u0000\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
		"{\"cgroup\":\"/run-1\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\\u0100\"}]}",
		"{\"cgroup\":\"/\\u20ac/run-1\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
		"{\"cgroup\":\"/run-1/web\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
		"{\"cgroup\":\"/web-run-1\",\"cgroup_id\":1,\"policies\":[{\"file\":\"/x\",\"text\":\"\"}]}",
	};
	const struct scratch *scratch = *state;

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		struct bl_run run;
		FILE *file = fopen(scratch->path, "we");

		assert_non_null(file);
		assert_true(fputs(texts[i], file) >= 0);
		assert_int_equal(fclose(file), 0);
		assert_int_equal(bl_run_read(scratch->dir, "run-1", &run), -EBADMSG);
	}
}

static void test_too_much_text_is_not_written(void **state)
{
	const struct scratch *scratch = *state;
	bl_cleanup(bl_run_fini) struct bl_run run = make_run();
	bl_cleanup_free char *text = calloc(1, BL_RUN_TEXT_MAX);

	assert_non_null(text);
	assert_int_equal(bl_run_add_text(&run, "/x", text, BL_RUN_TEXT_MAX), 0);
	assert_int_equal(bl_run_add_text(&run, "/y", text, 1), 0);
	assert_int_equal(bl_run_write(&run, scratch->dir), -EFBIG);
	assert_int_equal(access(scratch->path, F_OK), -1);
}

static void test_names_that_lead_elsewhere_are_none(void **state)
{
	static const char *const good[] = {"bailiff.run-x1Y2z3", "a"};
	static const char *const bad[] = {"", ".", "..", ".run", "a/b", "../a", "a b", "a\n"};
	char name[80];

	for (size_t i = 0; i < BL_ARRAY_LEN(good); i++)
		assert_true(bl_run_is_name(good[i]));
	for (size_t i = 0; i < BL_ARRAY_LEN(bad); i++)
		assert_false(bl_run_is_name(bad[i]));
	memset(name, 'a', sizeof(name));
	name[65] = '\0';
	assert_false(bl_run_is_name(name));
	name[64] = '\0';
	assert_true(bl_run_is_name(name));
}

#define WEB "[policy]\nname = web\n[select]\nimage = x\ncgroup = /web\n[file]\ndeny = read /x\n"

static void test_policies_are_renamed_and_select_the_run(void **state)
{
	bl_cleanup(bl_run_fini) struct bl_run run = make_run();
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup(bl_policies_fini) struct bl_policies policies = {0};
	const char other[] = "[policy]\nname = web\n[select]\ncgroup = /web\n";

	assert_int_equal(bl_policy_parse(other, strlen(other), "/etc/web.ini", &diags, &policies),
			 0);
	assert_int_equal(bl_run_add_text(&run, "/etc/web.ini", WEB, strlen(WEB)), 0);
	assert_int_equal(bl_run_add_policies(&run, &diags, &policies), 0);
	assert_int_equal(diags.count, 0);
	assert_int_equal(policies.count, 2);
	assert_string_equal(policies.items[1].name, "web@run-1");
	assert_string_equal(policies.items[1].file, "/etc/web.ini");
	assert_int_equal(policies.items[1].mode, BL_MODE_AUDIT);
	assert_int_equal(policies.items[1].cgroups_count, 1);
	assert_string_equal(policies.items[1].cgroups[0], "/a\xff\x80 \"\\*/run-1");
}

static void test_invalid_policies_add_nothing(void **state)
{
	bl_cleanup(bl_run_fini) struct bl_run run = make_run();
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup(bl_policies_fini) struct bl_policies policies = {0};

	assert_int_equal(bl_run_add_text(&run, "/a", WEB, strlen(WEB)), 0);
	assert_int_equal(bl_run_add_text(&run, "/b", "[what]\n", 7), 0);
	assert_int_equal(bl_run_add_policies(&run, &diags, &policies), -EINVAL);
	assert_string_equal(diags.items[0].file, "/b");
	assert_int_equal(policies.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_was_written_is_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_anything_else_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_much_text_is_not_written, set_up,
						tear_down),
		cmocka_unit_test(test_names_that_lead_elsewhere_are_none),
		cmocka_unit_test(test_policies_are_renamed_and_select_the_run),
		cmocka_unit_test(test_invalid_policies_add_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
