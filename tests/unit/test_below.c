// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What tables say is allowed below a directory, against naive.c asked about every short name over a
 * few letters, for every subject. The patterns are so small that no longer name could tell more.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

#include "model.h"
#include "naive.h"

#define SETS         600
#define POLICIES_MAX 2
#define RULES_MAX    3
#define NAME_MAX_LEN 6

/* No pattern has the last one: it stands for all other bytes. */
static const char letters[] = "ab/z";
static const char *const by_patterns[] = {"/x", "/y"};
static const char *const directories[] = {"/", "/a/", "/b/", "/a/b/", "/z/", "/a/a/z/", "/a", "/z"};

static uint64_t random_state;

static unsigned below(unsigned limit)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z ^ (z >> 31)) % limit);
}

/* --- policies --- */

static const char *random_pattern(char text[64])
{
	static const char *const heads[] = {"", "", "/a", "/b", "/*"};
	static const char *const tails[] = {"/a",      "/b",  "/*",   "/**",   "/?",     "/a*",
					    "/[^a]",   "/ab", "/a/b", "/*b",   "/{a,b}", "/**/a",
					    "/a{,/b}", "/??", "/b**", "/[ab]a"};

	snprintf(text, 64, "%s%s", heads[below(BL_ARRAY_LEN(heads))],
		 tails[below(BL_ARRAY_LEN(tails))]);
	/* Two stars that meet are one run. */
	return strstr(text, "***") ? random_pattern(text) : text;
}

static void add_random_rule(struct bl_policy *policy)
{
	enum bl_section section = (enum bl_section)below(BL_SECTION_PROCESS);
	unsigned all = (1u << bl_permission_count(section)) - 1;
	unsigned permissions = section == BL_SECTION_EXEC ? 1u << BL_EXEC_EXECUTE
			       : below(2)                 ? all
							  : 1 + below(all);
	char text[64];
	struct bl_rule *rule =
		model_add_rule(policy, section, (enum bl_verdict)below(BL_VERDICT_COUNT),
			       (uint8_t)permissions, random_pattern(text));

	if (!below(3))
		model_set_by(rule, by_patterns[below(BL_ARRAY_LEN(by_patterns))]);
	if (!policy->sections[section].is_present)
		model_set_default(policy, section, below(2) ? BL_VERDICT_ALLOW : BL_VERDICT_DENY);
}

struct set {
	struct bl_policies policies;
	struct naive_policy naive[POLICIES_MAX];
	struct bl_generation generation;
};

static void make_set(struct set *set)
{
	static const char *const names[] = {"p", "q"};

	*set = (struct set){0};
	for (unsigned i = 0, count = 1 + below(POLICIES_MAX); i < count; i++) {
		struct bl_policy *policy = model_add_policy(
			&set->policies, names[i], below(3) ? BL_MODE_ENFORCE : BL_MODE_AUDIT);

		for (unsigned rules = 1 + below(RULES_MAX); rules; rules--)
			add_random_rule(policy);
		/* No path is a privilege. */
		if (!below(3))
			model_set_default(policy, BL_SECTION_PRIVILEGE, BL_VERDICT_DENY);
		for (unsigned k = 0; k < BL_SETTING_COUNT; k++)
			if (policy->sections[BL_SECTION_EXEC].is_present && below(2))
				model_set_setting(policy, (enum bl_setting_key)k,
						  (enum bl_verdict)below(BL_VERDICT_COUNT));
	}
}

static void compile_set(struct set *set)
{
	const struct bl_policy *policies[POLICIES_MAX];
	struct bl_diags diags = {0};

	for (size_t i = 0; i < set->policies.count; i++) {
		struct bl_policy *policy = &set->policies.items[i];

		policies[i] = policy;
		set->naive[i].policy = policy;
		set->naive[i].patterns = calloc(policy->rules_count, sizeof(struct naive_pattern));
		assert_non_null(set->naive[i].patterns);
		for (size_t k = 0; k < policy->rules_count; k++)
			assert_true(naive_pattern_init(&set->naive[i].patterns[k],
						       policy->rules[k].pattern));
	}
	assert_int_equal(
		bl_profile_compile(policies, set->policies.count, false, &diags, &set->generation),
		0);
	bl_diags_fini(&diags);
}

static void set_fini(struct set *set)
{
	for (size_t i = 0; i < set->policies.count; i++) {
		for (size_t k = 0; k < set->policies.items[i].rules_count; k++)
			naive_pattern_fini(&set->naive[i].patterns[k]);
		free(set->naive[i].patterns);
	}
	bl_generation_fini(&set->generation);
	bl_policies_fini(&set->policies);
}

/* --- by trying --- */

struct masks {
	struct bl_allowed any;
	struct bl_allowed all;
	uint32_t silent; /* allowed with nothing to record */
};

static void try_subject(const struct set *set, const struct naive_object *object,
			const char *const *subjects, struct masks *masks)
{
	for (unsigned section = 0; section < BL_SECTION_COUNT; section++)
		for (unsigned i = 0; i < bl_permission_count((enum bl_section)section); i++) {
			struct naive_answer answer =
				naive_decide(set->naive, set->policies.count,
					     (enum bl_section)section, i, object, subjects, false);
			bool is_denied = answer.verdict >= BL_VERDICT_DENY;
			uint32_t bit = BL_ASK(section, i);

			if (answer.verdict != BL_VERDICT_ALLOW)
				masks->silent &= ~bit;
			/* No rule here tells peers apart. */
			bit |= (bit & BL_ASK_REACH) << BL_OUTSIDE_SHIFT;
			if (is_denied)
				masks->all.would &= ~bit;
			else
				masks->any.would |= bit;
			if (is_denied && !answer.is_would)
				masks->all.enforced &= ~bit;
			else
				masks->any.enforced |= bit;
		}
}

