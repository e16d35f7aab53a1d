// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The numbers rules are known by outside of a generation. Counters and records of the next
 * generation, and of another controller, go on under the same number as long as the rule's text
 * stays (I7).
 */
#include "enforcer/policy_compile_parts.h"

#include "enforcer/util.h"

/* FNV-1a: it has to be the same everywhere and for ever, not to resist anybody. */
#define FNV_START UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

static uint64_t add_bytes(uint64_t hash, const void *bytes, size_t count)
{
	const uint8_t *byte = bytes;

	for (size_t i = 0; i < count; i++)
		hash = (hash ^ byte[i]) * FNV_PRIME;
	return hash;
}

static uint64_t add_text(uint64_t hash, const char *text)
{
	return add_bytes(hash, text ? text : "", text ? strlen(text) + 1 : 1);
}

static uint64_t add_number(uint64_t hash, uint64_t number)
{
	uint8_t bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(number >> (i * 8));
	return add_bytes(hash, bytes, sizeof(bytes));
}

/*
 * What the user wrote, and nothing this version numbers its own way. Several networks of one line
 * are told apart by their order, so that a named set can change under its rule. rule is NULL for
 * the section's default.
 */
static uint64_t hash_rule(const struct bl_policy *policy, enum bl_section section,
			  const struct bl_rule *rule)
{
	uint64_t hash = add_text(add_text(FNV_START, policy->name), bl_section_name(section));

	if (rule)
		return add_text(add_text(hash, rule->text), rule->pattern);
	return add_text(add_text(hash, "default"), policy->sections[section].text);
}

static uint64_t hash_setting(const struct bl_policy *policy, enum bl_setting_key setting)
{
	uint64_t hash = add_text(add_text(FNV_START, policy->name), "setting");

	return add_text(hash, policy->settings[setting].text);
}

struct numbered {
	uint64_t key;
	size_t index; /* in the policy, or over all members */
};

static int compare_numbered(const void *a, const void *b)
{
	const struct numbered *left = a;
	const struct numbered *right = b;

	if (left->key != right->key)
		return left->key < right->key ? -1 : 1;
	return left->index < right->index ? -1 : left->index > right->index;
}

/* How many equal ones stand above is part of the number. */
static int number_policy(struct bl_member *member)
{
	size_t count = member->policy->rules_count;
	bl_cleanup_free struct numbered *numbered =
		reallocarray(NULL, count + 1, sizeof(*numbered));
	uint64_t above = 0;

	if (!numbered)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const struct bl_rule *rule = &member->policy->rules[i];

		numbered[i].key = hash_rule(member->policy, rule->section, rule);
		numbered[i].index = i;
	}
	qsort(numbered, count, sizeof(*numbered), compare_numbered);
	for (size_t i = 0; i < count; i++) {
		above = i && numbered[i].key == numbered[i - 1].key ? above + 1 : 0;
		member->keys[numbered[i].index] = add_number(numbered[i].key, above);
	}
	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		*bl_member_section_key(member, (enum bl_section)i) =
			hash_rule(member->policy, (enum bl_section)i, NULL);
	for (unsigned i = 0; i < BL_SETTING_COUNT; i++)
		*bl_member_setting_key(member, (enum bl_setting_key)i) =
			hash_setting(member->policy, (enum bl_setting_key)i);
	return 0;
}

