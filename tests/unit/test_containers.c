// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/containers.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

static struct bl_known *put(struct bl_containers *containers, uint64_t id, const char *cgroup)
{
	struct bl_container container = {.cgroup = strdup(cgroup)};
	struct bl_known *known = NULL;

	assert_non_null(container.cgroup);
	assert_int_equal(bl_containers_put(containers, id, &container, &known), 0);
	assert_null(container.cgroup);
	return known;
}

static void test_found_by_cgroup(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	static const uint64_t ids[] = {50, 10, 90, 30, 70, 20, 80, 60, 40};
	char path[32];

	for (size_t i = 0; i < BL_ARRAY_LEN(ids); i++) {
		snprintf(path, sizeof(path), "/c/%d", (int)ids[i]);
		put(&containers, ids[i], path);
	}
	assert_int_equal(containers.count, BL_ARRAY_LEN(ids));
	for (size_t i = 0; i < BL_ARRAY_LEN(ids); i++) {
		snprintf(path, sizeof(path), "/c/%d", (int)ids[i]);
		assert_string_equal(bl_containers_find(&containers, ids[i])->container.cgroup,
				    path);
		assert_null(bl_containers_find(&containers, ids[i] + 1));
	}
	bl_containers_remove(&containers, bl_containers_find(&containers, 10));
	bl_containers_remove(&containers, bl_containers_find(&containers, 90));
	bl_containers_remove(&containers, bl_containers_find(&containers, 50));
	assert_null(bl_containers_find(&containers, 50));
	assert_int_equal(bl_containers_find(&containers, 60)->id, 60);
	assert_int_equal(containers.count, BL_ARRAY_LEN(ids) - 3);
}

static void test_found_by_path(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	struct bl_known *gone = put(&containers, 1, "/a/web");

	gone->is_gone = true;
	assert_null(bl_containers_find_at(&containers, "/a/web"));
	put(&containers, 2, "/a/web");
	put(&containers, 3, "/a/web-2");
	assert_int_equal(bl_containers_find_at(&containers, "/a/web")->id, 2);
	assert_int_equal(bl_containers_find_at(&containers, "/a/web/x/y")->id, 2);
	assert_int_equal(bl_containers_find_at(&containers, "/a/web-2/x")->id, 3);
	assert_null(bl_containers_find_at(&containers, "/a/web-"));
	assert_null(bl_containers_find_at(&containers, "/a"));
	assert_null(bl_containers_find_at(&containers, "/"));
}

static void test_replaced(void **state)
{
	bl_cleanup(bl_containers_fini) struct bl_containers containers = {0};
	struct bl_known *known = put(&containers, 1, "/a");

	known->is_started = true;
	assert_ptr_equal(put(&containers, 1, "/b"), known);
	assert_true(known->is_started);
	assert_string_equal(known->container.cgroup, "/b");
	assert_int_equal(containers.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_found_by_cgroup),
		cmocka_unit_test(test_found_by_path),
		cmocka_unit_test(test_replaced),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
