// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/ruleset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_match.h"
#include "enforcer/util.h"

void bl_ruleset_free(struct bl_ruleset *ruleset)
{
	if (!ruleset)
		return;
	for (size_t i = 0; i < ruleset->exempt_count; i++)
		bl_glob_fini(&ruleset->exempt[i]);
	free(ruleset->exempt);
	free(ruleset->own_cgroup);
	bl_container_default_fini(&ruleset->container_default);
	bl_generation_fini(&ruleset->generation); /* refers to the policies */
	bl_policies_fini(&ruleset->policies);
	bl_policy_texts_fini(&ruleset->texts);
	free(ruleset);
}

static void free_pointer(struct bl_ruleset **ruleset)
{
	bl_ruleset_free(*ruleset);
}

/* --- loading --- */

static int compile_exempt(struct bl_ruleset *ruleset, const char *config_file,
			  struct bl_diags *diags)
{
	const struct bl_container_default *from = &ruleset->container_default;

	ruleset->exempt = calloc(from->exempt_count + 1, sizeof(*ruleset->exempt));
	if (!ruleset->exempt)
		return -ENOMEM;
	for (size_t i = 0; i < from->exempt_count; i++) {
		struct bl_glob_error error;
		int r = bl_glob_compile(from->exempt[i], false,
					&ruleset->exempt[ruleset->exempt_count], &error);

		if (r == -EINVAL)
			bl_diags_add(diags, BL_SEVERITY_ERROR, config_file, 0, 0,
				     "'exempt' in [containers]: pattern '%s': %s", from->exempt[i],
				     error.message);
		if (r < 0)
			return r;
		ruleset->exempt_count++;
	}
	return 0;
}

static const struct bl_policy *find_policy(const struct bl_policies *policies, const char *name)
{
	for (size_t i = 0; i < policies->count; i++)
		if (strcmp(policies->items[i].name, name) == 0)
			return &policies->items[i];
	return NULL;
}

/* One that is off, or for other hosts, is no default: nothing is, and it is said. */
static int find_default(struct bl_ruleset *ruleset, const char *config_file, struct bl_diags *diags)
{
	const struct bl_generation *generation = &ruleset->generation;
	const char *name = ruleset->container_default.policy;
	const struct bl_policy *policy;

	ruleset->default_member = generation->members_count;
	if (!name)
		return 0;
	policy = find_policy(&ruleset->policies, name);
	if (!policy) {
		bl_diags_add(diags, BL_SEVERITY_ERROR, config_file, 0, 0,
			     "'default_policy' in [containers]: there is no policy '%s'", name);
		return -EINVAL;
	}
	for (size_t i = 0; i < generation->members_count; i++)
		if (bl_generation_member(generation, i) == policy)
			ruleset->default_member = i;
	if (ruleset->default_member == generation->members_count)
		bl_diags_add(
			diags, BL_SEVERITY_WARNING, config_file, 0, 0,
			"'default_policy' in [containers]: policy '%s' is off, or for other hosts: containers that no policy selects are not confined",
			name);
	return 0;
}

static int take_defaults(struct bl_ruleset *ruleset, const struct bl_ruleset_source *source,
			 struct bl_diags *diags)
{
	int r = 0;

	if (source->container_default)
		r = bl_container_default_copy(source->container_default,
					      &ruleset->container_default);
	if (r == 0)
		r = compile_exempt(ruleset, source->config_file, diags);
	if (r == 0)
		r = find_default(ruleset, source->config_file, diags);
	if (r == 0 && source->own_cgroup) {
		ruleset->own_cgroup = strdup(source->own_cgroup);
		r = ruleset->own_cgroup ? 0 : -ENOMEM;
	}
	return r;
}

static int read_policies(struct bl_ruleset *ruleset, const struct bl_ruleset_source *source,
			 struct bl_diags *diags)
{
	int r;

	if (source->texts) {
		r = bl_policy_texts_copy(source->texts, &ruleset->texts);
		if (r == 0)
			r = bl_policies_parse(&ruleset->texts, diags, &ruleset->policies);
	} else {
		r = bl_policies_load_texts(source->paths, source->paths_count, diags,
					   &ruleset->policies, &ruleset->texts);
	}
	if (r == 0 && source->node)
		r = bl_policies_place(&ruleset->policies, source->node);
	return r;
}

/* Adds the runs to what there is of files, and compiles. */
static int compile(struct bl_ruleset *ruleset, const struct bl_ruleset_source *source,
		   struct bl_diags *diags)
{
	int r = source->runs ? bl_runs_add_policies(source->runs, diags, &ruleset->policies) : 0;

	if (r < 0)
		return r;
	ruleset->is_audit_forced = source->is_audit_forced;
	return bl_generation_compile(&ruleset->policies, source->is_audit_forced, diags,
				     &ruleset->generation);
}

int bl_ruleset_load(const struct bl_ruleset_source *source, struct bl_diags *diags,
		    struct bl_ruleset **ret_ruleset)
{
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	int r;