static void try_path(const struct set *set, const char *path, struct masks *masks)
{
	struct naive_object object = {.text = (const uint8_t *)path, .text_len = strlen(path)};

	for (unsigned subject = 0; subject < 1u << BL_ARRAY_LEN(by_patterns); subject++) {
		const char *subjects[BL_ARRAY_LEN(by_patterns) + 1] = {0};
		size_t count = 0;

		for (size_t i = 0; i < BL_ARRAY_LEN(by_patterns); i++)
			if (subject >> i & 1)
				subjects[count++] = by_patterns[i];
		try_subject(set, &object, subjects, masks);
	}
}

/* Which rules match is all that decides, so each such set is tried once. */
static unsigned matching_rules(const struct set *set, const char *path)
{
	unsigned matching = 0;

	for (size_t i = 0; i < set->policies.count; i++)
		for (size_t k = 0; k < set->policies.items[i].rules_count; k++)
			matching = matching << 1 | naive_pattern_matches(&set->naive[i].patterns[k],
									 (const uint8_t *)path,
									 strlen(path));
	return matching;
}

static bool is_name(const char *name)
{
	return *name && *name != '/' && name[strlen(name) - 1] != '/' && !strstr(name, "//");
}

/* All names, as numbers whose digits are letters. */
static void try_names(const struct set *set, const char *directory, struct masks *masks)
{
	bool is_tried[1 << POLICIES_MAX * RULES_MAX] = {false};
	unsigned base = sizeof(letters) - 1;
	unsigned count = 1;

	for (unsigned len = 1; len <= NAME_MAX_LEN; len++) {
		count *= base;
		for (unsigned number = 0; number < count; number++) {
			char path[32];
			size_t start = (size_t)snprintf(path, sizeof(path), "%s", directory);
			unsigned rest = number;

			for (unsigned i = 0; i < len; i++, rest /= base)
				path[start + i] = letters[rest % base];
			path[start + len] = '\0';
			if (!is_name(path + start) || is_tried[matching_rules(set, path)])
				continue;
			is_tried[matching_rules(set, path)] = true;
			try_path(set, path, masks);
		}
	}
}

/* --- comparing --- */

static bool is_equal(struct bl_allowed a, struct bl_allowed b)
{
	return a.enforced == b.enforced && a.would == b.would;
}

static void print_set(const struct set *set)
{
	for (size_t i = 0; i < set->policies.count; i++) {
		const struct bl_policy *policy = &set->policies.items[i];

		print_error("policy %zu mode %d\n", i, policy->mode);
		for (size_t k = 0; k < policy->rules_count; k++)
			print_error("  section %d verdict %d permissions %02x by %s: %s\n",
				    policy->rules[k].section, policy->rules[k].verdict,
				    policy->rules[k].permissions,
				    policy->rules[k].by ? policy->rules[k].by : "-",
				    policy->rules[k].pattern);
	}
}

static void compare(const struct set *set, const char *directory)
{
	static const uint32_t permissions = (1u << BL_ASK_COUNT) - 1;
	static const uint32_t everything = permissions | BL_ASK_OUTSIDE;
	static const struct masks nothing = {
		.all = {everything, everything},
		.silent = permissions,
	};
	const struct bl_compiled_profile *profile = &set->generation.profiles[0];
	struct bl_beyond beyond = bl_evaluate_beyond(profile->table, profile->table_bytes,
						     directory, strlen(directory));
	struct masks names = nothing;
	struct masks self = nothing;

	try_names(set, directory, &names);
	try_path(set, directory, &self);
	if (beyond.silent == self.silent && is_equal(beyond.self_any, self.any) &&
	    is_equal(beyond.below_any, names.any) && is_equal(beyond.below_all, names.all))
		return;
	print_set(set);
	print_error(
		"%s: silent %x, tried %x; self %x %x, tried %x %x; any %x %x, tried %x %x; all %x %x, tried %x %x\n",
		directory, beyond.silent, self.silent, beyond.self_any.enforced,
		beyond.self_any.would, self.any.enforced, self.any.would, beyond.below_any.enforced,
		beyond.below_any.would, names.any.enforced, names.any.would,
		beyond.below_all.enforced, beyond.below_all.would, names.all.enforced,
		names.all.would);
	fail();
}

static void test_below_is_what_all_names_say(void **state)
{
	const char *sets = getenv("BAILIFF_TEST_SETS");
	const char *seed = getenv("BAILIFF_TEST_SEED");

	random_state = seed ? strtoull(seed, NULL, 0) : 1;
	for (uint64_t left = sets ? strtoull(sets, NULL, 0) : SETS; left; left--) {
		struct set set;

		make_set(&set);
		compile_set(&set);
		for (size_t i = 0; i < BL_ARRAY_LEN(directories); i++)
			compare(&set, directories[i]);
		set_fini(&set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_below_is_what_all_names_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
