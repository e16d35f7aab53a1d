/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policies together with what they were compiled to, and the number under which that is in force.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/container.h"
#include "enforcer/container_default.h"
#include "enforcer/policy_compile.h"
#include "enforcer/runs.h"

struct bl_ruleset {
	struct bl_policy_texts texts; /* of the files; runs have their own */
	struct bl_policies policies;  /* of the files, and behind them of the runs */
	struct bl_container_default container_default;
	struct bl_generation generation;
	uint64_t number;      /* 0 until applied */
	bool is_audit_forced; /* in the whole generation */
	/* Of containers that no policy selects, but for those at or below cgroups of exempt. */
	size_t default_member;  /* of the generation; members_count: there is none */
	struct bl_glob *exempt; /* as container_default has it */
	size_t exempt_count;
	char *own_cgroup; /* the daemon's; what it is in is exempt as well. Or NULL */
};

/* Where it comes from, and what for. Borrowed. */
struct bl_ruleset_source {
	const struct bl_policy_texts *texts; /* that were read before; NULL: paths are read */
	const char *const *paths;
	size_t paths_count;
	bool is_audit_forced;
	const char *node;                                     /* NULL: policies for any host */
	const struct bl_container_default *container_default; /* NULL: there is none */
	const char *own_cgroup;                               /* NULL: not known */
	const char *config_file;    /* in which container_default stands, for diags */
	const struct bl_runs *runs; /* that go on; NULL: none */
};

/*
 * Reads, checks and compiles, with the policies of the runs besides those of the files. All
 * diagnostics in diags. -EINVAL, -E2BIG: what diags say.
 */
int bl_ruleset_load(const struct bl_ruleset_source *source, struct bl_diags *diags,
		    struct bl_ruleset **ret_ruleset) __attribute__((warn_unused_result));

/*
 * What base has of files and of [containers], as it was when it was read, with the runs that go on:
 * no file is looked at, so that a run neither puts a change in force that nobody has asked for, nor
 * is kept from starting by one that is half done. What there is to say of the files was said when
 * they were read.
 */
int bl_ruleset_remake(const struct bl_ruleset *base, const char *node, const struct bl_runs *runs,
		      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
	__attribute__((warn_unused_result));

/* What a cgroup is given. */
struct bl_choice_of_profile {
	uint32_t selected; /* by its path alone: 1 + index in profiles, 0 for none */
	uint32_t profile;  /* with what is known of the container it is in */
	bool is_own;       /* a pattern names the cgroup itself */
};

/*
 * Chooses for the cgroup at the path, which is container's or below it; NULL: it is in none. A
 * combination of policies that there was none of is compiled. Errors as bl_generation_combine().
 */
int bl_ruleset_choose(struct bl_ruleset *ruleset, const char *cgroup,
		      const struct bl_container *container, struct bl_diags *diags,
		      struct bl_choice_of_profile *ret_choice) __attribute__((warn_unused_result));

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
