// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_shadow.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/glob.h"
#include "enforcer/pattern_example.h"
#include "enforcer/policy_address.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

/* --- which rules decide --- */

/* A walk over all states of a table that some key leads to. */
struct walk {
	const struct bl_generation *generation;
	const struct bl_compiled_profile *profile;
	const struct bl_rule *rules; /* of the policy that was compiled */
	bool *is_deciding;           /* one for each rule */
	uint8_t *is_seen; /* one for each 8 bytes of the table: a state, or an accept set */
	uint32_t *queue;
	size_t queue_count;
	uint16_t classes[256]; /* each once */
	size_t classes_count;
};

static const void *at(const struct walk *walk, uint32_t offset)
{
	return (const char *)walk->profile->table + offset;
}

static void mark_rule(const struct walk *walk, uint32_t offset)
{
	const struct bl_rule_entry *entry;

	if (!offset)
		return;
	entry = bl_generation_find_rule(walk->generation, *(const uint64_t *)at(walk, offset));
	if (entry && entry->rule)
		walk->is_deciding[entry->rule - walk->rules] = true;
}

static void mark_decision(const struct walk *walk, const struct bl_decision *decision)
{
	const struct bl_choice *choices;

	if (!(decision->flags & BL_DECISION_LIST)) {
		mark_rule(walk, decision->rule);
		return;
	}
	choices = at(walk, decision->rule);
	for (unsigned i = 0; i < decision->count; i++)
		mark_rule(walk, choices[i].rule);
}

static bool see(const struct walk *walk, uint32_t offset)
{
	bool is_new = !walk->is_seen[offset / 8];

	walk->is_seen[offset / 8] = 1;
	return is_new;
}

static void mark_accept(const struct walk *walk, uint32_t offset)
{
	const struct bl_accept *accept = at(walk, offset);

	if (!see(walk, offset))
		return;
	for (unsigned section = 0; section < BL_SECTION_COUNT; section++) {
		const struct bl_decision *decisions = at(walk, accept->decisions[section]);

		for (unsigned i = 0; i < bl_permission_count((enum bl_section)section); i++)
			mark_decision(walk, &decisions[i]);
	}
}

static void enter_state(struct walk *walk, uint32_t state)
{
	const struct bl_cell *cell = at(walk, state);

	if (!see(walk, state))
		return;
	walk->queue[walk->queue_count++] = state;
	mark_accept(walk, cell->owner & ~BL_CELL_STATE);
}

static void collect_classes(struct walk *walk)
{
	const struct bl_table_header *header = walk->profile->table;
	bool is_taken[UINT16_MAX / 8 + 1] = {false};

	for (unsigned byte = 0; byte < 256; byte++) {
		if (is_taken[header->classes[byte] / 8])
			continue;
		is_taken[header->classes[byte] / 8] = true;
		walk->classes[walk->classes_count++] = header->classes[byte];
	}
}

static void walk_table(struct walk *walk)
{
	const struct bl_table_header *header = walk->profile->table;

	collect_classes(walk);
	enter_state(walk, header->start);
	for (size_t i = 0; i < walk->queue_count; i++) {
		uint32_t state = walk->queue[i];
		const struct bl_cell *fallback = at(walk, state);

		if (state >= header->sinks)
			continue;
		for (size_t j = 0; j < walk->classes_count; j++) {
			const struct bl_cell *edge = at(walk, state + walk->classes[j]);

			enter_state(walk, edge->owner == state ? edge->next : fallback->next);
		}
	}
}

static int find_deciding(const struct bl_generation *generation, const struct bl_policy *policy,
			 bool *is_deciding)
{
	const struct bl_compiled_profile *profile = &generation->profiles[0];
	bl_cleanup_free uint8_t *is_seen = calloc(profile->table_bytes / 8 + 1, 1);
	bl_cleanup_free uint32_t *queue = calloc(profile->table_bytes / 8 + 1, sizeof(*queue));
	struct walk walk = {
		.generation = generation,
		.profile = profile,
		.rules = policy->rules,
		.is_deciding = is_deciding,
		.is_seen = is_seen,
		.queue = queue,
	};

	if (!is_seen || !queue)
		return -ENOMEM;
	walk_table(&walk);
	return 0;
}

/* --- what decides instead --- */

static size_t make_path_key(const struct bl_rule *rule, char *key, size_t size)
{
	bool is_abstract = rule->section == BL_SECTION_NETWORK && rule->peer == BL_PEER_ABSTRACT;
	struct bl_glob_error error;
	struct bl_glob glob;
	int r;

	if (bl_glob_compile(rule->pattern, is_abstract, &glob, &error) < 0)
		return 0;
	*key = '@';
	r = bl_pattern_example(&glob, is_abstract, key + is_abstract, size - is_abstract);
	bl_glob_fini(&glob);
	return r < 0 ? 0 : strlen(key);
}

/* "any" is about tcp, too, and no addresses at all stand for all of them. */
static size_t make_network_key(const struct bl_rule *rule, unsigned permission, char *key)
{
	uint8_t kind = bl_network_protocol_kind(rule->protocol);
	struct bl_net net = {0};

	if (!kind)
		kind = BL_PROTOCOL_TCP;
	if (rule->peer == BL_PEER_ANY)
		return bl_key_socket((uint8_t *)key, kind);
	if (rule->nets_count)
		net = rule->nets[0];
	if (permission == BL_NETWORK_CONNECT || permission == BL_NETWORK_SEND)
		bl_net_resolve_target(&net);
	return net.is_ipv6 ? bl_key_inet6((uint8_t *)key, (enum bl_protocol)kind, net.address,
					  rule->port_low)
			   : bl_key_inet4((uint8_t *)key, (enum bl_protocol)kind, net.address,
					  rule->port_low);
}

