// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_decision.h"

#include "enforcer/evaluate.h"
#include "enforcer/util.h"

void bl_decider_fini(struct bl_decider *decider)
{
	free(decider->choices);
	bl_meanings_fini(&decider->meanings);
}

static const struct bl_rule *origin_rule(const struct bl_decider *d, const struct bl_origin *origin)
{
	return &d->members[origin->member]->policy->rules[origin->rule];
}

/* --- what one policy says --- */

/* With one of its lines: a rule, a default or a setting. */
struct saying {
	enum bl_verdict verdict;
	bool is_logged;
	uint64_t key; /* 0: no line says so */
};

/* What the permissions of [exec] come from: its rules and default, a setting, or both. */
static const struct {
	bool has_rules;
	bool has_setting;
	enum bl_setting_key setting;
} exec_permissions[] = {
	[BL_EXEC_EXECUTE] = {.has_rules = true},
	[BL_EXEC_MAP] = {.has_rules = true},
	[BL_EXEC_DRIFT_LAYER] = {.has_setting = true, .setting = BL_SETTING_DRIFT},
	[BL_EXEC_DRIFT_MOUNT] = {true, true, BL_SETTING_DRIFT},
	[BL_EXEC_MEMORY] = {.has_setting = true, .setting = BL_SETTING_MEMORY},
	[BL_EXEC_ANONYMOUS] = {.has_setting = true, .setting = BL_SETTING_ANONYMOUS},
};
_Static_assert(BL_ARRAY_LEN(exec_permissions) == BL_EXEC_COUNT, "a source for every permission");

static bool has_rules(enum bl_section section, unsigned permission)
{
	return section != BL_SECTION_EXEC || exec_permissions[permission].has_rules;
}

static bool has_setting(enum bl_section section, unsigned permission)
{
	return section == BL_SECTION_EXEC && exec_permissions[permission].has_setting;
}

/* Sections with keys of their own say nothing of others: a path is no privilege. */
static bool is_mediated(const struct bl_decider *d, const struct bl_policy *policy,
			enum bl_section section, unsigned permission)
{
	if (!policy->sections[section].is_present ||
	    (section >= BL_SECTION_PROCESS && section != d->key_section))
		return false;
	return !has_setting(section, permission) ||
	       policy->settings[exec_permissions[permission].setting].is_present;
}

static struct saying say_setting(const struct bl_member *member, unsigned permission)
{
	enum bl_setting_key key = exec_permissions[permission].setting;
	const struct bl_setting *setting = &member->policy->settings[key];

	return (struct saying){
		.verdict = setting->verdict,
		.is_logged = setting->is_logged,
		.key = *bl_member_setting_key(member, key),
	};
}

/* Where no rule matches. */
static struct saying say_fallback(const struct bl_member *member, enum bl_section section,
				  unsigned permission)
{
	if (has_setting(section, permission))
		return say_setting(member, permission);
	if (section == BL_SECTION_EXEC && permission == BL_EXEC_MAP)
		return (struct saying){.verdict = BL_VERDICT_ALLOW};
	return (struct saying){
		.verdict = member->policy->sections[section].fallback,
		.is_logged = true,
		.key = *bl_member_section_key(member, section),
	};
}

/*
 * A rule of [exec] is about running. What it denies may not be mapped either, but what it allows to
 * run is not thereby something to record when it is mapped; and what it allows is no drift.
 */
static struct saying say_rule(const struct bl_member *member, const struct bl_origin *origin,
			      enum bl_section section, unsigned permission)
{
	const struct bl_rule *rule = &member->policy->rules[origin->rule];
	struct saying saying = {
		.verdict = origin->is_implied ? BL_VERDICT_ALLOW : rule->verdict,
		.is_logged = rule->is_logged,
		.key = member->keys[origin->rule],
	};

	if (section != BL_SECTION_EXEC || permission == BL_EXEC_EXECUTE)
		return saying;
	if (rule->verdict < BL_VERDICT_DENY)
		saying.verdict = BL_VERDICT_ALLOW;
	else if (has_setting(section, permission))
		return say_setting(member, permission);
	return saying;
}

/* --- choices --- */

static uint8_t flags_of(const struct bl_member *member, const struct saying *saying)
{
	uint8_t flags = 0;

	if (saying->verdict != BL_VERDICT_ALLOW && saying->is_logged)
		flags |= BL_DECISION_RECORD;
	if (saying->verdict >= BL_VERDICT_DENY && member->mode == BL_MODE_AUDIT)
		flags |= BL_DECISION_WOULD;
	return flags;
}

