// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/syscall_filter.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <seccomp.h>

#include "enforcer/util.h"

struct bl_syscall_filter {
	scmp_filter_ctx context;
};

/* --- names --- */

#define STARTS_COMMAND "execve"

static bool restricts(enum bl_verdict verdict)
{
	return verdict == BL_VERDICT_DENY || verdict == BL_VERDICT_KILL;
}

static const struct bl_syscall_rule *first_rule(const struct bl_syscalls *syscalls,
						const char *name)
{
	for (size_t i = 0; i < syscalls->rules_count; i++)
		if (!strcmp(syscalls->rules[i].name, name))
			return &syscalls->rules[i];
	return NULL;
}

/* It neither differs from the default nor keeps a line below from deciding. */
static bool is_idle(const struct bl_syscalls *syscalls, const struct bl_syscall_rule *rule)
{
	const struct bl_syscall_rule *end = syscalls->rules + syscalls->rules_count;

	if (rule->verdict != BL_VERDICT_ALLOW || syscalls->fallback != BL_VERDICT_ALLOW)
		return false;
	for (const struct bl_syscall_rule *below = rule + 1; below < end; below++)
		if (!strcmp(below->name, rule->name) && below->verdict != BL_VERDICT_ALLOW)
			return false;
	return true;
}

static void check_rule(const struct bl_policy *policy, const struct bl_syscall_rule *rule,
		       struct bl_diags *diags)
{
	const struct bl_syscall_rule *first = first_rule(&policy->syscalls, rule->name);
	int number = seccomp_syscall_resolve_name(rule->name);

	if (number == __NR_SCMP_ERROR)
		bl_diags_add(diags, BL_SEVERITY_ERROR, policy->file, rule->source.line,
			     rule->source.column,
			     "unknown system call '%s': libseccomp has none of that name",
			     rule->name);
	else if (number < 0)
		bl_diags_add(
			diags, BL_SEVERITY_WARNING, policy->file, rule->source.line,
			rule->source.column,
			"system call '%s' is one of other architectures only: here it means nothing",
			rule->name);
	else if (!strcmp(rule->name, STARTS_COMMAND) && restricts(rule->verdict))
		bl_diags_add(
			diags, BL_SEVERITY_ERROR, policy->file, rule->source.line,
			rule->source.column,
			"'%s' starts the command itself, so [syscall] cannot %s it: forbid programs in [exec]",
			rule->name, bl_verdict_name(rule->verdict));
	if (first != rule)
		bl_diags_add(diags, BL_SEVERITY_WARNING, policy->file, rule->source.line,
			     rule->source.column,
			     "'%s' is decided by line %u already: this can never match", rule->name,
			     first->source.line);
	else if (is_idle(&policy->syscalls, rule))
		bl_diags_add(
			diags, BL_SEVERITY_WARNING, policy->file, rule->source.line,
			rule->source.column,
			"this allow changes nothing: the default of [syscall] is allow and no rule below restricts '%s'",
			rule->name);
}

void bl_syscall_check(const struct bl_policies *policies, struct bl_diags *diags)
{
	for (size_t i = 0; i < policies->count; i++) {
		const struct bl_policy *policy = &policies->items[i];

		for (size_t n = 0; n < policy->syscalls.rules_count; n++)
			check_rule(policy, &policy->syscalls.rules[n], diags);
	}
}

/* --- the filter --- */

static bool has_effect(const struct bl_policy *policy)
{
	return policy->syscalls.is_present && policy->mode != BL_MODE_OFF;
}

struct making {
	const struct bl_policies *policies;
	bool is_audit_forced;
	scmp_filter_ctx context;
	enum bl_verdict fallback;
};

static bool is_audit(const struct making *making, const struct bl_policy *policy)
{
	return making->is_audit_forced || policy->mode == BL_MODE_AUDIT;
}

/* name NULL: what none of the rules is about. */
static enum bl_verdict verdict_of(const struct making *making, const struct bl_policy *policy,
				  const char *name)
{
	const struct bl_syscall_rule *rule = name ? first_rule(&policy->syscalls, name) : NULL;
	enum bl_verdict verdict = rule ? rule->verdict : policy->syscalls.fallback;

	if (name && !strcmp(name, STARTS_COMMAND) && restricts(verdict))
		return BL_VERDICT_ALLOW;
	return is_audit(making, policy) && restricts(verdict) ? BL_VERDICT_AUDIT : verdict;
}

static enum bl_verdict strictest(const struct making *making, const char *name)
{
	enum bl_verdict strictest = BL_VERDICT_ALLOW;

	for (size_t i = 0; i < making->policies->count; i++) {
		const struct bl_policy *policy = &making->policies->items[i];
		enum bl_verdict verdict;

		if (!has_effect(policy))
			continue;
		verdict = verdict_of(making, policy, name);
		if (verdict > strictest)
			strictest = verdict;
	}
	return strictest;
}

