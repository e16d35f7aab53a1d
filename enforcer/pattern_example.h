/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A path that a pattern matches: to show one, and to learn whether there is any. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/glob.h"

/*
 * Writes an example the kernel could name: no empty, "." or ".." component, no '/' at the end but
 * in "/" itself. With is_name any bytes will do. It is among the shortest. -ENOENT: there is none,
 * the pattern can never match;
 * -ENOBUFS: it does not fit size; -ENOMEM.
 */
int bl_pattern_example(const struct bl_glob *glob, bool is_name, char *ret_example, size_t size)
	__attribute__((warn_unused_result));
