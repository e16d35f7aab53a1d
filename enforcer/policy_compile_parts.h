/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of policy_compile.c hand to each other; nobody else includes this.
 *
 *	policy_rule_key.c	the numbers of rules
 *	policy_selectors.c	cgroup patterns -> selector table and combinations of policies
 *	policy_profile.c	one combination -> its table
 *	policy_decision.c	matching rules -> what a state of the table means
 *	policy_below.c		and what is allowed below it
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy_compile.h"
#include "enforcer/policy_table.h"

/* A policy that takes part. */
struct bl_member {
	const struct bl_policy *policy;
	enum bl_mode mode; /* AUDIT where it is forced */
	uint64_t *keys;    /* of its rules, then of the sections' defaults, then of the settings */
};

static inline size_t bl_member_keys_count(const struct bl_policy *policy)
{
	return policy->rules_count + BL_SECTION_COUNT + BL_SETTING_COUNT;
}

static inline uint64_t *bl_member_section_key(const struct bl_member *member,
					      enum bl_section section)
{
	return &member->keys[member->policy->rules_count + section];
}

static inline uint64_t *bl_member_setting_key(const struct bl_member *member,
					      enum bl_setting_key setting)
{
	return &member->keys[member->policy->rules_count + BL_SECTION_COUNT + setting];
}

/* Numbers for all lines of the members that can decide, and the table to find them by. */
int bl_rules_number(struct bl_member *members, size_t count, struct bl_rule_entry **ret_rules,
		    size_t *ret_rules_count) __attribute__((warn_unused_result));

/* The members (ascending) each profile is made of: members[at[i] .. at[i + 1]). */
struct bl_combinations {
	uint32_t *members;
	size_t *at;
	size_t count;
};

void bl_combinations_fini(struct bl_combinations *combinations);

int bl_selectors_compile(const struct bl_member *members, size_t count, struct bl_diags *diags,
			 struct bl_table *ret_table, struct bl_combinations *ret_combinations)
	__attribute__((warn_unused_result));

/*
 * Adds to the meanings of an automaton's states what is allowed below them; the states then mean
 * records of the accepts made. from: as bl_decider_find() left them. *made: accepts and beyonds,
 * its other pools are not looked at. On failure the automaton is no good any more.
 */
int bl_below_add(struct bl_automaton *automaton, const struct bl_meanings *from,
		 struct bl_meanings *made) __attribute__((warn_unused_result));

/* members: indices into all. */
int bl_profile_build(const struct bl_member *all, const uint32_t *members, size_t count,
		     struct bl_diags *diags, struct bl_compiled_profile *ret_profile)
	__attribute__((warn_unused_result));

void bl_compiled_profile_fini(struct bl_compiled_profile *profile);