static void list_rules(const struct bl_member *member, struct bl_rule_entry *rules, size_t *count)
{
	const struct bl_policy *policy = member->policy;

	for (size_t i = 0; i < policy->rules_count; i++)
		rules[(*count)++] = (struct bl_rule_entry){
			.key = member->keys[i],
			.policy = policy,
			.rule = &policy->rules[i],
			.section = policy->rules[i].section,
			.line = policy->rules[i].source.line,
			.text = policy->rules[i].text,
		};
	for (size_t i = 0; i < BL_SECTION_COUNT; i++) {
		if (!policy->sections[i].is_present)
			continue;
		rules[(*count)++] = (struct bl_rule_entry){
			.key = *bl_member_section_key(member, (enum bl_section)i),
			.policy = policy,
			.section = (enum bl_section)i,
			.line = policy->sections[i].source.line,
			.text = policy->sections[i].text,
		};
	}
	for (size_t i = 0; i < BL_SETTING_COUNT; i++) {
		if (!policy->settings[i].is_present)
			continue;
		rules[(*count)++] = (struct bl_rule_entry){
			.key = *bl_member_setting_key(member, (enum bl_setting_key)i),
			.policy = policy,
			.is_setting = true,
			.section = BL_SECTION_EXEC,
			.line = policy->settings[i].source.line,
			.text = policy->settings[i].text,
		};
	}
}

/* Where a rule's number is kept among its member's. */
static uint64_t *key_slot(struct bl_member *members, size_t count,
			  const struct bl_rule_entry *entry)
{
	for (size_t i = 0; i < count; i++) {
		if (members[i].policy != entry->policy)
			continue;
		if (entry->rule)
			return &members[i].keys[entry->rule - entry->policy->rules];
		if (!entry->is_setting)
			return bl_member_section_key(&members[i], entry->section);
		for (unsigned k = 0; k < BL_SETTING_COUNT; k++)
			if (entry->policy->settings[k].text == entry->text)
				return bl_member_setting_key(&members[i], (enum bl_setting_key)k);
	}
	return NULL;
}

static int compare_entries(const void *a, const void *b)
{
	const struct bl_rule_entry *left = a;
	const struct bl_rule_entry *right = b;

	return left->key < right->key ? -1 : left->key > right->key;
}

/*
 * Sorts, and makes numbers that collided different: in the order of the files, so that the same
 * policies give the same numbers. 0 means "no rule" and is taken.
 */
static int sort_rules(struct bl_member *members, size_t members_count, struct bl_rule_entry *rules,
		      size_t count)
{
	bl_cleanup_free struct numbered *numbered =
		reallocarray(NULL, count + 1, sizeof(*numbered));
	bool has_changed = true;

	if (!numbered)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++)
		numbered[i] = (struct numbered){.key = rules[i].key, .index = i};
	while (has_changed) {
		has_changed = false;
		qsort(numbered, count, sizeof(*numbered), compare_numbered);
		for (size_t i = 0; i < count; i++) {
			if (numbered[i].key && (!i || numbered[i].key != numbered[i - 1].key))
				continue;
			numbered[i].key = add_number(numbered[i].key, numbered[i].index);
			*key_slot(members, members_count, &rules[numbered[i].index]) =
				numbered[i].key;
			has_changed = true;
		}
	}
	for (size_t i = 0; i < count; i++)
		rules[numbered[i].index].key = numbered[i].key;
	qsort(rules, count, sizeof(*rules), compare_entries);
	return 0;
}

int bl_rules_number(struct bl_member *members, size_t count, struct bl_rule_entry **ret_rules,
		    size_t *ret_rules_count)
{
	bl_cleanup_free struct bl_rule_entry *rules = NULL;
	size_t rules_count = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		size_t keys = bl_member_keys_count(members[i].policy);

		members[i].keys = calloc(keys, sizeof(*members[i].keys));
		if (!members[i].keys)
			return -ENOMEM;
		r = number_policy(&members[i]);
		if (r < 0)
			return r;
		rules_count += keys;
	}
	rules = calloc(rules_count + 1, sizeof(*rules));
	if (!rules)
		return -ENOMEM;
	rules_count = 0;
	for (size_t i = 0; i < count; i++)
		list_rules(&members[i], rules, &rules_count);
	r = sort_rules(members, count, rules, rules_count);
	if (r < 0)
		return r;
	*ret_rules = TAKE(rules);
	*ret_rules_count = rules_count;
	return 0;
}
