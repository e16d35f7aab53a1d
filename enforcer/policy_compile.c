// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_compile.h"

#include "enforcer/policy_compile_parts.h"
#include "enforcer/policy_match.h"
#include "enforcer/util.h"

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
	for (size_t i = 0; i < generation->members_count; i++)
		free(generation->members[i].keys);
	free(generation->members);
	free(generation->selectors);
	free(generation->rules);
	*generation = (struct bl_generation){0};
}

const struct bl_policy *bl_generation_member(const struct bl_generation *generation, size_t member)
{
	return generation->members[member].policy;
}

static int start(struct bl_generation *made, size_t policies_count)
{
	made->members = calloc(policies_count + 1, sizeof(*made->members));
	made->profiles = calloc(BL_PROFILES_PER_GENERATION + 1, sizeof(*made->profiles));
	return made->members && made->profiles ? 0 : -ENOMEM;
}

static void add_member(struct bl_generation *made, const struct bl_policy *policy,
		       bool is_audit_forced)
{
	if (!bl_policy_is_on(policy))
		return;
	made->members[made->members_count++] = (struct bl_member){
		.policy = policy,
		.mode = is_audit_forced ? BL_MODE_AUDIT : policy->mode,
	};
}

static int compile_profiles(const struct bl_combinations *combinations, struct bl_diags *diags,
			    struct bl_generation *made)
{
	int r;

	for (size_t i = 0; i < combinations->count; i++) {
		size_t at = combinations->at[i];

		r = bl_profile_build(made->members, combinations->members + at,
				     combinations->at[i + 1] - at, diags, &made->profiles[i]);
		if (r < 0)
			return r;
		made->profiles_count++;
	}
	return 0;
}

/* --- combinations that are needed later --- */

static bool has_policy(const struct bl_compiled_profile *profile, const struct bl_policy *policy)
{
	for (size_t i = 0; i < profile->policies_count; i++)
		if (profile->policies[i] == policy)
			return true;
	return false;
}

/* 1 + index. 0: none is made of these and no others. */
static uint32_t find_profile(const struct bl_generation *generation, const uint32_t *members,
			     size_t count)
{
	for (uint32_t i = 0; i < generation->profiles_count; i++) {
		const struct bl_compiled_profile *profile = &generation->profiles[i];
		size_t same = 0;

		if (profile->policies_count != count)
			continue;
		while (same < count &&
		       profile->policies[same] == generation->members[members[same]].policy)
			same++;
		if (same == count)
			return i + 1;
	}
	return 0;
}

int bl_generation_combine(struct bl_generation *generation, uint32_t base, const bool *is_added,
			  struct bl_diags *diags, uint32_t *ret_profile)
{
	bl_cleanup_free uint32_t *members =
		reallocarray(NULL, generation->members_count + 1, sizeof(*members));
	uint32_t found;
	size_t count = 0;
	int r;

	if (!members)
		return -ENOMEM;
	for (uint32_t i = 0; i < generation->members_count; i++)
		if (is_added[i] || (base && has_policy(&generation->profiles[base - 1],
						       generation->members[i].policy)))
			members[count++] = i;
	found = count ? find_profile(generation, members, count) : 0;
	if (count && !found) {
		if (generation->profiles_count >= BL_PROFILES_PER_GENERATION)
			return -ENOSPC;
		r = bl_profile_build(generation->members, members, count, diags,
				     &generation->profiles[generation->profiles_count]);
		if (r < 0)
			return r;
		found = (uint32_t)++generation->profiles_count;
	}
	*ret_profile = found;
	return 0;
}

/* Each on its own, so that what cannot be compiled is refused when it is loaded. */
static int compile_of_containers(struct bl_diags *diags, struct bl_generation *made)
{
	bl_cleanup_free bool *is_added = calloc(made->members_count + 1, sizeof(*is_added));
	uint32_t profile;
	int r = 0;

	if (!is_added)
		return -ENOMEM;
	for (size_t i = 0; r == 0 && i < made->members_count; i++) {
		const struct bl_policy *policy = made->members[i].policy;

		if (!bl_policy_needs_container(policy))
			continue;
		is_added[i] = true;
		r = bl_generation_combine(made, 0, is_added, diags, &profile);
		is_added[i] = false;
		if (r != -ENOSPC)
			continue;
		bl_diags_add(
			diags, BL_SEVERITY_ERROR, policy->file, policy->name_source.line,
			policy->name_source.column,
			"policy '%s' and those before it make more than %u different combinations",
			policy->name, BL_PROFILES_PER_GENERATION);
		r = -E2BIG;
	}
	return r;
}

int bl_generation_compile(const struct bl_policies *policies, bool is_audit_forced,
			  struct bl_diags *diags, struct bl_generation *ret_generation)
{
	bl_cleanup(bl_generation_fini) struct bl_generation made = {0};
	bl_cleanup(bl_combinations_fini) struct bl_combinations combinations = {0};
	struct bl_table selectors;
	int r;

	r = start(&made, policies->count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < policies->count; i++)
		add_member(&made, &policies->items[i], is_audit_forced);

	r = bl_rules_number(made.members, made.members_count, &made.rules, &made.rules_count);
	if (r < 0)
		return r;
	r = bl_selectors_compile(made.members, made.members_count, diags, &selectors,
				 &combinations);
	if (r < 0)
		return r;
	made.selectors = selectors.bytes;
	made.selectors_bytes = selectors.size;
	r = compile_profiles(&combinations, diags, &made);
	if (r == 0)
		r = compile_of_containers(diags, &made);
	if (r < 0)
		return r;
	*ret_generation = made;
	made = (struct bl_generation){0};
	return 0;
}

int bl_profile_compile(const struct bl_policy *const *policies, size_t count, bool is_audit_forced,
		       struct bl_diags *diags, struct bl_generation *ret_generation)
{
	bl_cleanup(bl_generation_fini) struct bl_generation made = {0};
	bl_cleanup(bl_combinations_fini) struct bl_combinations combinations = {0};
	int r;

	combinations.members = calloc(count + 1, sizeof(*combinations.members));
	combinations.at = calloc(2, sizeof(*combinations.at));
	if (!combinations.members || !combinations.at)
		return -ENOMEM;
	r = start(&made, count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++)
		add_member(&made, policies[i], is_audit_forced);
	for (uint32_t i = 0; i < made.members_count; i++)
		combinations.members[i] = i;
	combinations.count = 1;
	combinations.at[1] = made.members_count;

	r = bl_rules_number(made.members, made.members_count, &made.rules, &made.rules_count);
	if (r < 0)
		return r;
	r = compile_profiles(&combinations, diags, &made);
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
