/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies together with what they were compiled to, and the number under which that is in force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy_compile.h"

struct bl_ruleset {
	struct bl_policy_texts texts; /* what the policies were read from */
	struct bl_policies policies;
	struct bl_generation generation;
	uint64_t number;      /* 0 until applied */
	bool is_audit_forced; /* in the whole generation */
};

/* Reads, checks and compiles: all diagnostics in diags. -EINVAL, -E2BIG: what diags say. */
int bl_ruleset_load(const char *const *paths, size_t paths_count, bool is_audit_forced,
		    struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
	__attribute__((warn_unused_result));

/* The same of policies that were read before. */
int bl_ruleset_load_texts(const struct bl_policy_texts *texts, bool is_audit_forced,
			  struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
	__attribute__((warn_unused_result));

/* Accepts NULL. */
void bl_ruleset_free(struct bl_ruleset *ruleset);

/* Lines of rules in policies that are not off. */
size_t bl_ruleset_rules_count(const struct bl_ruleset *ruleset);

/* What is in force, and what was before: events of it may still be in the ring buffer. */
struct bl_rulesets {
	struct bl_ruleset *current;
	struct bl_ruleset *previous; /* or NULL */
};

/* Takes ruleset over as the current one. */
void bl_rulesets_push(struct bl_rulesets *rulesets, struct bl_ruleset *ruleset);
void bl_rulesets_fini(struct bl_rulesets *rulesets);

/*
 * The rule of that key in the ruleset of that number; or, since keys outlive numbers, in any.
 * *ret_ruleset is the one it was found in. NULL: neither has it.
 */
const struct bl_rule_entry *bl_rulesets_find_rule(const struct bl_rulesets *rulesets,
						  uint64_t number, uint64_t key,
						  const struct bl_ruleset **ret_ruleset);
