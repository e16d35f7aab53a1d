/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a set of matching rules comes to: the record that a state of a profile's automaton means,
 * worked out once so that nobody who walks the table has to. policy_profile.c says which patterns
 * there are; nobody else includes this.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy_compile_parts.h"
#include "enforcer/policy_table.h"

/* What a pattern of the automaton came from; a rule may need several. */
struct bl_origin {
	uint32_t member;
	uint32_t rule;
	uint8_t permissions;
	uint8_t by; /* as in struct bl_choice */
	enum bl_place place;
	bool is_subject; /* the pattern is the one behind the rule's "by" */
	bool is_implied; /* an allowance that the rule brings with it, not what it says itself */
	bool is_section; /* no rule's: the pattern is every key of section */
	enum bl_section section;
};

struct bl_decider {
	const struct bl_member **members; /* the caller's, as the next */
	size_t members_count;
	const struct bl_origin *
		origins; /* of each pattern, ascending by member, implied ones behind its rules; then those of "by", then of sections */
	struct bl_meanings meanings;
	struct bl_choice *choices; /* of the permission being decided */
	size_t choices_count;
	size_t choices_capacity;
	enum bl_section key_section; /* whose keys the state is about, if it is known */
};

void bl_decider_fini(struct bl_decider *decider);

/*
 * A bl_meaning_fn; context is the decider. The number counts records in meanings.accepts. Until
 * policy_below.c knows what is below, below_any is self_any, and below_all is what every subject is
 * allowed for the path itself.
 */
int64_t bl_decider_find(void *context, const uint32_t *ids, size_t count);
