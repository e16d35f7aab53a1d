// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "enforcer/glob.h"
#include "enforcer/pattern_example.h"
#include "enforcer/policy.h"
#include "enforcer/policy_shadow.h"
#include "enforcer/util.h"

/* Where warnings about one policy go. */
struct check {
	const struct bl_policy *policy;
	struct bl_diags *diags;
};

#define warn(check, source, ...)                                                                   \
	bl_diags_add((check)->diags, BL_SEVERITY_WARNING, (check)->policy->file, (source)->line,   \
		     (source)->column, __VA_ARGS__)

/* --- patterns --- */

static bool can_match(const char *pattern, bool is_name)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	char example[1];
	int r;

	if (bl_glob_compile(pattern, is_name, &glob, &error) < 0)
		return true;
	r = bl_pattern_example(&glob, is_name, example, sizeof(example));
	bl_glob_fini(&glob);
	return r != -ENOENT;
}

static bool is_name(const struct bl_rule *rule)
{
	return rule->section == BL_SECTION_NETWORK && rule->peer == BL_PEER_ABSTRACT;
}

static bool check_pattern(const struct check *check, const struct bl_source *source,
			  const char *pattern, bool is_abstract)
{
	if (!pattern || can_match(pattern, is_abstract))
		return true;
	warn(check, source,
	     "pattern '%s' can never match: a path has no '//', '/./' or '/../' and does not end in '/'",
	     pattern);
	return false;
}

/* --- rules --- */

static bool restricts(enum bl_verdict verdict)
{
	switch (verdict) {
	case BL_VERDICT_ALLOW:
		return false;
	case BL_VERDICT_AUDIT:
	case BL_VERDICT_DENY:
	case BL_VERDICT_KILL:
	case BL_VERDICT_COUNT:
		break;
	}
	return true;
}

/* From the last rule to the first, remembering which permissions the rules below restrict. */
static void check_idle_allows(const struct check *check)
{
	const struct bl_policy *policy = check->policy;
	uint8_t restricted[BL_SECTION_COUNT];

	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		restricted[i] = restricts(policy->sections[i].fallback) ? UINT8_MAX : 0;

	for (size_t i = policy->rules_count; i-- > 0;) {
		const struct bl_rule *rule = &policy->rules[i];

		if (restricts(rule->verdict))
			restricted[rule->section] |= rule->permissions;
		else if (!(restricted[rule->section] & rule->permissions))
			warn(check, &rule->source,
			     "this allow changes nothing: the default of [%s] is allow and no rule below restricts",
			     bl_section_name(rule->section));
	}
}

static void check_rule(const struct check *check, const struct bl_rule *rule)
{
	if (!rule->is_logged && rule->verdict == BL_VERDICT_AUDIT)
		warn(check, &rule->source, "audit with log=off records nothing: it is an allow");
	if (!rule->is_logged && rule->verdict == BL_VERDICT_ALLOW)
		warn(check, &rule->source,
		     "log=off has no effect here: an allow is never recorded");
	if (rule->by && !can_match(rule->by, false))
		warn(check, &rule->source, "pattern '%s' behind 'by' can never match a path",
		     rule->by);
	(void)check_pattern(check, &rule->source, rule->pattern, is_name(rule));
}

static void warn_shadow(const struct check *check, const struct bl_shadow *shadow)
{
	const struct bl_rule *rule = shadow->rule;
	const struct bl_rule *decider = shadow->decider;

	if (rule->pattern && !can_match(rule->pattern, is_name(rule)))
		return;
	if (decider && *shadow->example)
		warn(check, &rule->source,
		     "this rule never decides: rules above match first; '%s' is decided by line %u, '%s'",
		     shadow->example, decider->source.line, decider->text);
	else if (decider)
		warn(check, &rule->source,
		     "this rule never decides: rules above match first, such as line %u, '%s'",
		     decider->source.line, decider->text);
	else
		warn(check, &rule->source, "this rule never decides: rules above match first");
}

/* Too large, or out of memory: compiling the policy for use will say so. */
static void check_shadows(const struct check *check)
{
	bl_cleanup_free struct bl_shadow *shadows = NULL;
	size_t count;

	if (bl_policy_find_shadowed(check->policy, &shadows, &count) < 0)
		return;
	for (size_t i = 0; i < count; i++)
		warn_shadow(check, &shadows[i]);
}

/* --- the whole --- */

static void check_selectors(const struct check *check)
{
	static const char *const everything[] = {"/", "/**"};
	const struct bl_policy *policy = check->policy;

	for (size_t i = 0; i < policy->cgroups_count; i++) {
		const struct bl_source *source = &policy->cgroups_source[i];

		for (size_t j = 0; j < BL_ARRAY_LEN(everything); j++) {
			if (!strcmp(policy->cgroups[i], everything[j]))
				warn(check, source,
				     "'%s' selects every cgroup: the system's own services and bailiff's too",
				     policy->cgroups[i]);
		}
		(void)check_pattern(check, source, policy->cgroups[i], false);
	}
}

static void check_sections(const struct check *check)
{
	const struct bl_policy *policy = check->policy;
	const struct bl_section_policy *exec = &policy->sections[BL_SECTION_EXEC];
	bool can_execute = false, mediates = policy->rules_count > 0;

	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		mediates |=
			policy->sections[i].is_present && restricts(policy->sections[i].fallback);
	for (size_t i = 0; i < policy->rules_count; i++)
		can_execute |= policy->rules[i].section == BL_SECTION_EXEC &&
			       policy->rules[i].verdict <= BL_VERDICT_AUDIT;

	if (!mediates)
		warn(check, &policy->name_source, "policy '%s' has no rules: it restricts nothing",
		     policy->name);
	if (exec->is_present && restricts(exec->fallback) && !can_execute)
		warn(check, &exec->source,
		     "nothing can be executed: [exec] denies by default and allows nothing");
}

void bl_policies_check(const struct bl_policies *policies, struct bl_diags *diags)
{
	for (size_t i = 0; i < policies->count; i++) {
		struct check check = {.policy = &policies->items[i], .diags = diags};

		check_selectors(&check);
		check_sections(&check);
		for (size_t j = 0; j < check.policy->rules_count; j++)
			check_rule(&check, &check.policy->rules[j]);
		check_idle_allows(&check);
		check_shadows(&check);
	}
}
