// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	if (scratch_make(&scratch, "store") < 0)
		return -1;
	return bl_container_store_make(scratch.path);
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static const char *dir_of(void **state)
{
	return ((struct scratch *)*state)->path;
}

#define TEXT(text) ((char *)(uintptr_t)(text))

static const struct bl_known web = {
	.id = 4711,
	.container =
		{
			.id = TEXT("0123"),
			.name = TEXT("web \"1\"\n"),
			.image = TEXT("nginx:1/\xc3\xa9"),
			.runtime = TEXT("oci"),
			.cgroup = TEXT("/a/b"),
			.labels = (struct bl_container_label[]){{TEXT("tier"), TEXT("front")},
								{TEXT(""), TEXT("")}},
			.label_count = 2,
		},
};

static void write_file(const char *dir, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void test_saved_is_loaded(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	const struct bl_known *known;
	size_t broken = 1;

	assert_int_equal(bl_container_save(dir_of(state), &web), 0);
	assert_int_equal(bl_container_save(dir_of(state), &web), 0);
	assert_int_equal(bl_container_store_make(dir_of(state)), 0);
	assert_int_equal(bl_container_load(dir_of(state), &containers, &broken), 0);
	assert_int_equal(broken, 0);
	assert_int_equal(containers.count, 1);
	known = bl_containers_find(&containers, 4711);
	assert_non_null(known);
	assert_true(known->is_complete);
	assert_string_equal(known->container.name, web.container.name);
	assert_string_equal(known->container.image, web.container.image);
	assert_string_equal(known->container.cgroup, "/a/b");
	assert_string_equal(known->container.runtime, "oci");
	assert_null(known->container.pod);
	assert_int_equal(known->container.label_count, 2);
	assert_string_equal(known->container.labels[0].key, "tier");
	assert_string_equal(known->container.labels[1].value, "");
}

static void test_forgotten_is_not(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	size_t broken = 1;

	assert_int_equal(bl_container_save(dir_of(state), &web), 0);
	assert_int_equal(bl_container_forget(dir_of(state), 4711), 0);
	assert_int_equal(bl_container_forget(dir_of(state), 4711), 0);
	assert_int_equal(bl_container_load(dir_of(state), &containers, &broken), 0);
	assert_int_equal(containers.count, 0);
}

static void test_broken_files_are_passed_over(void **state)
{
	static const struct {
		const char *name;
		const char *text;
		size_t broken;
	} cases[] = {
		{"1.json", "", 1},
		{"2.json", "{\"cgroup\":\"/a\"", 1},
		{"3.json", "{\"cgroup\":\"a\",\"labels\":{}}", 1},
		{"4.json", "{\"labels\":{}}", 1},
		{"5.json", "{\"cgroup\":\"/a\",\"labels\":{\"a\":1}}", 1},
		{"6.json", "{\"cgroup\":\"/a\"}", 1},
		{"x.json", "{", 0},
		{"7.json.part", "{", 0},
		{"-8.json", "{", 0},
	};
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	size_t expected = 0;
	size_t broken = 0;

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		write_file(dir_of(state), cases[i].name, cases[i].text);
		expected += cases[i].broken;
	}
	assert_int_equal(bl_container_save(dir_of(state), &web), 0);
	assert_int_equal(bl_container_load(dir_of(state), &containers, &broken), 0);
	assert_int_equal(broken, expected);
	assert_int_equal(containers.count, 1);
}

static void test_no_directory_is_an_error(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	size_t broken = 0;

	assert_int_equal(bl_container_load("/nonexistent", &containers, &broken), -ENOENT);
	assert_int_equal(bl_container_save("/nonexistent", &web), -ENOENT);
	assert_int_equal(bl_container_store_make("/nonexistent/x"), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_saved_is_loaded),
		TEST(test_forgotten_is_not),
		TEST(test_broken_files_are_passed_over),
		TEST(test_no_directory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
