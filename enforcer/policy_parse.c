// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_parse.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/glob.h"
#include "enforcer/util.h"

#define NAME_MAX_BYTES 64

static int parse_policy(struct bl_parser *parser, struct bl_statement *statement);

/* --- sections --- */

struct bl_section_parser {
	const char *name;
	int (*parse)(struct bl_parser *parser, struct bl_statement *statement);
	enum bl_section model; /* or BL_SECTION_COUNT */
};

static const struct bl_section_parser sections[] = {
	{"policy", parse_policy, BL_SECTION_COUNT},
	{"select", bl_parse_select, BL_SECTION_COUNT},
	{"exec", bl_parse_exec, BL_SECTION_EXEC},
	{"file", bl_parse_file, BL_SECTION_FILE},
	{"network", bl_parse_network, BL_SECTION_NETWORK},
	{"process", bl_parse_process, BL_SECTION_PROCESS},
	{"privilege", bl_parse_privilege, BL_SECTION_PRIVILEGE},
	{"capability", bl_parse_capability, BL_SECTION_CAPABILITY},
	{"syscall", bl_parse_syscall, BL_SECTION_COUNT},
	{"addresses", bl_parse_addresses, BL_SECTION_COUNT},
};

static const struct bl_section_parser *find_section(const char *name)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(sections); i++) {
		if (!strcmp(sections[i].name, name))
			return &sections[i];
	}
	return NULL;
}

/* A section may be given in several pieces; the first header is the one that counts. */
static int enter_model_section(struct bl_parser *parser, const struct bl_section_parser *section,
			       struct bl_source source)
{
	struct bl_section_policy *target = &parser->policy.sections[section->model];

	if (target->is_present)
		return 0;
	if (asprintf(&target->text, "[%s]", section->name) < 0) {
		target->text = NULL;
		return -ENOMEM;
	}
	target->is_present = true;
	target->fallback = BL_VERDICT_ALLOW;
	target->source = source;
	return 0;
}

static int handle_section(void *context, const char *name, struct bl_source source)
{
	struct bl_parser *parser = context;
	const char *names[BL_ARRAY_LEN(sections)];
	char expected[BL_EXPECTED_MAX];

	parser->section = find_section(name);
	if (!parser->section) {
		for (size_t i = 0; i < BL_ARRAY_LEN(sections); i++)
			names[i] = sections[i].name;
		bl_parser_error(parser, source.line, source.column, "unknown section [%s]: %s",
				name, bl_words_expected(expected, BL_WORDS(names), name));
		return 0;
	}

	bl_parser_refuse_unenforced(parser, BL_ELEMENT_SECTION, name, source.line, source.column);
	if (parser->section->model == BL_SECTION_COUNT)
		return 0;
	return enter_model_section(parser, parser->section, source);
}

static int handle_item(void *context, const struct bl_ini_item *item)
{
	struct bl_parser *parser = context;
	struct bl_statement statement;

	if (!parser->section)
		return 0;
	bl_statement_init(&statement, parser->section->name, item);
	return parser->section->parse(parser, &statement);
}

/* --- what all sections need --- */

int bl_parser_reserve(void *items_pointer, size_t count, size_t item_size)
{
	void **items = items_pointer;
	void *grown;

	if (count & (count - 1))
		return 0;
	grown = reallocarray(*items, count ? count * 2 : 1, item_size);
	if (!grown)
		return -ENOMEM;
	*items = grown;
	return 0;
}

bool bl_parser_is_first(struct bl_parser *parser, const struct bl_statement *statement)
{
	struct bl_once *once;

	for (size_t i = 0; i < parser->once_count; i++) {
		once = &parser->once[i];
		if (once->section == statement->section && !strcmp(once->key, statement->key)) {
			bl_parser_error(parser, statement->line, statement->key_column,
					"'%s' is given twice in [%s]: first in line %u",
					statement->key, statement->section, once->line);
			return false;
		}
	}
	if (parser->once_count < BL_ONCE_MAX) {
		once = &parser->once[parser->once_count++];
		once->section = statement->section;
		once->line = statement->line;
		snprintf(once->key, sizeof(once->key), "%s", statement->key);
	}
	return true;
}

bool bl_parser_find_key(struct bl_parser *parser, const struct bl_statement *statement,
			struct bl_words words, size_t *ret_index)
{
	char expected[BL_EXPECTED_MAX];
	int index = bl_words_find(words, statement->key);

