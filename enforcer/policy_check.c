// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "enforcer/glob.h"
#include "enforcer/pattern_example.h"
#include "enforcer/pattern_match.h"
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
	/* It has no default that could be another one. */
	restricted[BL_SECTION_PROCESS] = UINT8_MAX;
	/* What may be executed is no drift. */
	if (restricts(policy->settings[BL_SETTING_DRIFT].verdict))
		restricted[BL_SECTION_EXEC] = UINT8_MAX;

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

static void check_log(const struct check *check, const struct bl_source *source,
		      enum bl_verdict verdict, bool is_logged)
{
	if (!is_logged && verdict == BL_VERDICT_AUDIT)
		warn(check, source, "audit with log=off records nothing: it is an allow");
	if (!is_logged && verdict == BL_VERDICT_ALLOW)
		warn(check, source, "log=off has no effect here: an allow is never recorded");
}

static void check_rule(const struct check *check, const struct bl_rule *rule)
{
	check_log(check, &rule->source, rule->verdict, rule->is_logged);
	if (rule->by && !can_match(rule->by, false))
		warn(check, &rule->source, "pattern '%s' behind 'by' can never match a path",
		     rule->by);
	(void)check_pattern(check, &rule->source, rule->pattern, is_name(rule));
}

/* --- scripts and interpreters --- */

static bool is_script(const char *pattern)
{
	static const char *const suffixes[] = {".sh", ".bash", ".py",  ".pl",
					       ".rb", ".js",   ".php", ".lua"};
	size_t len = strlen(pattern);

	for (size_t i = 0; i < BL_ARRAY_LEN(suffixes); i++) {
		size_t suffix_len = strlen(suffixes[i]);

		if (len > suffix_len && !strcmp(pattern + len - suffix_len, suffixes[i]))
			return true;
	}
	return false;
}

/* With a version behind the name, or without; in any directory. */
static bool is_interpreter(const char *pattern)
{
	static const char *const names[] = {"sh",   "bash",    "dash",   "ash",  "zsh",
					    "ksh",  "busybox", "python", "perl", "ruby",
					    "node", "php",     "lua"};
	const char *slash = strrchr(pattern, '/');
	const char *name = slash ? slash + 1 : pattern;

	for (size_t i = 0; i < BL_ARRAY_LEN(names); i++) {
		size_t len = strlen(names[i]);

		if (!strncmp(name, names[i], len) &&
		    !name[len + strspn(name + len, "0123456789.*?")])
			return true;
	}
	return false;
}

/* Whether a path that the pattern matches can, as far as can be told, not be read by anybody. */
static bool is_reading_denied(const struct bl_policy *policy, const char *pattern)
{
	const struct bl_section_policy *section = &policy->sections[BL_SECTION_FILE];
	struct bl_glob_error error;
	struct bl_glob glob;
	char example[256];
	bool is_match;
	int r;

	if (bl_glob_compile(pattern, false, &glob, &error) < 0)
		return true;
	r = bl_pattern_example(&glob, false, example, sizeof(example));
	bl_glob_fini(&glob);
	if (r < 0)
		return true;

	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		if (rule->section != BL_SECTION_FILE || rule->by ||
		    !(rule->permissions >> BL_FILE_READ & 1) ||
		    bl_glob_compile(rule->pattern, false, &glob, &error) < 0)
			continue;
		r = bl_pattern_match(&glob, example, strlen(example), &is_match);
		bl_glob_fini(&glob);
		if (r < 0 || is_match)
			return r < 0 || rule->verdict >= BL_VERDICT_DENY;
	}
	return section->is_present && section->fallback >= BL_VERDICT_DENY;
}

/* What runs a script is the interpreter, and it does not ask. */
static void check_interpreters(const struct check *check, const struct bl_rule *rule)
{
	const struct bl_policy *policy = check->policy;

	if (rule->section != BL_SECTION_EXEC)
		return;
	if (rule->verdict >= BL_VERDICT_DENY) {
		if (is_script(rule->pattern) && !is_reading_denied(policy, rule->pattern))
			warn(check, &rule->source,
			     "an interpreter that is given the script as an argument only reads it; deny reading it too: 'deny = read %s' in [file]",
			     rule->pattern);
		return;
	}
	if (policy->sections[BL_SECTION_EXEC].fallback >= BL_VERDICT_DENY && !rule->by &&
	    is_interpreter(rule->pattern) &&
	    policy->sections[BL_SECTION_FILE].fallback < BL_VERDICT_DENY)
		warn(check, &rule->source,
		     "whoever may run '%s' runs any script that it may read or is handed; add 'by', or 'default = deny' in [file]",
		     rule->pattern);
}

/* --- rules that never decide --- */

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
	const struct bl_section_policy *file = &policy->sections[BL_SECTION_FILE];
	bool can_execute = false, can_map = false, mediates = policy->rules_count > 0;

	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		mediates |=
			policy->sections[i].is_present && restricts(policy->sections[i].fallback);
	/* Only drift that is allowed is as if nothing had been said. */
	for (unsigned i = 0; i < BL_SETTING_COUNT; i++)
		mediates |= policy->settings[i].is_present &&
			    (i != BL_SETTING_DRIFT || restricts(policy->settings[i].verdict));
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		if (rule->verdict > BL_VERDICT_AUDIT)
			continue;
		can_execute |= rule->section == BL_SECTION_EXEC;
		can_map |= rule->section == BL_SECTION_FILE && rule->permissions >> BL_FILE_MAP & 1;
	}

	if (!mediates && !policy->syscalls.is_present)
		warn(check, &policy->name_source, "policy '%s' has no rules: it restricts nothing",
		     policy->name);
	if (exec->is_present && restricts(exec->fallback) && !can_execute)
		warn(check, &exec->source,
		     "nothing can be executed: [exec] denies by default and allows nothing");
	if (file->is_present && restricts(file->fallback) && !can_map)
		warn(check, &file->source,
		     "no program can run: [file] denies by default and allows to 'map' nothing");
}

void bl_policies_check(const struct bl_policies *policies, struct bl_diags *diags)
{
	for (size_t i = 0; i < policies->count; i++) {
		struct check check = {.policy = &policies->items[i], .diags = diags};

		check_selectors(&check);
		check_sections(&check);
		for (size_t j = 0; j < check.policy->rules_count; j++) {
			check_rule(&check, &check.policy->rules[j]);
			check_interpreters(&check, &check.policy->rules[j]);
		}
		for (size_t j = 0; j < BL_SETTING_COUNT; j++) {
			const struct bl_setting *setting = &check.policy->settings[j];

			if (setting->is_present)
				check_log(&check, &setting->source, setting->verdict,
					  setting->is_logged);
		}
		check_idle_allows(&check);
		check_shadows(&check);
	}
}
