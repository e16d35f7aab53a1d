/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A compiled generation into the kernel, in one step (I6).
 *
 * Everything is written beside what is in force: tables, selectors, the bindings of all cgroups
 * that exist. Then one store switches. What was in force before is removed after no program can be
 * using it.
 */
#pragma once

#include <stdint.h>

#include "enforcer/binding.h"

struct bl_applied {
	uint64_t generation; /* the number now in force */
	size_t containers;   /* cgroups that are containers of their own */
	size_t bindings;
	/* 0, or why memory of what was in force before could not be freed: -errno */
	int cleanup_error;
};

/*
 * Applies the binder's ruleset, and fills in its tables. On failure nothing has changed for any
 * task, and
 * *reterr_message says what did not work (a static string): -E2BIG, -ENOSPC a capacity, -ENOMEM,
 * -ESTALE, what diags say, or what the kernel returned.
 */
int bl_apply(const struct bl_binder *binder, struct bl_diags *diags, struct bl_applied *ret_applied,
	     const char **reterr_message) __attribute__((warn_unused_result));

/* Removes bindings of removed cgroups that no label names any more. Returns how many, or -errno. */
int bl_apply_collect(struct bl_sensor *sensor, const char *cgroup_root)
	__attribute__((warn_unused_result));
