// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/ruleset.h"

#include <errno.h>
#include <stdlib.h>

#include "enforcer/util.h"

void bl_ruleset_free(struct bl_ruleset *ruleset)
{
	if (!ruleset)
		return;
	bl_generation_fini(&ruleset->generation); /* refers to the policies */
	bl_policies_fini(&ruleset->policies);
	free(ruleset);
}

static void free_pointer(struct bl_ruleset **ruleset)
{
	bl_ruleset_free(*ruleset);
}

/* Adds the runs to the policies of files, and compiles. */
static int complete(struct bl_ruleset *ruleset, const struct bl_runs *runs, struct bl_diags *diags)
{
	int r = 0;

	ruleset->files_count = ruleset->policies.count;
	if (runs)
		r = bl_runs_add_policies(runs, diags, &ruleset->policies);
	if (r < 0)
		return r;
	return bl_generation_compile(&ruleset->policies, ruleset->is_audit_forced, diags,
				     &ruleset->generation);
}

int bl_ruleset_load(const char *const *paths, size_t paths_count, bool is_audit_forced,
		    struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	return bl_ruleset_load_with_runs(paths, paths_count, NULL, is_audit_forced, diags,
					 ret_ruleset);
}

int bl_ruleset_load_with_runs(const char *const *paths, size_t paths_count,
			      const struct bl_runs *runs, bool is_audit_forced,
			      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r;

	if (!ruleset)
		return -ENOMEM;
	ruleset->is_audit_forced = is_audit_forced;
	r = bl_policies_load(paths, paths_count, diags, &ruleset->policies);
	if (r < 0)
		return r;
	bl_policies_check(&ruleset->policies, diags);
	r = complete(ruleset, runs, diags);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

int bl_ruleset_remake(const struct bl_ruleset *base, const struct bl_runs *runs,
		      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r = 0;

	if (!ruleset)
		return -ENOMEM;
	ruleset->is_audit_forced = base->is_audit_forced;
	for (size_t i = 0; r == 0 && i < base->files_count; i++) {
		const struct bl_policy *policy = &base->policies.items[i];

		r = bl_policy_parse(policy->text, policy->text_len, policy->file, diags,
				    &ruleset->policies);
	}
	if (r == 0)
		r = complete(ruleset, runs, diags);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

size_t bl_ruleset_rules_count(const struct bl_ruleset *ruleset)
{
	size_t count = 0;

	for (size_t i = 0; i < ruleset->policies.count; i++)
		if (ruleset->policies.items[i].mode != BL_MODE_OFF)
			count += ruleset->policies.items[i].rules_count;
	return count;
}

void bl_rulesets_push(struct bl_rulesets *rulesets, struct bl_ruleset *ruleset)
{
	bl_ruleset_free(rulesets->previous);
	rulesets->previous = rulesets->current;
	rulesets->current = ruleset;
}

void bl_rulesets_fini(struct bl_rulesets *rulesets)
{
	bl_ruleset_free(rulesets->current);
	bl_ruleset_free(rulesets->previous);
	*rulesets = (struct bl_rulesets){0};
}

const struct bl_rule_entry *bl_rulesets_find_rule(const struct bl_rulesets *rulesets,
						  uint64_t number, uint64_t key,
						  const struct bl_ruleset **ret_ruleset)
{
	const struct bl_ruleset *order[] = {rulesets->current, rulesets->previous};

	/* The same rule may stand on another line in each. */
	if (rulesets->previous && rulesets->previous->number == number) {
		order[0] = rulesets->previous;
		order[1] = rulesets->current;
	}
	for (size_t i = 0; i < 2; i++) {
		const struct bl_rule_entry *entry;

		if (!order[i])
			continue;
		entry = bl_generation_find_rule(&order[i]->generation, key);
		if (entry) {
			*ret_ruleset = order[i];
			return entry;
		}
	}
	return NULL;
}
