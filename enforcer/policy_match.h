/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether a policy selects something, asked of its patterns one by one: for what no selector table
 * can tell. See policy_selectors.c for cgroup paths in the kernel.
 */
#pragma once

#include <stdbool.h>

#include "enforcer/container.h"
#include "enforcer/policy.h"

/*
 * Whether it selects by what only the daemon knows of a container. All others select by the
 * cgroup's path alone.
 */
bool bl_policy_needs_container(const struct bl_policy *policy);

/* Sets is_elsewhere of those that are for other hosts than node. -ENOMEM. */
int bl_policies_place(struct bl_policies *policies, const char *node)
	__attribute__((warn_unused_result));

/*
 * Whether the policy selects what is at the cgroup path, which is the container's or below it. A
 * selector about what is not known of the container does not match. -ENOMEM.
 */
int bl_policy_selects(const struct bl_policy *policy, const struct bl_container *container,
		      const char *cgroup, bool *ret_selects) __attribute__((warn_unused_result));

/* Whether the pattern matches the path or one above it. -ENOMEM. */
int bl_cgroup_is_below(const struct bl_glob *glob, const char *cgroup, bool *ret_is_below)
	__attribute__((warn_unused_result));

/*
 * Where systemd puts a unit of that name: below its slices, and below those of a user's manager.
 * Further down it is a container's or a service's own tree, in which anybody may use any name.
 */
#define BL_UNIT_TREES 2
int bl_unit_glob(const char *pattern, unsigned tree, struct bl_glob *ret_glob)
	__attribute__((warn_unused_result));
