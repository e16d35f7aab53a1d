// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"

static void test_labels_are_copied_and_kept_in_order(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	char key[16];
	char value[16];

	for (unsigned i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key-%u", i);
		snprintf(value, sizeof(value), "value-%u", i);
		assert_int_equal(bl_container_add_label(&container, key, value), 0);
	}
	assert_int_equal(container.label_count, 100);
	for (unsigned i = 0; i < 100; i++) {
		snprintf(key, sizeof(key), "key-%u", i);
		snprintf(value, sizeof(value), "value-%u", i);
		assert_string_equal(container.labels[i].key, key);
		assert_string_equal(container.labels[i].value, value);
	}
}

static void test_label_given_again_has_the_last_value(void **state)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};

	assert_int_equal(bl_container_add_label(&container, "tier", "front"), 0);
	assert_int_equal(bl_container_add_label(&container, "tier", "back"), 0);
	assert_int_equal(container.label_count, 1);
	assert_string_equal(container.labels[0].value, "back");
}

static void test_container_on_the_heap_is_freed(void **state)
{
	struct bl_container *container = calloc(1, sizeof(*container));

	assert_non_null(container);
	container->id = strdup("8f3c");
	container->cgroup = strdup("/web");
	assert_int_equal(bl_container_add_label(container, "tier", "front"), 0);
	bl_container_free(container);
	bl_container_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_labels_are_copied_and_kept_in_order),
		cmocka_unit_test(test_label_given_again_has_the_last_value),
		cmocka_unit_test(test_container_on_the_heap_is_freed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
