/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whether one pattern matches one string, for where no table is at hand: warnings about a rule.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/glob.h"

/* Runs all ways through the pattern at once. -ENOMEM. */
int bl_pattern_match(const struct bl_glob *glob, const char *bytes, size_t len, bool *ret_is_match)
	__attribute__((warn_unused_result));