/* by: as in struct bl_choice. The choice is the last one if it has no condition. */
static int add_choice(struct bl_decider *d, const struct bl_member *member,
		      const struct saying *saying, uint8_t by, enum bl_place place)
{
	static const uint8_t place_flags[BL_PLACE_COUNT] = {
		[BL_PLACE_INSIDE] = BL_CHOICE_INSIDE,
		[BL_PLACE_OUTSIDE] = BL_CHOICE_OUTSIDE,
	};
	struct bl_choice choice = {
		.rule = BL_RULE_NONE,
		.verdict = (uint8_t)saying->verdict,
		.flags = flags_of(member, saying) | place_flags[place],
		.by = by,
		.is_last = !by && !place,
	};
	int r;

	r = bl_grow(&d->choices, &d->choices_capacity, d->choices_count + 1);
	if (r < 0)
		return r;
	if (saying->key) {
		r = bl_pool_intern(&d->meanings.keys, &saying->key, sizeof(saying->key),
				   &choice.rule);
		if (r < 0)
			return r;
	}
	d->choices[d->choices_count++] = choice;
	return 0;
}

/* ids: the member's among the matching patterns. */
static int add_choices(struct bl_decider *d, const struct bl_member *member,
		       enum bl_section section, unsigned permission, const uint32_t *ids,
		       size_t count)
{
	unsigned written = section == BL_SECTION_EXEC ? BL_EXEC_EXECUTE : permission;
	uint64_t chosen[BL_PLACE_COUNT] = {0}; /* a bit for each "by" */
	struct saying saying;
	int r;

	for (size_t i = 0; has_rules(section, permission) && i < count; i++) {
		const struct bl_origin *origin = &d->origins[ids[i]];
		uint64_t by = UINT64_C(1) << origin->by;

		if (origin_rule(d, origin)->section != section ||
		    !(origin->permissions >> written & 1) ||
		    (chosen[origin->place] | chosen[BL_PLACE_ANYWHERE]) & by)
			continue;
		saying = say_rule(member, origin, section, permission);
		r = add_choice(d, member, &saying, origin->by, origin->place);
		if (r < 0 || (!origin->by && !origin->place))
			return r;
		chosen[origin->place] |= by;
	}
	saying = say_fallback(member, section, permission);
	return add_choice(d, member, &saying, 0, BL_PLACE_ANYWHERE);
}

/* --- decisions --- */

/* Puts choices of all policies in a row, or the best of them if none has a condition. */
static int settle_choices(struct bl_decider *d, struct bl_decision *ret_decision)
{
	const struct bl_choice *best = d->choices;
	bool is_list = false;
	uint32_t offset;
	int r;

	if (!d->choices_count) {
		*ret_decision = (struct bl_decision){.rule = BL_RULE_NONE};
		return 0;
	}
	for (size_t i = 0; i < d->choices_count; i++) {
		const struct bl_choice *choice = &d->choices[i];

		is_list = is_list || choice->by || BL_CHOICE_PEER(choice->flags);
		if (bl_decision_rank(choice->verdict, choice->flags) >
		    bl_decision_rank(best->verdict, best->flags))
			best = choice;
	}
	if (!is_list) {
		*ret_decision = (struct bl_decision){
			.rule = best->rule,
			.verdict = best->verdict,
			.flags = best->flags,
		};
		return 0;
	}
	if (d->choices_count > UINT16_MAX)
		return -E2BIG;
	r = bl_pool_intern(&d->meanings.choices, d->choices, d->choices_count * sizeof(*best),
			   &offset);
	if (r < 0)
		return r;
	*ret_decision = (struct bl_decision){
		.rule = offset,
		.flags = BL_DECISION_LIST,
		.count = (uint16_t)d->choices_count,
	};
	return 0;
}

/*
 * A program in memory has no path that the rules of [exec] could decide, so it is not run at all
 * where there are such rules, unless all policies that have some say what shall be done. A decision
 * without a rule tells the kernel that one of them does not; an enforced denial needs no others.
 */
static bool is_memory_open(const struct bl_decider *d, const struct bl_decision *decision)
{
	if (decision->verdict >= BL_VERDICT_DENY && !(decision->flags & BL_DECISION_WOULD))
		return false;
	for (size_t i = 0; i < d->members_count; i++) {
		const struct bl_policy *policy = d->members[i]->policy;

		if (policy->sections[BL_SECTION_EXEC].is_present &&
		    !policy->settings[BL_SETTING_MEMORY].is_present)
			return true;
	}
	return false;
}

static int decide(struct bl_decider *d, enum bl_section section, unsigned permission,
		  const uint32_t *ids, size_t count, struct bl_decision *ret_decision)
{
	size_t at = 0;
	int r;

	d->choices_count = 0;
	for (uint32_t member = 0; member < d->members_count; member++) {
		size_t start = at;

		while (at < count && d->origins[ids[at]].member == member)
			at++;
		if (!is_mediated(d, d->members[member]->policy, section, permission))
			continue;
		r = add_choices(d, d->members[member], section, permission, ids + start,
				at - start);
		if (r < 0)
			return r;
	}
	r = settle_choices(d, ret_decision);
	if (r < 0)
		return r;
	if (section == BL_SECTION_EXEC && permission == BL_EXEC_MEMORY &&
	    is_memory_open(d, ret_decision)) {
		*ret_decision = (struct bl_decision){.rule = BL_RULE_NONE};
		d->choices_count = 0;
	}
	return 0;
}

/* --- what is allowed --- */

