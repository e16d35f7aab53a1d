// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Policy text of any kind: it is refused with a diagnostic that points into it, or becomes a model that can be
 * checked and compiled.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/policy_compile.h"
#include "enforcer/policy_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define require(condition)                                                                         \
	do {                                                                                       \
		if (!(condition))                                                                  \
			abort();                                                                   \
	} while (0)

static size_t count_lines(const uint8_t *data, size_t size)
{
	size_t lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	return lines;
}

static void require_places(const struct bl_diags *diags, size_t lines, size_t size)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct bl_diag *diag = &diags->items[i];

		require(diag->line <= lines);
		require(diag->column <= size + 1);
		require(*diag->message);
		for (const char *p = diag->message; *p; p++)
			require((unsigned char)*p >= ' ' && *p != 0x7f);
	}
}

static void require_model(const struct bl_policy *policy, size_t lines)
{
	require(policy->name && *policy->name);
	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		require(rule->source.line && rule->source.line <= lines);
		require(rule->source.column);
		require(rule->permissions &&
			rule->permissions < 1u << bl_permission_count(rule->section));
		require(policy->sections[rule->section].is_present);
		require(rule->text && strstr(rule->text, " = "));
		require(rule->section >= BL_SECTION_NETWORK || rule->pattern);
		require(rule->section != BL_SECTION_PROCESS || rule->relations);
		require(rule->section <= BL_SECTION_PROCESS || rule->numbers);
	}
}

static void try_compile(const struct bl_policies *policies)
{
	struct bl_generation generation;
	struct bl_diags diags = {0};
	int r;

	bl_policies_check(policies, &diags);
	r = bl_generation_compile(policies, false, &diags, &generation);
	require(r == 0 || diags.errors || r == -ENOMEM);
	if (!r)
		bl_generation_fini(&generation);
	bl_diags_fini(&diags);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bl_policies policies = {0}, whole = {0};
	struct bl_diags diags = {0}, whole_diags = {0};
	size_t lines = count_lines(data, size);
	int r, whole_r;

	r = bl_policy_parse((const char *)data, size, "fuzz.ini", &diags, &policies);
	whole_r = bl_policy_parse_whole_language((const char *)data, size, "fuzz.ini", &whole_diags,
						 &whole);
	require(r == -ENOMEM || (r == 0) == (diags.errors == 0));
	require(whole_diags.errors <= diags.errors);
	require_places(&diags, lines, size);
	require_places(&whole_diags, lines, size);

	if (!whole_r)
		require_model(&whole.items[0], lines);
	/* Large ones compile for seconds; what compiling does is for the fuzzer of the automaton. */
	if (!whole_r && size < 1024)
		try_compile(&whole);

	bl_policies_fini(&policies);
	bl_policies_fini(&whole);
	bl_diags_fini(&diags);
	bl_diags_fini(&whole_diags);
	return 0;
}
