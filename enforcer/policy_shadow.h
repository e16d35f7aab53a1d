/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which rules of a policy never decide anything, because rules above them match all that they
 * match. Exact: it looks for the rule in what the policy compiles to.
 */
#pragma once

#include <stddef.h>

#include "enforcer/policy.h"

struct bl_shadow {
	const struct bl_rule *rule;    /* decides nothing */
	const struct bl_rule *decider; /* what decides the example instead; NULL: not known */
	char example[256];             /* an object the rule matches; empty: not known */
};

/*
 * *ret_shadows is freed with free(). -E2BIG: the policy is too large to compile, which is the
 * compiler's to report; -ENOMEM.
 */
int bl_policy_find_shadowed(const struct bl_policy *policy, struct bl_shadow **ret_shadows,
			    size_t *ret_count) __attribute__((warn_unused_result));
