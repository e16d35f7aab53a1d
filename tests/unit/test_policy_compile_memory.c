// SPDX-License-Identifier: GPL-2.0-or-later
/* Memory that runs out at every single place: compiling says -ENOMEM, changes nothing and, under a sanitizer, leaks nothing. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/policy_compile.h"

#include "model.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_reallocarray(void *old, size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_reallocarray(void *old, size_t count, size_t size);

/* So many allocations succeed, the one after them does not. Negative: all do. */
static long allowed = -1;

static bool is_out_of_memory(void)
{
	if (allowed < 0)
		return false;
	return !allowed--;
}

void *__wrap_malloc(size_t size)
{
	return is_out_of_memory() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return is_out_of_memory() ? NULL : __real_calloc(count, size);
}

void *__wrap_reallocarray(void *old, size_t count, size_t size)
{
	return is_out_of_memory() ? NULL : __real_reallocarray(old, count, size);
}

static void add_rules(struct bl_policies *policies)
{
	struct bl_policy *policy = model_add_policy(policies, "p", BL_MODE_ENFORCE);
	struct bl_rule *rule;

	model_add_cgroup(policy, "/a/{b,c}*");
	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		model_set_default(policy, (enum bl_section)i, BL_VERDICT_ALLOW);
	model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_DENY, 1, "/a/**/b");
	model_set_by(model_add_rule(policy, BL_SECTION_FILE, BL_VERDICT_DENY, 3, "/{a,b/**}/x"),
		     "/y");
	rule = model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, 2, "**/x");
	rule->peer = BL_PEER_ABSTRACT;
	model_add_net(model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, 2, NULL),
		      "10.0.0.0/8");
	policy = model_add_policy(policies, "q", BL_MODE_AUDIT);
	model_add_cgroup(policy, "/");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	for (unsigned i = 0; i < BL_SETTING_COUNT; i++)
		model_set_setting(policy, (enum bl_setting_key)i, BL_VERDICT_DENY);
}

static void test_every_failed_allocation_is_reported(void **state)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	struct bl_generation generation = {.profiles_count = 77};
	long failures = 0;
	int r;

	add_rules(&policies);
	do {
		allowed = failures++;
		r = bl_generation_compile(&policies, false, &diags, &generation);
		if (allowed >= 0)
			break;
		assert_int_equal(r, -ENOMEM);
		assert_int_equal(generation.profiles_count, 77);
	} while (failures < 100000);
	allowed = -1;
	assert_int_equal(r, 0);
	assert_true(failures > 100);
	assert_int_equal(diags.count, 0);
	bl_generation_fini(&generation);
	bl_policies_fini(&policies);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
