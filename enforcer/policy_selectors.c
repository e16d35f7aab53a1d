// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The selector table: cgroup path to profile. Its automaton also tells which combinations of
 * policies there can be at all: those its states mean.
 */
#include "enforcer/policy_compile_parts.h"

#include "enforcer/util.h"

/* A policy's cgroup pattern makes two: the cgroup itself, and what is below it. */
struct origin {
	uint32_t member;
	uint32_t cgroup;
	bool is_own;
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
};

static void selectors_fini(struct selectors *s)
{
	for (size_t i = 0; s->globs && i < s->patterns_count; i++)
		bl_glob_fini(&s->globs[i]);
	free(s->globs);
	free(s->patterns);
	free(s->origins);
	free(s->set);
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

static void add_pattern(struct selectors *s, const struct bl_glob *glob, uint32_t member,
			uint32_t cgroup, bool is_own)
{
	size_t at = s->patterns_count++;

	s->globs[at] = *glob;
	s->patterns[at] = (struct bl_pattern){.glob = &s->globs[at], .group = UINT32_MAX};
	s->origins[at] = (struct origin){.member = member, .cgroup = cgroup, .is_own = is_own};
}

static int add_cgroup(struct selectors *s, uint32_t member, uint32_t cgroup)
{
	const struct bl_policy *policy = s->members[member].policy;
	const char *pattern = policy->cgroups[cgroup];
	const struct bl_source *source = &policy->cgroups_source[cgroup];
	struct bl_glob_error error;
	struct bl_glob own;
	struct bl_glob below;
	int r;

	r = bl_glob_compile(pattern, false, &own, &error);
	if (r == -EINVAL)
		bl_diags_add(s->diags, BL_SEVERITY_ERROR, policy->file, source->line,
			     source->column + (unsigned)error.offset, "\"%s\": %s", pattern,
			     error.message);
	if (r < 0)
		return r;
	add_pattern(s, &own, member, cgroup, true);
	r = make_below(&own, !strcmp(pattern, "/"), &below);
	if (r < 0)
		return r;
	add_pattern(s, &below, member, cgroup, false);
	return 0;
}

static int64_t find_meaning(void *context, const uint32_t *ids, size_t count)
{
	struct selectors *s = context;
	struct bl_selected selected = {0};
	size_t set_bytes = s->set_words * sizeof(*s->set);
	uint32_t offset;
	int r;

	memset(s->set, 0, set_bytes);
	for (size_t i = 0; i < count; i++) {
		const struct origin *origin = &s->origins[ids[i]];

		s->set[origin->member / 64] |= UINT64_C(1) << (origin->member % 64);
		selected.is_own |= origin->is_own;
	}
	if (count) {
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
		const struct bl_source *source = &policy->cgroups_source[origin->cgroup];

		if (is_combinations)
			bl_diags_add(
				s->diags, BL_SEVERITY_ERROR, policy->file, source->line,
				source->column,
				"\"%s\": with the other cgroup patterns it selects more than %u different combinations of policies",
				policy->cgroups[origin->cgroup], BL_PROFILES_PER_GENERATION);
		else
			bl_diags_add(s->diags, BL_SEVERITY_ERROR, policy->file, source->line,
				     source->column, "\"%s\": %s", policy->cgroups[origin->cgroup],
				     error->message);
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
			if (s->set[member / 64] >> (member % 64) & 1)
				made.members[at++] = member;
		made.at[i + 1] = at;
	}
	*ret_combinations = made;
	made = (struct bl_combinations){0};
	return 0;
}

static int prepare(struct selectors *s)
{
	size_t room = 1;
	int r;

	for (size_t i = 0; i < s->count; i++)
		room += s->members[i].policy->cgroups_count * 2;
	s->set_words = s->count / 64 + 1;
	s->set = calloc(s->set_words, sizeof(*s->set));
	s->globs = calloc(room, sizeof(*s->globs));
	s->patterns = calloc(room, sizeof(*s->patterns));
	s->origins = calloc(room, sizeof(*s->origins));
	if (!s->set || !s->globs || !s->patterns || !s->origins)
		return -ENOMEM;
	for (uint32_t i = 0; i < s->count; i++)
		for (uint32_t k = 0; k < s->members[i].policy->cgroups_count; k++) {
			r = add_cgroup(s, i, k);
			if (r < 0)
				return r;
		}
	return 0;
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