	if (index < 0) {
		bl_parser_error(parser, statement->line, statement->key_column,
				"unknown key '%s' in [%s]: %s", statement->key, statement->section,
				bl_words_expected(expected, words, statement->key));
		return false;
	}
	*ret_index = (size_t)index;
	return true;
}

bool bl_parser_find_value(struct bl_parser *parser, const struct bl_statement *statement,
			  struct bl_words words, size_t *ret_index)
{
	char expected[BL_EXPECTED_MAX];
	int index = bl_words_find(words, statement->value);

	if (index < 0) {
		bl_parser_error(parser, statement->line, statement->value_column,
				"unknown value '%s' of '%s': %s", statement->value, statement->key,
				bl_words_expected(expected, words, statement->value));
		return false;
	}
	*ret_index = (size_t)index;
	return true;
}

int bl_parser_check_pattern(struct bl_parser *parser, unsigned line, unsigned column,
			    const char *pattern, bool is_name, bool *ret_is_valid)
{
	struct bl_glob glob;
	struct bl_glob_error error;
	int r;

	if ((*pattern == '#' || *pattern == ';') && !is_name) {
		bl_parser_error(
			parser, line, column,
			"'%s' is no pattern: a comment in a line begins with a blank and ';'",
			pattern);
		*ret_is_valid = false;
		return 0;
	}

	r = bl_glob_compile(pattern, is_name, &glob, &error);
	if (r == -EINVAL) {
		bl_parser_error(parser, line, column + (unsigned)error.offset, "pattern '%s': %s",
				pattern, error.message);
		*ret_is_valid = false;
		return 0;
	}
	if (r < 0)
		return r;
	bl_glob_fini(&glob);
	*ret_is_valid = true;
	return 0;
}

/* --- [policy] --- */

/*
 * Well-formed sequences, table 3-7 of the Unicode standard: the first two bytes decide, others
 * follow.
 */
