// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector table: cgroup path to profile, for policies that select by nothing else. Its
 * automaton also tells which combinations of these there can be at all: those its states mean.
 */
#include "enforcer/policy_compile_parts.h"

#include "enforcer/policy_match.h"
#include "enforcer/util.h"

/* A pattern of a policy makes two: the cgroup itself, and what is below it. */
struct origin {
	uint32_t member;
	const char *text;
	const struct bl_source *source;
	bool is_own;
	bool is_unit;
};

struct selectors {
	const struct bl_member *members;
	size_t count;
	struct bl_diags *diags;
	struct bl_glob *globs;
	struct bl_pattern *patterns;
	struct origin *origins;
	size_t patterns_count;
	struct bl_meanings meanings; /* accepts only */
	struct bl_pool sets;         /* bit masks of members, set_words each */
	size_t set_words;
	uint64_t *set;
	/* Bit masks likewise: who has to be selected by cgroup, by unit, and is by some state. */
	uint64_t *wants[2];
	uint64_t *has[2];
};

static void selectors_fini(struct selectors *s)
{
	for (size_t i = 0; s->globs && i < s->patterns_count; i++)
		bl_glob_fini(&s->globs[i]);
	free(s->globs);
	free(s->patterns);
	free(s->origins);
	free(s->set);
	for (size_t i = 0; i < BL_ARRAY_LEN(s->wants); i++) {
		free(s->wants[i]);
		free(s->has[i]);
	}
	bl_pool_fini(&s->sets);
	bl_meanings_fini(&s->meanings);
}

void bl_combinations_fini(struct bl_combinations *combinations)
{
	free(combinations->members);
	free(combinations->at);
	*combinations = (struct bl_combinations){0};
}

/* Everything below what own matches; the root's children have no further '/' in front. */
static int make_below(const struct bl_glob *own, bool is_root, struct bl_glob *ret_glob)
{
	size_t count = own->count + (is_root ? 1 : 2);
	struct bl_node *nodes = calloc(count, sizeof(*nodes));
	uint32_t at = (uint32_t)own->count - 1; /* MATCH is last: everything leads there */

	if (!nodes)
		return -ENOMEM;
	memcpy(nodes, own->nodes, own->count * sizeof(*nodes));
	if (!is_root) {
		nodes[at] = (struct bl_node){.op = BL_NODE_BYTES, .next = at + 1};
		bl_byteset_add(&nodes[at++].set, '/');
	}
	nodes[at] = (struct bl_node){.op = BL_NODE_LOOP, .next = at + 1};
	memset(&nodes[at].set, 0xff, sizeof(nodes[at].set));
	nodes[at + 1] = (struct bl_node){.op = BL_NODE_MATCH};
	*ret_glob = (struct bl_glob){.nodes = nodes, .count = count};
	return 0;
}

static void set_bit(uint64_t *mask, uint32_t bit)
{
	mask[bit / 64] |= UINT64_C(1) << (bit % 64);
}

static bool has_bit(const uint64_t *mask, uint32_t bit)
{
	return mask[bit / 64] >> (bit % 64) & 1;
}

/* Takes the glob over. */
static int add_pattern(struct selectors *s, struct bl_glob *glob, struct origin origin)
{
	bool is_root = !strcmp(origin.text, "/");
	struct bl_glob below;
	int r = make_below(glob, is_root, &below);

	if (r < 0) {
		bl_glob_fini(glob);
		return r;
	}
	set_bit(s->wants[origin.is_unit], origin.member);
	for (int is_own = 1; is_own >= 0; is_own--) {
		size_t at = s->patterns_count++;

		s->globs[at] = is_own ? *glob : below;
		s->patterns[at] = (struct bl_pattern){.glob = &s->globs[at], .group = UINT32_MAX};
		s->origins[at] = origin;
		s->origins[at].is_own = is_own;
	}
	return 0;
}