static bool denies(const struct bl_choice *choice, bool is_would)
{
	return choice->verdict >= BL_VERDICT_DENY &&
	       (is_would || !(choice->flags & BL_DECISION_WOULD));
}

static bool is_about_side(const struct bl_choice *choice, uint64_t side)
{
	uint64_t peer = BL_CHOICE_PEER(choice->flags);

	return !peer || peer == side;
}

/*
 * Every choice is some subject's, that of its "by" alone, or of none; but for those behind one that
 * holds for every subject.
 */
static bool is_allowed_to_all(const struct bl_decider *d, uint64_t side, bool is_would)
{
	bool is_settled = false;

	for (size_t i = 0; i < d->choices_count; i++) {
		const struct bl_choice *choice = &d->choices[i];

		if (!is_settled && is_about_side(choice, side)) {
			if (denies(choice, is_would))
				return false;
			is_settled = !choice->by;
		}
		if (choice->is_last)
			is_settled = false;
	}
	return true;
}

/*
 * Looks for a subject that every policy allows to reach peers on one side, beginning with one that
 * matches all "by" patterns. What denies it it may not match, unless something above allows it;
 * what allows is only ever missed by matching less.
 */
static bool is_allowed_to_any(const struct bl_decider *d, uint64_t side, bool is_would)
{
	uint64_t subject = UINT64_MAX;
	bool has_changed = true;

	while (has_changed) {
		bool is_allowed = false;

		has_changed = false;
		for (size_t i = 0; i < d->choices_count; i++) {
			const struct bl_choice *choice = &d->choices[i];
			uint64_t by = choice->by ? UINT64_C(1) << (choice->by - 1) : 0;
			bool holds = (!by || subject & by) && is_about_side(choice, side);

			if (!denies(choice, is_would)) {
				is_allowed = is_allowed || holds;
			} else if (holds && !is_allowed) {
				if (!by)
					return false;
				subject &= ~by;
				has_changed = true;
			}
			if (choice->is_last)
				is_allowed = false;
		}
	}
	return true;
}

static bool is_silent(const struct bl_decider *d)
{
	for (size_t i = 0; i < d->choices_count; i++)
		if (d->choices[i].verdict != BL_VERDICT_ALLOW)
			return false;
	return true;
}

static void note_side(const struct bl_decider *d, uint64_t side, uint32_t bit,
		      struct bl_beyond *beyond)
{
	beyond->self_any.enforced |= is_allowed_to_any(d, side, false) ? bit : 0;
	beyond->self_any.would |= is_allowed_to_any(d, side, true) ? bit : 0;
	beyond->below_all.enforced |= is_allowed_to_all(d, side, false) ? bit : 0;
	beyond->below_all.would |= is_allowed_to_all(d, side, true) ? bit : 0;
}

static void note_allowed(const struct bl_decider *d, enum bl_section section, unsigned permission,
			 struct bl_beyond *beyond)
{
	uint32_t bit = BL_ASK((unsigned)section, permission);

	note_side(d, BL_BY_INSIDE, bit, beyond);
	if (bit & BL_ASK_REACH)
		note_side(d, BL_BY_OUTSIDE, bit << BL_OUTSIDE_SHIFT, beyond);
	beyond->silent |= is_silent(d) ? bit : 0;
}

/* --- the whole --- */

static int decide_section(struct bl_decider *d, enum bl_section section, const uint32_t *ids,
			  size_t count, struct bl_accept *accept, struct bl_beyond *beyond)
{
	struct bl_decision decisions[BL_PERMISSIONS_MAX] = {0};
	unsigned permissions = bl_permission_count(section);
	int r;

	for (unsigned i = 0; i < permissions; i++) {
		r = decide(d, section, i, ids, count, &decisions[i]);
		if (r < 0)
			return r;
		note_allowed(d, section, i, beyond);
	}
	return bl_pool_intern(&d->meanings.decisions, decisions, permissions * sizeof(*decisions),
			      &accept->decisions[section]);
}

int64_t bl_decider_find(void *context, const uint32_t *ids, size_t count)
{
	struct bl_decider *d = context;
	struct bl_accept accept = {0};
	struct bl_beyond beyond = {0};
	uint32_t offset;
	int r;

	d->key_section = BL_SECTION_COUNT;
	for (; count && d->origins[ids[count - 1]].is_section; count--)
		d->key_section = d->origins[ids[count - 1]].section;
	for (; count && d->origins[ids[count - 1]].is_subject; count--)
		beyond.by |= UINT64_C(1) << (d->origins[ids[count - 1]].by - 1);
	for (unsigned section = 0; section < BL_SECTION_COUNT; section++) {
		r = decide_section(d, (enum bl_section)section, ids, count, &accept, &beyond);
		if (r < 0)
			return r;
	}
	beyond.below_any = beyond.self_any;
	r = bl_pool_intern(&d->meanings.beyonds, &beyond, sizeof(beyond), &accept.beyond);
	if (r < 0)
		return r;
	r = bl_pool_intern(&d->meanings.accepts, &accept, sizeof(accept), &offset);
	return r < 0 ? r : (int64_t)(offset / sizeof(accept));
}