static const struct {
	unsigned char first_low;
	unsigned char first_high;
	unsigned char second_low;
	unsigned char second_high;
	size_t len;
} utf8_sequences[] = {
	{0x01, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
	{0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
	{0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool is_between(unsigned char byte, unsigned char low, unsigned char high)
{
	return byte >= low && byte <= high;
}

/* 0: malformed. The text ends in a NUL, which is in no sequence. */
static size_t utf8_len(const unsigned char *text)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(utf8_sequences); i++) {
		size_t len = utf8_sequences[i].len;

		if (!is_between(*text, utf8_sequences[i].first_low, utf8_sequences[i].first_high))
			continue;
		if (len > 1 && !is_between(text[1], utf8_sequences[i].second_low,
					   utf8_sequences[i].second_high))
			return 0;
		for (size_t j = 2; j < len; j++) {
			if (!is_between(text[j], 0x80, 0xbf))
				return 0;
		}
		return len;
	}
	return 0;
}

/* Offset of the first byte that is not part of well-formed UTF-8, or the length. */
static size_t find_malformed_utf8(const char *text)
{
	const unsigned char *bytes = (const unsigned char *)text;
	size_t i = 0;

	while (bytes[i]) {
		size_t len = utf8_len(bytes + i);

		if (!len)
			break;
		i += len;
	}
	return i;
}

/* A value that people read: it goes into every record, which is UTF-8. */
static int set_text(struct bl_parser *parser, const struct bl_statement *statement, char **text)
{
	size_t offset = find_malformed_utf8(statement->value);
	char *copy;

	if (statement->value[offset]) {
		bl_parser_error(parser, statement->line, statement->value_column + (unsigned)offset,
				"the %s has byte 0x%02x, which is not UTF-8", statement->key,
				(unsigned char)statement->value[offset]);
		return 0;
	}
	if (!statement->count) {
		bl_parser_error(parser, statement->line, statement->value_column,
				"the %s is empty: expected text", statement->key);
		return 0;
	}

	copy = strdup(statement->value);
	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

static int parse_name(struct bl_parser *parser, const struct bl_statement *statement)
{
	parser->policy.name_source =
		(struct bl_source){.line = statement->line, .column = statement->value_column};

	if (statement->count > 1) {
		bl_parser_error(parser, statement->line, statement->words[1].column,
				"unexpected '%s': expected a name without blanks",
				statement->words[1].text);
		return 0;
	}
	if (strlen(statement->value) > NAME_MAX_BYTES) {
		bl_parser_error(parser, statement->line, statement->value_column,
				"the name has %zu bytes: expected at most %d",
				strlen(statement->value), NAME_MAX_BYTES);
		return 0;
	}
	return set_text(parser, statement, &parser->policy.name);
}

static int parse_policy(struct bl_parser *parser, struct bl_statement *statement)
{
	static const char *const keys[] = {"name", "description", "mode"};
	static const char *const modes[] = {"enforce", "audit", "off"};
	static const enum bl_mode mode_values[] = {BL_MODE_ENFORCE, BL_MODE_AUDIT, BL_MODE_OFF};
	size_t key, mode;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(keys), &key) ||
	    !bl_parser_is_first(parser, statement))
		return 0;
	if (key == 0)
		return parse_name(parser, statement);
	if (key == 1)
		return set_text(parser, statement, &parser->policy.description);
	if (bl_parser_find_value(parser, statement, BL_WORDS(modes), &mode))
		parser->policy.mode = mode_values[mode];
	return 0;
}

/* --- the whole --- */

static void check_whole(struct bl_parser *parser, const struct bl_policies *policies)
{
	const struct bl_policy *policy = &parser->policy;

	if (!policy->name_source.line)
		bl_parser_error(parser, 0, 0,
				"the policy has no name: expected 'name = NAME' in [policy]");
	if (!parser->has_selector && !parser->is_for_run)
		bl_parser_error(
			parser, 0, 0,
			"the policy selects nothing: expected 'cgroup = PATTERN' in [select]");
	else if (parser->has_host_only)
		bl_parser_error(
			parser, 0, 0,
			"the policy selects nothing: 'host' says only where it holds; expected 'cgroup = PATTERN' in [select]");

	for (size_t i = 0; policy->name && i < policies->count; i++) {
		const struct bl_policy *other = &policies->items[i];

		if (other->name && !strcmp(other->name, policy->name))
			bl_parser_error(parser, policy->name_source.line,
					policy->name_source.column,
					"a policy '%s' is already in %s:%u: expected another name",
					policy->name, other->file, other->name_source.line);
	}
}

static int parse(struct bl_parser *parser, const char *text, size_t text_len,
		 const struct bl_policies *policies)
{
	static const struct bl_ini_handler handler = {.section = handle_section,
						      .item = handle_item};
	int r;

	parser->policy.file = strdup(parser->file);
	if (!parser->policy.file)
		return -ENOMEM;

	r = bl_ini_read(text, text_len, parser->file, parser->diags, &handler, parser);
	if (r < 0)
		return r;
	r = bl_parser_resolve_sets(parser);
	if (r < 0)
		return r;
	check_whole(parser, policies);
	return 0;
}

/*
 * The policy is kept whatever is wrong with it, so that the names of all policies are known to the
 * files that follow.
 */
static int parse_and_add(struct bl_parser *parser, const char *text, size_t text_len,
			 struct bl_policies *policies)
{
	size_t errors = parser->diags->errors;
	int r;

	r = bl_parser_reserve(&policies->items, policies->count, sizeof(*policies->items));
	if (r < 0)
		return r;

	r = parse(parser, text, text_len, policies);
	bl_parser_fini_sets(parser);
	policies->items[policies->count++] = parser->policy;
	if (r < 0)
		return r;
	return parser->diags->errors > errors ? -EINVAL : 0;
}

int bl_policy_parse(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		    struct bl_policies *policies)
{
	struct bl_parser parser = {
		.file = file,
		.diags = diags,
		.policy = {.mode = BL_MODE_ENFORCE},
	};

	return parse_and_add(&parser, text, text_len, policies);
}

int bl_policy_parse_whole_language(const char *text, size_t text_len, const char *file,
				   struct bl_diags *diags, struct bl_policies *policies)
{
	struct bl_parser parser = {
		.file = file,
		.diags = diags,
		.is_whole_language = true,
		.policy = {.mode = BL_MODE_ENFORCE},
	};

	return parse_and_add(&parser, text, text_len, policies);
}

int bl_policy_parse_for_run(const char *text, size_t text_len, const char *file,
			    struct bl_diags *diags, struct bl_policies *policies)
{
	struct bl_parser parser = {
		.file = file,
		.diags = diags,
		.is_whole_language = true,
		.is_for_run = true,
		.policy = {.mode = BL_MODE_ENFORCE},
	};

	return parse_and_add(&parser, text, text_len, policies);
}