static size_t make_key(const struct bl_rule *rule, unsigned permission, char *key, size_t size)
{
	unsigned number = rule->numbers ? (unsigned)__builtin_ctzll(rule->numbers) : 0;

	switch (rule->section) {
	case BL_SECTION_PROCESS:
		return bl_key_process((uint8_t *)key, rule->access,
				      (enum bl_relation)__builtin_ctz(rule->relations));
	case BL_SECTION_PRIVILEGE:
		return bl_key_privilege((uint8_t *)key, number);
	case BL_SECTION_CAPABILITY:
		return bl_key_capability((uint8_t *)key, number);
	case BL_SECTION_EXEC:
	case BL_SECTION_FILE:
	case BL_SECTION_NETWORK:
	case BL_SECTION_COUNT:
		break;
	}
	return rule->pattern ? make_path_key(rule, key, size)
			     : make_network_key(rule, permission, key);
}

/* The first permission that is asked of the rule's objects. */
static unsigned find_permission(const struct bl_rule *rule)
{
	unsigned permissions = rule->permissions;

	if (rule->section == BL_SECTION_NETWORK && rule->peer != BL_PEER_ANY)
		permissions &= ~(1u << BL_NETWORK_CREATE);
	return (unsigned)__builtin_ctz(permissions ? permissions : rule->permissions);
}

static void explain_shadow(const struct bl_generation *generation, const struct bl_policy *compiled,
			   const struct bl_policy *policy, size_t index, struct bl_shadow *shadow)
{
	const struct bl_compiled_profile *profile = &generation->profiles[0];
	const struct bl_rule *rule = &policy->rules[index];
	const struct bl_rule_entry *entry;
	struct bl_decided decided;
	char key[sizeof(shadow->example)];
	unsigned permission = find_permission(rule);
	size_t len = make_key(rule, permission, key, sizeof(key));

	*shadow = (struct bl_shadow){.rule = rule};
	if (!len)
		return;

	decided = bl_evaluate(profile->table, profile->table_bytes, key, len, rule->section,
			      permission, UINT64_MAX);
	entry = bl_generation_find_rule(generation, decided.rule_key);
	if (entry && entry->rule)
		shadow->decider = &policy->rules[entry->rule - compiled->rules];
	if (rule->pattern)
		snprintf(shadow->example, sizeof(shadow->example), "%s", key);
}

/* --- both --- */

/*
 * Objects of one line share their text, and so the number the compiler gives them: they are
 * compiled under texts of their own. A policy that is off is looked at as if it were not.
 */
static void copy_policy(const struct bl_policy *policy, struct bl_rule *rules, char (*texts)[24],
			struct bl_policy *ret_copy)
{
	for (size_t i = 0; i < policy->rules_count; i++) {
		rules[i] = policy->rules[i];
		rules[i].text = texts[i];
		snprintf(texts[i], sizeof(texts[i]), "%zu", i);
	}
	*ret_copy = *policy;
	ret_copy->rules = rules;
	ret_copy->mode = BL_MODE_ENFORCE;
	ret_copy->is_elsewhere = false;
	/* By what it implies a rule decides nothing itself. */
	ret_copy->sections[BL_SECTION_NETWORK].fallback = BL_VERDICT_ALLOW;
}

static int find_shadowed(const struct bl_generation *generation, const struct bl_policy *compiled,
			 const struct bl_policy *policy, struct bl_shadow **ret_shadows,
			 size_t *ret_count)
{
	bl_cleanup_free bool *is_deciding = calloc(policy->rules_count, sizeof(*is_deciding));
	bl_cleanup_free struct bl_shadow *shadows = NULL;
	size_t count = 0, filled = 0;
	int r;

	if (!is_deciding)
		return -ENOMEM;
	r = find_deciding(generation, compiled, is_deciding);
	if (r < 0)
		return r;

	for (size_t i = 0; i < policy->rules_count; i++)
		count += !is_deciding[i];
	shadows = calloc(count ? count : 1, sizeof(*shadows));
	if (!shadows)
		return -ENOMEM;
	for (size_t i = 0; i < policy->rules_count; i++) {
		if (!is_deciding[i])
			explain_shadow(generation, compiled, policy, i, &shadows[filled++]);
	}
	*ret_shadows = TAKE(shadows);
	*ret_count = count;
	return 0;
}

int bl_policy_find_shadowed(const struct bl_policy *policy, struct bl_shadow **ret_shadows,
			    size_t *ret_count)
{
	bl_cleanup_free struct bl_rule *rules = calloc(policy->rules_count + 1, sizeof(*rules));
	bl_cleanup_free char(*texts)[24] = calloc(policy->rules_count + 1, sizeof(*texts));
	const struct bl_policy *policies[1];
	struct bl_diags diags = {0};
	struct bl_generation generation;
	struct bl_policy copy;
	int r;

	if (!rules || !texts)
		return -ENOMEM;
	copy_policy(policy, rules, texts, &copy);
	policies[0] = &copy;

	r = bl_profile_compile(policies, 1, false, &diags, &generation);
	bl_diags_fini(&diags);
	if (r < 0)
		return r;
	r = find_shadowed(&generation, &copy, policy, ret_shadows, ret_count);
	bl_generation_fini(&generation);
	return r;
}
