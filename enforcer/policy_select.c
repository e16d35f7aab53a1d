// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * [select]: what a policy is for. Different keys have to match all, of a key given again any.
 */
#include "enforcer/policy_parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

static int add_cgroup(struct bl_parser *parser, const struct bl_statement *statement,
		      const struct bl_word *word)
{
	struct bl_policy *policy = &parser->policy;
	int r;

	r = bl_parser_reserve(&policy->cgroups, policy->cgroups_count, sizeof(*policy->cgroups));
	if (r < 0)
		return r;
	r = bl_parser_reserve(&policy->cgroups_source, policy->cgroups_count,
			      sizeof(*policy->cgroups_source));
	if (r < 0)
		return r;

	policy->cgroups[policy->cgroups_count] = strdup(word->text);
	if (!policy->cgroups[policy->cgroups_count])
		return -ENOMEM;
	policy->cgroups_source[policy->cgroups_count++] =
		(struct bl_source){.line = statement->line, .column = word->column};
	return 0;
}

/* The values are no paths: what matches one byte but '/' in a path matches any here. */
static void match_slashes(struct bl_glob *glob)
{
	for (size_t i = 0; i < glob->count; i++) {
		struct bl_byteset set = glob->nodes[i].set;

		bl_byteset_add(&set, '/');
		if (!~(set.bits[0] & set.bits[1] & set.bits[2] & set.bits[3]))
			glob->nodes[i].set = set;
	}
}

static int add_selector(struct bl_parser *parser, const struct bl_statement *statement,
			enum bl_selector_key key, size_t offset)
{
	const struct bl_word *word = &statement->words[0];
	struct bl_policy *policy = &parser->policy;
	struct bl_selector *selector;
	struct bl_glob_error error;
	int r;

	r = bl_parser_reserve(&policy->selectors, policy->selectors_count,
			      sizeof(*policy->selectors));
	if (r < 0)
		return r;
	selector = &policy->selectors[policy->selectors_count];
	*selector = (struct bl_selector){
		.key = key,
		.source = {.line = statement->line, .column = word->column + (unsigned)offset},
	};
	/* Its syntax has been checked. */
	r = bl_glob_compile(word->text + offset, true, &selector->glob, &error);
	if (r < 0)
		return r;
	policy->selectors_count++;
	match_slashes(&selector->glob);
	selector->pattern = strdup(word->text + offset);
	if (!selector->pattern)
		return -ENOMEM;
	if (!offset)
		return 0;
	selector->label = strndup(word->text, offset - 1);
	return selector->label ? 0 : -ENOMEM;
}

/* "key=glob" of a label: the glob begins behind the '='. */
static bool find_label_glob(struct bl_parser *parser, const struct bl_statement *statement,
			    size_t *ret_offset)
{
	const struct bl_word *word = &statement->words[0];
	size_t offset = strcspn(word->text, "=");

	if (!offset || !word->text[offset]) {
		bl_parser_error(parser, statement->line, word->column,
				"'%s' is no label: expected KEY=PATTERN", word->text);
		return false;
	}
	*ret_offset = offset + 1;
	return true;
}

/* A unit is one component of a path. */
static bool check_unit(struct bl_parser *parser, const struct bl_statement *statement)
{
	const struct bl_word *word = &statement->words[0];
	const char *stars = strstr(word->text, "**");
	const char *slash = strchr(word->text, '/');

	if (slash || stars)
		bl_parser_error(
			parser, statement->line,
			word->column + (unsigned)((slash ? slash : stars) - word->text),
			"'%s' is no unit: expected a name such as 'nginx.service', without %s",
			word->text, slash ? "'/'" : "'**'");
	return !slash && !stars;
}

static bool check_one_word(struct bl_parser *parser, const struct bl_statement *statement)
{
	const struct bl_word *word = &statement->words[0];

	if (statement->count != 1)
		bl_parser_error(
			parser, statement->line,
			statement->count ? word[1].column : statement->value_column,
			statement->count
				? "unexpected '%s': expected one pattern; give the key again for another"
				: "no value of '%s': expected a pattern",
			statement->count ? word[1].text : statement->key);
	return statement->count == 1;
}

int bl_parse_select(struct bl_parser *parser, struct bl_statement *statement)
{
	const char *keys[BL_SELECTOR_COUNT + 1];
	const struct bl_word *word = &statement->words[0];
	size_t key;
	size_t offset = 0;
	bool is_cgroup;
	bool is_valid;
	int r;

	for (size_t i = 0; i < BL_SELECTOR_COUNT; i++)
		keys[i] = bl_selector_name((enum bl_selector_key)i);
	keys[BL_SELECTOR_COUNT] = "cgroup";
	if (!bl_parser_find_key(parser, statement, BL_WORDS(keys), &key)) {
		parser->has_selector = true;
		return 0;
	}
	parser->has_host_only =
		key == BL_SELECTOR_HOST && (!parser->has_selector || parser->has_host_only);
	parser->has_selector = true;
	if (!check_one_word(parser, statement))
		return 0;
	if (key == BL_SELECTOR_LABEL && !find_label_glob(parser, statement, &offset))
		return 0;
	if (key == BL_SELECTOR_UNIT && !check_unit(parser, statement))
		return 0;

	is_cgroup = key == BL_SELECTOR_COUNT;
	r = bl_parser_check_pattern(parser, statement->line, word->column + (unsigned)offset,
				    word->text + offset, !is_cgroup, &is_valid);
	if (r < 0 || !is_valid)
		return r;
	return is_cgroup ? add_cgroup(parser, statement, word)
			 : add_selector(parser, statement, (enum bl_selector_key)key, offset);
}
