/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One node program as an automaton, and a walk over its cells that is written for reading, not for speed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/automaton.h"

#define MATCHER_CELLS_MAX (1u << 18)

/* Meaning 1 if any pattern matches, else 0. Owns nothing of the globs. */
void matcher_build(const struct bl_glob *globs, size_t count, struct bl_automaton *ret_automaton);

/* The meaning of the state a key leads to. */
uint32_t matcher_meaning(const struct bl_automaton *automaton, const void *key, size_t len);