	if (!ruleset)
		return -ENOMEM;
	r = read_policies(ruleset, source, diags);
	if (r < 0)
		return r;
	bl_policies_check(&ruleset->policies, diags);
	r = compile(ruleset, source, diags);
	if (r == 0)
		r = take_defaults(ruleset, source, diags);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

int bl_ruleset_remake(const struct bl_ruleset *base, const char *node, const struct bl_runs *runs,
		      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	const struct bl_ruleset_source source = {
		.texts = &base->texts,
		.is_audit_forced = base->is_audit_forced,
		.node = node,
		.container_default = &base->container_default,
		.own_cgroup = base->own_cgroup,
		.config_file = "",
		.runs = runs,
	};
	bl_cleanup(free_pointer) struct bl_ruleset *ruleset = calloc(1, sizeof(*ruleset));
	bl_cleanup(bl_diags_fini) struct bl_diags said = {0};
	int r;

	if (!ruleset)
		return -ENOMEM;
	r = read_policies(ruleset, &source, diags);
	if (r == 0)
		r = compile(ruleset, &source, diags);
	if (r == 0)
		r = take_defaults(ruleset, &source, &said);
	if (r < 0)
		return r;
	*ret_ruleset = TAKE(ruleset);
	return 0;
}

/* --- choosing --- */

static bool is_at_or_below(const char *cgroup, const char *above)
{
	size_t len = strlen(above);

	return !strncmp(cgroup, above, len) && (cgroup[len] == '/' || !cgroup[len]);
}

static int is_exempt(const struct bl_ruleset *ruleset, const char *cgroup, bool *ret_is_exempt)
{
	bool is_in = ruleset->own_cgroup && is_at_or_below(ruleset->own_cgroup, cgroup);

	for (size_t i = 0; !is_in && i < ruleset->exempt_count; i++) {
		int r = bl_cgroup_is_below(&ruleset->exempt[i], cgroup, &is_in);

		if (r < 0)
			return r;
	}
	*ret_is_exempt = is_in;
	return 0;
}

/* Which members select what is at the path by what is known of the container. */
static int select_members(const struct bl_ruleset *ruleset, const char *cgroup,
			  const struct bl_container *container, bool *is_added, bool *ret_is_any)
{
	*ret_is_any = false;
	for (size_t i = 0; i < ruleset->generation.members_count; i++) {
		const struct bl_policy *policy = bl_generation_member(&ruleset->generation, i);
		int r;

		if (!bl_policy_needs_container(policy))
			continue;
		r = bl_policy_selects(policy, container, cgroup, &is_added[i]);
		if (r < 0)
			return r;
		*ret_is_any |= is_added[i];
	}
	return 0;
}

static struct bl_selected select_path(const struct bl_ruleset *ruleset, const char *cgroup)
{
	return bl_evaluate_selectors(ruleset->generation.selectors,
				     ruleset->generation.selectors_bytes, cgroup, strlen(cgroup));
}

/* The default holds for a container as a whole: whether anything selects it where it begins. */
static int add_default(const struct bl_ruleset *ruleset, const struct bl_container *container,
		       bool *is_added)
{
	bl_cleanup_free bool *is_selected =
		calloc(ruleset->generation.members_count + 1, sizeof(*is_selected));
	bool is_out = false;
	int r;

	if (!is_selected)
		return -ENOMEM;
	if (ruleset->default_member == ruleset->generation.members_count ||
	    select_path(ruleset, container->cgroup).profile)
		return 0;
	r = select_members(ruleset, container->cgroup, container, is_selected, &is_out);
	if (r == 0 && !is_out)
		r = is_exempt(ruleset, container->cgroup, &is_out);
	if (r == 0 && !is_out)
		is_added[ruleset->default_member] = true;
	return r;
}

int bl_ruleset_choose(struct bl_ruleset *ruleset, const char *cgroup,
		      const struct bl_container *container, struct bl_diags *diags,
		      struct bl_choice_of_profile *ret_choice)
{
	struct bl_selected selected = select_path(ruleset, cgroup);
	struct bl_choice_of_profile choice = {
		.selected = selected.profile,
		.profile = selected.profile,
		.is_own = selected.is_own,
	};
	bl_cleanup_free bool *is_added = NULL;
	bool is_any;
	int r;

	if (container) {
		is_added = calloc(ruleset->generation.members_count + 1, sizeof(*is_added));
		if (!is_added)
			return -ENOMEM;
		r = select_members(ruleset, cgroup, container, is_added, &is_any);
		if (r == 0)
			r = add_default(ruleset, container, is_added);
		if (r == 0)
			r = bl_generation_combine(&ruleset->generation, selected.profile, is_added,
						  diags, &choice.profile);
		if (r < 0)
			return r;
	}
	*ret_choice = choice;
	return 0;
}

size_t bl_ruleset_rules_count(const struct bl_ruleset *ruleset)
{
	size_t count = 0;

	for (size_t i = 0; i < ruleset->policies.count; i++)
		if (bl_policy_is_on(&ruleset->policies.items[i]))
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
