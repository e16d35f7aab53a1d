/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tests of policies, which are INI too ("*.test.ini"): which policies, and what they are expected
 * to decide.
 *
 *	[test]
 *	policy = 40-web.ini
 *	[expect]
 *	deny   = exec /bin/bash
 *	allow  = connect tcp 10.0.0.1:5432
 *
 * A verdict is the same in a policy that is in audit mode.
 */
#pragma once

#include <stddef.h>

#include "enforcer/policy.h"

struct bl_policy_test_result {
	size_t passed;
	size_t failed;
};

/*
 * Reads and runs the test file. What is wrong with it, with its policies, and every expectation
 * that does not hold is an error in diags. -EINVAL, or what reading gave: nothing was run. 0:
 * *ret_result is written.
 */
int bl_policy_test_run(const char *path, struct bl_diags *diags,
		       struct bl_policy_test_result *ret_result)
	__attribute__((warn_unused_result));
