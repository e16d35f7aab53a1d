/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Policy sets made by hand, so that tests of the compiler do not depend on the parser. What is added belongs to
 * the set; bl_policies_fini() frees it. Out of memory ends the test.
 */
#pragma once

#include "enforcer/policy.h"

/* Pointers are good until the next one is added. The file is "<name>.ini". */
struct bl_policy *model_add_policy(struct bl_policies *policies, const char *name,
				   enum bl_mode mode);
void model_add_cgroup(struct bl_policy *policy, const char *pattern);
void model_set_default(struct bl_policy *policy, enum bl_section section, enum bl_verdict fallback);

/* Logged. Of [exec], which the policy then has to have. */
void model_set_setting(struct bl_policy *policy, enum bl_setting_key key, enum bl_verdict verdict);

/*
 * Logged, without "by". The first rule is on line 10, the next on 11; the pattern (may be NULL) is in
 * column 8. The text is the verdict and the pattern.
 */
struct bl_rule *model_add_rule(struct bl_policy *policy, enum bl_section section,
			       enum bl_verdict verdict, uint8_t permissions, const char *pattern);
void model_set_by(struct bl_rule *rule, const char *by);

/* "10.0.0.0/8" or "fd00::/8". */
void model_add_net(struct bl_rule *rule, const char *net);
