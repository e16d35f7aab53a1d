/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies together with what they were compiled to, and the number under which that is in force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy_compile.h"
#include "enforcer/runs.h"

struct bl_ruleset {
	struct bl_policy_texts texts; /* of the files; runs have their own */
	struct bl_policies policies;  /* of the files, and behind them of the runs */
	struct bl_generation generation;
	uint64_t number;      /* 0 until applied */
	bool is_audit_forced; /* in the whole generation */
};

/*
 * Reads, checks and compiles, with the policies of the runs that go on (NULL: none) besides those
 * of the files. All diagnostics in diags. -EINVAL, -E2BIG: what diags say.
 */
int bl_ruleset_load(const char *const *paths, size_t paths_count, const struct bl_runs *runs,
		    bool is_audit_forced, struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
	__attribute__((warn_unused_result));

/* The same of policies that were read before. */
int bl_ruleset_load_texts(const struct bl_policy_texts *texts, const struct bl_runs *runs,
			  bool is_audit_forced, struct bl_diags *diags,
			  struct bl_ruleset **ret_ruleset) __attribute__((warn_unused_result));

/*
 * What base has of files, as it was when it was read, with the runs that go on: no file is looked
 * at, so that a run neither puts a change in force that nobody has asked for, nor is kept from
 * starting by one that is half done. What there is to say of the files was said when they were
 * read.
 */
int bl_ruleset_remake(const struct bl_ruleset *base, const struct bl_runs *runs,
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
