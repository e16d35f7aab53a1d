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
	bl_policy_texts_fini(&ruleset->texts);
	free(ruleset);
}

static void free_pointer(struct bl_ruleset **ruleset)
{
	bl_ruleset_free(*ruleset);
}

/* Adds the runs to what there is of files, and compiles. */
static int complete(struct bl_ruleset *ruleset, const struct bl_runs *runs, bool is_audit_forced,
		    struct bl_diags *diags)
{
	int r = runs ? bl_runs_add_policies(runs, diags, &ruleset->policies) : 0;

	if (r < 0)
		return r;
	ruleset->is_audit_forced = is_audit_forced;
	return bl_generation_compile(&ruleset->policies, is_audit_forced, diags,
				     &ruleset->generation);
}

static int read_texts(struct bl_ruleset *ruleset, const struct bl_policy_texts *texts,
		      struct bl_diags *diags)
{
	int r = bl_policy_texts_copy(texts, &ruleset->texts);

	return r < 0 ? r : bl_policies_parse(&ruleset->texts, diags, &ruleset->policies);
}

int bl_ruleset_load(const char *const *paths, size_t paths_count, const struct bl_runs *runs,
		    bool is_audit_forced, struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r;

	if (!ruleset)
		return -ENOMEM;
	r = bl_policies_load_texts(paths, paths_count, diags, &ruleset->policies, &ruleset->texts);
	if (r < 0)
		return r;
	bl_policies_check(&ruleset->policies, diags);
	r = complete(ruleset, runs, is_audit_forced, diags);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

int bl_ruleset_load_texts(const struct bl_policy_texts *texts, const struct bl_runs *runs,
			  bool is_audit_forced, struct bl_diags *diags,
			  struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r;

	if (!ruleset)
		return -ENOMEM;
	r = read_texts(ruleset, texts, diags);
	if (r < 0)
		return r;
	bl_policies_check(&ruleset->policies, diags);
	r = complete(ruleset, runs, is_audit_forced, diags);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

int bl_ruleset_remake(const struct bl_ruleset *base, const struct bl_runs *runs,
		      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r;

	if (!ruleset)
		return -ENOMEM;
	r = read_texts(ruleset, &base->texts, diags);
	if (r == 0)
		r = complete(ruleset, runs, base->is_audit_forced, diags);
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