static int add_cgroup(struct selectors *s, uint32_t member, uint32_t cgroup)
{
	const struct bl_policy *policy = s->members[member].policy;
	const char *pattern = policy->cgroups[cgroup];
	const struct bl_source *source = &policy->cgroups_source[cgroup];
	struct bl_glob_error error;
	struct bl_glob own;
	int r;

	r = bl_glob_compile(pattern, false, &own, &error);
	if (r == -EINVAL)
		bl_diags_add(s->diags, BL_SEVERITY_ERROR, policy->file, source->line,
			     source->column + (unsigned)error.offset, "\"%s\": %s", pattern,
			     error.message);
	if (r < 0)
		return r;
	return add_pattern(s, &own,
			   (struct origin){.member = member, .text = pattern, .source = source});
}

static int add_unit(struct selectors *s, uint32_t member, const struct bl_selector *selector)
{
	for (unsigned tree = 0; tree < BL_UNIT_TREES; tree++) {
		struct origin origin = {
			.member = member,
			.text = selector->pattern,
			.source = &selector->source,
			.is_unit = true,
		};
		struct bl_glob own;
		int r = bl_unit_glob(selector->pattern, tree, &own);

		if (r == 0)
			r = add_pattern(s, &own, origin);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_member(struct selectors *s, uint32_t member)
{
	const struct bl_policy *policy = s->members[member].policy;
	int r = 0;

	if (bl_policy_needs_container(policy))
		return 0;
	for (uint32_t i = 0; r == 0 && i < policy->cgroups_count; i++)
		r = add_cgroup(s, member, i);
	for (size_t i = 0; r == 0 && i < policy->selectors_count; i++)
		if (policy->selectors[i].key == BL_SELECTOR_UNIT)
			r = add_unit(s, member, &policy->selectors[i]);
	return r;
}

/* Of a member that selects by both, both have to match. Returns whether anybody is selected. */
static bool select_members(struct selectors *s, const uint32_t *ids, size_t count)
{
	bool is_any = false;

	memset(s->has[0], 0, s->set_words * sizeof(*s->set));
	memset(s->has[1], 0, s->set_words * sizeof(*s->set));
	for (size_t i = 0; i < count; i++) {
		const struct origin *origin = &s->origins[ids[i]];

		set_bit(s->has[origin->is_unit], origin->member);
	}
	for (size_t i = 0; i < s->set_words; i++) {
		s->set[i] = (s->has[0][i] | s->has[1][i]) & (s->has[0][i] | ~s->wants[0][i]) &
			    (s->has[1][i] | ~s->wants[1][i]);
		is_any |= s->set[i] != 0;
	}
	return is_any;
}

static int64_t find_meaning(void *context, const uint32_t *ids, size_t count)
{
	struct selectors *s = context;
	struct bl_selected selected = {0};
	size_t set_bytes = s->set_words * sizeof(*s->set);
	uint32_t offset;
	int r;

	if (select_members(s, ids, count)) {
		for (size_t i = 0; i < count; i++) {
			const struct origin *origin = &s->origins[ids[i]];

			selected.is_own |= origin->is_own && has_bit(s->set, origin->member);
		}
		r = bl_pool_intern(&s->sets, s->set, set_bytes, &offset);
		if (r < 0)
			return r;
		if (s->sets.size > BL_PROFILES_PER_GENERATION * set_bytes)
			return -E2BIG;
		selected.profile = 1 + offset / (uint32_t)set_bytes;
	}
	r = bl_pool_intern(&s->meanings.accepts, &selected, sizeof(selected), &offset);
	return r < 0 ? r : (int64_t)(offset / sizeof(selected));
}

static void refuse(const struct selectors *s, const struct bl_automaton_error *error)
{
	bool is_combinations =
		s->sets.size > BL_PROFILES_PER_GENERATION * s->set_words * sizeof(*s->set);

	for (size_t i = 0; i < error->culprits_count; i++) {
		const struct origin *origin = &s->origins[error->culprits[i]];
		const struct bl_policy *policy = s->members[origin->member].policy;

		if (is_combinations)
			bl_diags_add(
				s->diags, BL_SEVERITY_ERROR, policy->file, origin->source->line,
				origin->source->column,
				"\"%s\": with the other cgroup patterns it selects more than %u different combinations of policies",
				origin->text, BL_PROFILES_PER_GENERATION);
		else
			bl_diags_add(s->diags, BL_SEVERITY_ERROR, policy->file,
				     origin->source->line, origin->source->column, "\"%s\": %s",
				     origin->text, error->message);
	}
}

static int make_combinations(const struct selectors *s, struct bl_combinations *ret_combinations)
{
	size_t set_bytes = s->set_words * sizeof(*s->set);
	bl_cleanup(bl_combinations_fini) struct bl_combinations made = {
		.count = s->count ? s->sets.size / set_bytes : 0,
	};
	size_t at = 0;

	made.members = reallocarray(NULL, made.count * s->count + 1, sizeof(*made.members));
	made.at = calloc(made.count + 1, sizeof(*made.at));
	if (!made.members || !made.at)
		return -ENOMEM;
	for (size_t i = 0; i < made.count; i++) {
		memcpy(s->set, s->sets.bytes + i * set_bytes, set_bytes);
		for (uint32_t member = 0; member < s->count; member++)
			if (has_bit(s->set, member))
				made.members[at++] = member;
		made.at[i + 1] = at;
	}
	*ret_combinations = made;
	made = (struct bl_combinations){0};
	return 0;
}

/* A pattern for itself and one for what is below, of a unit in each tree. */
static size_t count_patterns(const struct bl_policy *policy)
{
	return policy->cgroups_count * 2 + policy->selectors_count * 2 * BL_UNIT_TREES;
}

static int prepare(struct selectors *s)
{
	size_t room = 1;
	int r = 0;

	for (size_t i = 0; i < s->count; i++)
		room += count_patterns(s->members[i].policy);
	s->set_words = s->count / 64 + 1;
	s->set = calloc(s->set_words, sizeof(*s->set));
	s->globs = calloc(room, sizeof(*s->globs));
	s->patterns = calloc(room, sizeof(*s->patterns));
	s->origins = calloc(room, sizeof(*s->origins));
	if (!s->set || !s->globs || !s->patterns || !s->origins)
		return -ENOMEM;
	for (size_t i = 0; i < BL_ARRAY_LEN(s->wants); i++) {
		s->wants[i] = calloc(s->set_words, sizeof(*s->set));
		s->has[i] = calloc(s->set_words, sizeof(*s->set));
		if (!s->wants[i] || !s->has[i])
			return -ENOMEM;
	}
	for (uint32_t i = 0; r == 0 && i < s->count; i++)
		r = add_member(s, i);
	return r;
}

int bl_selectors_compile(const struct bl_member *members, size_t count, struct bl_diags *diags,
			 struct bl_table *ret_table, struct bl_combinations *ret_combinations)
{
	bl_cleanup(selectors_fini) struct selectors s = {
		.members = members,
		.count = count,
		.diags = diags,
	};
	bl_cleanup(bl_automaton_fini) struct bl_automaton automaton = {0};
	bl_cleanup(bl_combinations_fini) struct bl_combinations combinations = {0};
	struct bl_automaton_error error;
	int r;

	r = prepare(&s);
	if (r < 0)
		return r;
	/*
	 * Half of the table is left for meanings; BL_PROFILES_PER_GENERATION keeps them far below
	 * that.
	 */
	r = bl_automaton_build(s.patterns, s.patterns_count, find_meaning, &s,
			       bl_table_cells_max(BL_TABLE_MAX / 2), &automaton, &error);
	if (r == -E2BIG)
		refuse(&s, &error);
	if (r < 0)
		return r;
	r = make_combinations(&s, &combinations);
	if (r < 0)
		return r;
	r = bl_table_write(&automaton, &s.meanings, true, ret_table);
	if (r < 0)
		return r;
	*ret_combinations = combinations;
	combinations = (struct bl_combinations){0};
	return 0;
}
