// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_compile.h"

#include "enforcer/policy_compile_parts.h"
#include "enforcer/util.h"

struct members {
	struct bl_member *items;
	size_t count;
};

static void members_fini(struct members *members)
{
	for (size_t i = 0; i < members->count; i++)
		free(members->items[i].keys);
	free(members->items);
}

void bl_compiled_profile_fini(struct bl_compiled_profile *profile)
{
	free(profile->policies);
	free(profile->by);
	free(profile->table);
	*profile = (struct bl_compiled_profile){0};
}

void bl_generation_fini(struct bl_generation *generation)
{
	for (size_t i = 0; i < generation->profiles_count; i++)
		bl_compiled_profile_fini(&generation->profiles[i]);
	free(generation->profiles);
	free(generation->selectors);
	free(generation->rules);
	*generation = (struct bl_generation){0};
}

static void add_member(struct members *members, const struct bl_policy *policy,
		       bool is_audit_forced)
{
	if (policy->mode == BL_MODE_OFF)
		return;
	members->items[members->count++] = (struct bl_member){
		.policy = policy,
		.mode = is_audit_forced ? BL_MODE_AUDIT : policy->mode,
	};
}

static int compile_profiles(const struct members *members,
			    const struct bl_combinations *combinations, struct bl_diags *diags,
			    struct bl_generation *made)
{
	int r;

	made->profiles = calloc(combinations->count + 1, sizeof(*made->profiles));
	if (!made->profiles)
		return -ENOMEM;
	for (size_t i = 0; i < combinations->count; i++) {
		size_t at = combinations->at[i];

		r = bl_profile_build(members->items, combinations->members + at,
				     combinations->at[i + 1] - at, diags, &made->profiles[i]);
		if (r < 0)
			return r;
		made->profiles_count++;
	}
	return 0;
}

int bl_generation_compile(const struct bl_policies *policies, bool is_audit_forced,
			  struct bl_diags *diags, struct bl_generation *ret_generation)
{
	bl_cleanup(members_fini) struct members members = {0};
	bl_cleanup(bl_generation_fini) struct bl_generation made = {0};
	bl_cleanup(bl_combinations_fini) struct bl_combinations combinations = {0};
	struct bl_table selectors;
	int r;

	members.items = calloc(policies->count + 1, sizeof(*members.items));
	if (!members.items)
		return -ENOMEM;
	for (size_t i = 0; i < policies->count; i++)
		add_member(&members, &policies->items[i], is_audit_forced);

	r = bl_rules_number(members.items, members.count, &made.rules, &made.rules_count);
	if (r < 0)
		return r;
	r = bl_selectors_compile(members.items, members.count, diags, &selectors, &combinations);
	if (r < 0)
		return r;
	made.selectors = selectors.bytes;
	made.selectors_bytes = selectors.size;
	r = compile_profiles(&members, &combinations, diags, &made);
	if (r < 0)
		return r;
	*ret_generation = made;
	made = (struct bl_generation){0};
	return 0;
}

int bl_profile_compile(const struct bl_policy *const *policies, size_t count, bool is_audit_forced,
		       struct bl_diags *diags, struct bl_generation *ret_generation)
{
	bl_cleanup(members_fini) struct members members = {0};
	bl_cleanup(bl_generation_fini) struct bl_generation made = {0};
	bl_cleanup(bl_combinations_fini) struct bl_combinations combinations = {0};
	int r;

	members.items = calloc(count + 1, sizeof(*members.items));
	combinations.members = calloc(count + 1, sizeof(*combinations.members));
	combinations.at = calloc(2, sizeof(*combinations.at));
	if (!members.items || !combinations.members || !combinations.at)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		add_member(&members, policies[i], is_audit_forced);
	for (uint32_t i = 0; i < members.count; i++)
		combinations.members[i] = i;
	combinations.count = 1;
	combinations.at[1] = members.count;

	r = bl_rules_number(members.items, members.count, &made.rules, &made.rules_count);
	if (r < 0)
		return r;
	r = compile_profiles(&members, &combinations, diags, &made);
	if (r < 0)
		return r;
	*ret_generation = made;
	made = (struct bl_generation){0};
	return 0;
}

static int compare_key(const void *key, const void *entry)
{
	const uint64_t *wanted = key;
	const struct bl_rule_entry *rule = entry;

	return *wanted < rule->key ? -1 : *wanted > rule->key;
}

const struct bl_rule_entry *bl_generation_find_rule(const struct bl_generation *generation,
						    uint64_t key)
{
	if (!generation->rules_count)
		return NULL;
	return bsearch(&key, generation->rules, generation->rules_count, sizeof(*generation->rules),
		       compare_key);
}