static uint32_t action_of(enum bl_verdict verdict)
{
	switch (verdict) {
	case BL_VERDICT_ALLOW:
		return SCMP_ACT_ALLOW;
	case BL_VERDICT_AUDIT:
		return SCMP_ACT_LOG;
	case BL_VERDICT_DENY:
		return SCMP_ACT_ERRNO(EPERM);
	case BL_VERDICT_KILL:
	case BL_VERDICT_COUNT:
		break;
	}
	return SCMP_ACT_KILL_PROCESS;
}

static bool is_audit_only(const struct making *making)
{
	for (size_t i = 0; i < making->policies->count; i++) {
		const struct bl_policy *policy = &making->policies->items[i];

		if (has_effect(policy) && !is_audit(making, policy))
			return false;
	}
	return true;
}

static int set_attributes(const struct making *making)
{
	scmp_filter_ctx context = making->context;
	int r = seccomp_attr_set(context, SCMP_FLTATR_API_SYSRAWRC, 1);

	if (r == 0)
		r = seccomp_attr_set(context, SCMP_FLTATR_CTL_LOG, 1);
	if (r == 0)
		r = seccomp_attr_set(context, SCMP_FLTATR_CTL_NNP, 0);
	if (r == 0)
		r = seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH,
				     is_audit_only(making) ? SCMP_ACT_LOG : SCMP_ACT_KILL_PROCESS);
	/* A binary search over the numbers instead of one comparison after the other. */
	return r < 0 ? r : seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, 2);
}

/* A name of several policies or lines is added by the first. */
static bool was_added(const struct bl_policies *policies, size_t policy,
		      const struct bl_syscall_rule *rule)
{
	for (size_t i = 0; i < policy; i++)
		if (has_effect(&policies->items[i]) &&
		    first_rule(&policies->items[i].syscalls, rule->name))
			return true;
	return first_rule(&policies->items[policy].syscalls, rule->name) != rule;
}

static int add_call(const struct making *making, const char *name)
{
	enum bl_verdict verdict = strictest(making, name);
	int number = seccomp_syscall_resolve_name(name);

	if (number == __NR_SCMP_ERROR)
		return -EINVAL;
	/* What the default does is no rule to libseccomp, nor what this architecture has not. */
	if (number < 0 || verdict == making->fallback)
		return 0;
	return seccomp_rule_add(making->context, action_of(verdict), number, 0);
}

static int add_calls(const struct making *making)
{
	int r = add_call(making, STARTS_COMMAND);

	for (size_t i = 0; i < making->policies->count; i++) {
		const struct bl_syscalls *syscalls = &making->policies->items[i].syscalls;

		if (!has_effect(&making->policies->items[i]))
			continue;
		for (size_t n = 0; r == 0 && n < syscalls->rules_count; n++) {
			const struct bl_syscall_rule *rule = &syscalls->rules[n];

			if (strcmp(rule->name, STARTS_COMMAND) != 0 &&
			    !was_added(making->policies, i, rule))
				r = add_call(making, rule->name);
		}
	}
	return r;
}

static bool is_needed(const struct bl_policies *policies)
{
	for (size_t i = 0; i < policies->count; i++)
		if (has_effect(&policies->items[i]))
			return true;
	return false;
}

int bl_syscall_filter_new(const struct bl_policies *policies, bool is_audit_forced,
			  struct bl_syscall_filter **ret_filter)
{
	struct making making = {.policies = policies, .is_audit_forced = is_audit_forced};
	struct bl_syscall_filter *filter;
	int r;

	if (!is_needed(policies)) {
		*ret_filter = NULL;
		return 0;
	}
	filter = calloc(1, sizeof(*filter));
	if (!filter)
		return -ENOMEM;
	making.fallback = strictest(&making, NULL);
	making.context = filter->context = seccomp_init(action_of(making.fallback));
	r = making.context ? set_attributes(&making) : -ENOMEM;
	if (r == 0)
		r = add_calls(&making);
	if (r < 0) {
		bl_syscall_filter_free(filter);
		return r;
	}
	*ret_filter = filter;
	return 0;
}

void bl_syscall_filter_free(struct bl_syscall_filter *filter)
{
	if (!filter)
		return;
	if (filter->context)
		seccomp_release(filter->context);
	free(filter);
}

int bl_syscall_filter_load(const struct bl_syscall_filter *filter)
{
	int r = seccomp_load(filter->context);

	if (r != -EACCES && r != -EPERM)
		return r;
	r = seccomp_attr_set(filter->context, SCMP_FLTATR_CTL_NNP, 1);
	return r < 0 ? r : seccomp_load(filter->context);
}

int bl_syscall_filter_export(const struct bl_syscall_filter *filter, int fd)
{
	return seccomp_export_bpf(filter->context, fd);
}
