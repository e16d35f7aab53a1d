/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A policy set to one generation: the tables of its profiles and of its selectors.
 *
 * A profile is made for every combination of policies that some cgroup path can be selected by, of
 * which the selector automaton names all; and for every policy that selects by what only the daemon
 * knows of a container. Combinations with those are made when a container needs them. A generation
 * refers to the policies it was made from and must not outlive them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/policy.h"

/* A line that can decide, under the number that outlives the generation (I7). */
struct bl_rule_entry {
	/*
	 * Of policy name, section, text, and how many equal lines of the policy stand above it.
	 * Never 0.
	 */
	uint64_t key;
	const struct bl_policy *policy;
	const struct bl_rule *rule; /* NULL: the section's default, or a setting */
	bool is_setting;
	enum bl_section section;
	unsigned line;
	const char *text;
};

struct bl_compiled_profile {
	const struct bl_policy **policies; /* in file order */
	size_t policies_count;
	struct bl_profile profile; /* as it goes into the map, but for where its table is */
	const char **by; /* the different "by" patterns: bit n of a subject's mask is by[n] */
	size_t by_count;
	void *table;        /* struct bl_table_header and what follows */
	size_t table_bytes; /* a multiple of 8 */
};

struct bl_member;

struct bl_generation {
	/*
	 * Room for BL_PROFILES_PER_GENERATION: they stay where they are when
	 * bl_generation_combine() adds one.
	 */
	struct bl_compiled_profile *profiles;
	size_t profiles_count;

	/* The policies that take part, in file order. Those that are off do not. */
	struct bl_member *members;
	size_t members_count;

	/*
	 * Its struct bl_selected.profile is 1 + index in profiles, 0 for none; apply.c turns that
	 * into the number the kernel knows the profile by.
	 */
	void *selectors;
	size_t selectors_bytes; /* 0: bl_profile_compile() makes no selectors */

	struct bl_rule_entry *rules; /* sorted by key */
	size_t rules_count;
};

void bl_generation_fini(struct bl_generation *generation);

/*
 * Compiles. is_audit_forced: every policy that is not off counts as in audit mode. Policies that
 * are too large are named in diags: -E2BIG; what cannot be compiled at all, likewise: -EINVAL.
 * -ENOMEM. *ret_generation is written on success only.
 */
int bl_generation_compile(const struct bl_policies *policies, bool is_audit_forced,
			  struct bl_diags *diags, struct bl_generation *ret_generation)
	__attribute__((warn_unused_result));

/* The policy of a member. */
const struct bl_policy *bl_generation_member(const struct bl_generation *generation, size_t member);

/*
 * The profile, 1 + its index, that has the policies of another one (base, 0 for none) and the
 * members whose is_added is set; 0 if that is nobody. It is compiled if there is none yet. -ENOSPC:
 * it would be one more than BL_PROFILES_PER_GENERATION; -E2BIG, -EINVAL: what diags say; -ENOMEM.
 */
int bl_generation_combine(struct bl_generation *generation, uint32_t base, const bool *is_added,
			  struct bl_diags *diags, uint32_t *ret_profile)
	__attribute__((warn_unused_result));

/*
 * One profile out of the given policies, whatever they select: explain and tests. rules as above.
 */
int bl_profile_compile(const struct bl_policy *const *policies, size_t count, bool is_audit_forced,
		       struct bl_diags *diags, struct bl_generation *ret_generation)
	__attribute__((warn_unused_result));

/* NULL if there is none. */
const struct bl_rule_entry *bl_generation_find_rule(const struct bl_generation *generation,
						    uint64_t key);
