// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_match.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/pattern_match.h"
#include "enforcer/util.h"

static bool is_of_container(enum bl_selector_key key)
{
	switch (key) {
	case BL_SELECTOR_CONTAINER:
	case BL_SELECTOR_IMAGE:
	case BL_SELECTOR_LABEL:
	case BL_SELECTOR_POD:
	case BL_SELECTOR_NAMESPACE:
		return true;
	case BL_SELECTOR_UNIT:
	case BL_SELECTOR_HOST:
	case BL_SELECTOR_COUNT:
		break;
	}
	return false;
}

bool bl_policy_needs_container(const struct bl_policy *policy)
{
	for (size_t i = 0; i < policy->selectors_count; i++)
		if (is_of_container(policy->selectors[i].key))
			return true;
	return false;
}

/* --- hosts --- */

int bl_policies_place(struct bl_policies *policies, const char *node)
{
	for (size_t i = 0; i < policies->count; i++) {
		struct bl_policy *policy = &policies->items[i];
		bool is_any = false;
		bool is_here = false;

		for (size_t k = 0; !is_here && k < policy->selectors_count; k++) {
			const struct bl_selector *selector = &policy->selectors[k];
			int r;

			if (selector->key != BL_SELECTOR_HOST)
				continue;
			is_any = true;
			r = bl_pattern_match(&selector->glob, node, strlen(node), &is_here);
			if (r < 0)
				return r;
		}
		policy->is_elsewhere = is_any && !is_here;
	}
	return 0;
}

/* --- paths --- */

int bl_cgroup_is_below(const struct bl_glob *glob, const char *cgroup, bool *ret_is_below)
{
	size_t len = strlen(cgroup);
	bool is_match = false;
	int r;

	/* Of the root everything is below. */
	r = bl_pattern_match(glob, "/", 1, &is_match);
	for (size_t i = 1; r == 0 && !is_match && i <= len; i++)
		if (i == len || cgroup[i] == '/')
			r = bl_pattern_match(glob, cgroup, i, &is_match);
	if (r == 0)
		*ret_is_below = is_match;
	return r;
}

/* Slices within slices, so many at most. */
#define SLICES                                                                                     \
	"{,*.slice/{,*.slice/{,*.slice/{,*.slice/{,*.slice/{,*.slice/{,*.slice/{,*.slice/}}}}}}}}"

int bl_unit_glob(const char *pattern, unsigned tree, struct bl_glob *ret_glob)
{
	/* cg_escape() of systemd puts a '_' in front of what the kernel could mistake. */
	static const char *const trees[] = {
		"/" SLICES "{,_}",
		"/" SLICES "user@*.service/" SLICES "{,_}",
	};
	bl_cleanup_free char *text = NULL;
	struct bl_glob_error error;

	_Static_assert(BL_ARRAY_LEN(trees) == BL_UNIT_TREES, "a pattern for every tree");
	if (asprintf(&text, "%s%s", trees[tree], pattern) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return bl_glob_compile(text, false, ret_glob, &error);
}

static int matches_unit(const struct bl_selector *selector, const char *cgroup, bool *ret_matches)
{
	*ret_matches = false;
	for (unsigned tree = 0; !*ret_matches && tree < BL_UNIT_TREES; tree++) {
		struct bl_glob glob;
		int r = bl_unit_glob(selector->pattern, tree, &glob);

		if (r < 0)
			return r;
		r = bl_cgroup_is_below(&glob, cgroup, ret_matches);
		bl_glob_fini(&glob);
		if (r < 0)
			return r;
	}
	return 0;
}

static int matches_cgroups(const struct bl_policy *policy, const char *cgroup, bool *ret_matches)
{
	*ret_matches = policy->cgroups_count == 0;
	for (size_t i = 0; !*ret_matches && i < policy->cgroups_count; i++) {
		struct bl_glob_error error;
		struct bl_glob glob;
		int r = bl_glob_compile(policy->cgroups[i], false, &glob, &error);

		if (r < 0)
			return r;
		r = bl_cgroup_is_below(&glob, cgroup, ret_matches);
		bl_glob_fini(&glob);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- containers --- */

static const char *find_label(const struct bl_container *container, const char *key)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (strcmp(container->labels[i].key, key) == 0)
			return container->labels[i].value;
	return NULL;
}

static const char *value_of(const struct bl_container *container,
			    const struct bl_selector *selector)
{
	switch (selector->key) {
	case BL_SELECTOR_CONTAINER:
		return container->name;
	case BL_SELECTOR_IMAGE:
		return container->image;
	case BL_SELECTOR_LABEL:
		return find_label(container, selector->label);
	case BL_SELECTOR_POD:
		return container->pod;
	case BL_SELECTOR_NAMESPACE:
		return container->namespace;
	case BL_SELECTOR_UNIT:
	case BL_SELECTOR_HOST:
	case BL_SELECTOR_COUNT:
		break;
	}
	return NULL;
}

static int matches(const struct bl_selector *selector, const struct bl_container *container,
		   const char *cgroup, bool *ret_matches)
{
	const char *value;

	if (selector->key == BL_SELECTOR_UNIT)
		return matches_unit(selector, cgroup, ret_matches);
	value = value_of(container, selector);
	*ret_matches = false;
	return value ? bl_pattern_match(&selector->glob, value, strlen(value), ret_matches) : 0;
}

/* Labels of different keys are different selectors. */
static bool is_same_key(const struct bl_selector *a, const struct bl_selector *b)
{
	return a->key == b->key && (!a->label || strcmp(a->label, b->label) == 0);
}

/* Whether some pattern of the selector's key matches. */
static int matches_key(const struct bl_policy *policy, const struct bl_selector *of,
		       const struct bl_container *container, const char *cgroup, bool *ret_matches)
{
	*ret_matches = false;
	for (size_t i = 0; !*ret_matches && i < policy->selectors_count; i++) {
		int r = 0;

		if (is_same_key(&policy->selectors[i], of))
			r = matches(&policy->selectors[i], container, cgroup, ret_matches);
		if (r < 0)
			return r;
	}
	return 0;
}

int bl_policy_selects(const struct bl_policy *policy, const struct bl_container *container,
		      const char *cgroup, bool *ret_selects)
{
	bool selects = !policy->is_elsewhere;

	for (size_t i = 0; selects && i < policy->selectors_count; i++) {
		int r;

		if (policy->selectors[i].key == BL_SELECTOR_HOST)
			continue;
		r = matches_key(policy, &policy->selectors[i], container, cgroup, &selects);
		if (r < 0)
			return r;
	}
	if (selects) {
		int r = matches_cgroups(policy, cgroup, &selects);

		if (r < 0)
			return r;
	}
	*ret_selects = selects;
	return 0;
}
