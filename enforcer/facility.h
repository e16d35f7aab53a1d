/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What [process], [privilege] and [capability] are about: the words for it, and the hooks that
 * mediate it. A facility that the kernel has no hook for is refused by name. No I/O: which hooks
 * the running kernel lacks is handed in.
 */
#pragma once

#include "enforcer/policy.h"
#include "enforcer/words.h"

/* A number that has no name gives NULL. */
const char *bl_access_name(unsigned access);
const char *bl_relation_name(unsigned relation);
const char *bl_privilege_name(unsigned privilege);
const char *bl_capability_name(unsigned capability);

/* --- words of [privilege] and [capability] --- */

/* "all" in a rule. */
#define BL_FACILITY_ALL UINT8_MAX

/*
 * The number of a word, or BL_FACILITY_ALL; -1 if it is none. Capabilities may be in upper case,
 * and with "cap_" in front.
 */
int bl_facility_find(enum bl_section section, const char *word);

/* As bl_words_expected(). */
const char *bl_facility_expected(char buffer[BL_EXPECTED_MAX], enum bl_section section,
				 const char *word);

/* --- hooks --- */

#define BL_FACILITY_HOOKS_MAX 5
struct bl_facility {
	enum bl_section section;
	unsigned number;    /* enum bl_access, enum bl_privilege; one row is for all capabilities */
	const char *name;   /* "privilege mount" */
	const char *remedy; /* what the hooks need or come with */
	const char *hooks[BL_FACILITY_HOOKS_MAX];
};

#define BL_FACILITY_COUNT (BL_ACCESS_COUNT + BL_PRIVILEGE_COUNT + 1)
extern const struct bl_facility bl_facilities[BL_FACILITY_COUNT];

/* Some policy that is not off has one of the sections. */
bool bl_facilities_are_mediated(const struct bl_policies *policies);

/*
 * Adds a diagnostic for every facility that a policy restricts and the kernel cannot mediate.
 * missing: a hook of each of bl_facilities that the kernel has not, or NULL.
 */
void bl_facilities_check(const struct bl_policies *policies,
			 const char *const missing[BL_FACILITY_COUNT], enum bl_severity severity,
			 struct bl_diags *diags);
