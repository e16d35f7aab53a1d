// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/facility.h"
#include "enforcer/policy_parse.h"
#include "enforcer/util.h"

/* In every section of rules the keys begin with the verdicts, in the order of enum bl_verdict. */
#define VERDICT_KEYS "allow", "audit", "deny", "kill"
#define KEY_DEFAULT  BL_VERDICT_COUNT

static const char *const verdict_keys[] = {VERDICT_KEYS};
_Static_assert(BL_ARRAY_LEN(verdict_keys) == BL_VERDICT_COUNT, "a key for every verdict");

static const char *const rule_keys[] = {VERDICT_KEYS, "default"};
/* Behind the default, those of enum bl_setting_key. */
static const char *const exec_keys[] = {VERDICT_KEYS, "default", "drift", "memory", "anonymous"};
_Static_assert(BL_ARRAY_LEN(exec_keys) == KEY_DEFAULT + 1 + BL_SETTING_COUNT,
	       "a key for every setting");
static const char *const process_keys[] = {"ptrace", "signal"};
_Static_assert(BL_ARRAY_LEN(process_keys) == BL_ACCESS_COUNT, "a key for every access");
#define VALUE_INSIDE BL_VERDICT_COUNT
static const char *const process_values[] = {VERDICT_KEYS, "inside"};
static const char *const default_values[] = {"allow", "deny"};
static const enum bl_verdict default_verdicts[] = {BL_VERDICT_ALLOW, BL_VERDICT_DENY};

/* Groups stand behind the permissions of enum bl_file_permission. */
static const char *const file_permissions[] = {
	"read", "write", "create", "delete", "attr", "map", "modify", "all",
};
#define BIT(n) (1u << (n))
static const uint8_t file_masks[] = {
	BIT(BL_FILE_READ),
	BIT(BL_FILE_WRITE),
	BIT(BL_FILE_CREATE),
	BIT(BL_FILE_DELETE),
	BIT(BL_FILE_ATTR),
	BIT(BL_FILE_MAP),
	BIT(BL_FILE_WRITE) | BIT(BL_FILE_CREATE) | BIT(BL_FILE_DELETE) | BIT(BL_FILE_ATTR),
	BIT(BL_FILE_COUNT) - 1,
};
_Static_assert(BL_ARRAY_LEN(file_masks) == BL_ARRAY_LEN(file_permissions), "a mask for every word");

/* --- statements --- */

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The byte after a word; a backslash makes a blank part of the word. */
static char *find_word_end(char *word)
{
	while (*word && !is_blank(*word)) {
		if (*word == '\\' && word[1])
			word++;
		word++;
	}
	return word;
}

void bl_statement_init(struct bl_statement *statement, const char *section,
		       const struct bl_ini_item *item)
{
	char *p = statement->buffer;
	size_t len;

	*statement = (struct bl_statement){
		.section = section,
		.key = item->key,
		.value = item->value,
		.line = item->line,
		.key_column = item->key_column,
		.value_column = item->value_column,
		.is_logged = true,
	};
	snprintf(statement->buffer, sizeof(statement->buffer), "%s", item->value);
	len = (size_t)snprintf(statement->text, sizeof(statement->text), "%s =", item->key);

	while (statement->count < BL_STATEMENT_WORDS_MAX) {
		struct bl_word *word = &statement->words[statement->count];
		char *end;

		while (is_blank(*p))
			p++;
		if (!*p)
			break;

		end = find_word_end(p);
		word->text = p;
		word->column = item->value_column + (unsigned)(p - statement->buffer);
		statement->count++;
		p = *end ? end + 1 : end;
		*end = '\0';
		if (len < sizeof(statement->text))
			len += (size_t)snprintf(statement->text + len,
						sizeof(statement->text) - len, " %s", word->text);
	}
}

static const struct bl_word *last_word(const struct bl_statement *statement)
{
	return statement->count ? &statement->words[statement->count - 1] : NULL;
}

static bool take_log(struct bl_parser *parser, struct bl_statement *statement)
{
	const struct bl_word *last = last_word(statement);

	for (size_t i = 0; i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];
		bool is_off = !strcmp(word->text, "log=off");

		if (strncmp(word->text, "log=", 4) != 0)
			continue;
		if (!is_off || word != last) {
			bl_parser_error(parser, statement->line, word->column,
					is_off ? "'%s' must be the last word of the rule"
					       : "unknown option '%s': expected log=off",
					word->text);
			return false;
		}
		statement->is_logged = false;
		statement->count--;
	}
	return true;
}

static int take_by(struct bl_parser *parser, struct bl_statement *statement, bool *ret_is_valid)
{
	for (size_t i = 0; i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];
		const struct bl_word *pattern = word + 1;
		size_t behind = statement->count - i - 1;

		if (strcmp(word->text, "by") != 0)
			continue;
		if (behind != 1) {
			bl_parser_error(parser, statement->line,
					behind ? pattern[1].column : word->column,
					behind ? "unexpected '%s': expected one pattern after 'by'"
					       : "nothing after '%s': expected a path pattern",
					behind ? pattern[1].text : word->text);
			*ret_is_valid = false;
			return 0;
		}

		statement->by = pattern->text;
		statement->count = i;
		return bl_parser_check_pattern(parser, statement->line, pattern->column,
					       pattern->text, false, ret_is_valid);
	}
	*ret_is_valid = true;
	return 0;
}

int bl_statement_take_options(struct bl_parser *parser, struct bl_statement *statement,
			      const char *expected, bool *ret_is_valid)
{
	bool is_valid = take_log(parser, statement);
	int r;

	if (is_valid) {
		r = take_by(parser, statement, &is_valid);
		if (r < 0)
			return r;
	}
	if (is_valid && !statement->count) {
		bl_parser_error(parser, statement->line, statement->value_column,
				"nothing to %s: expected %s", statement->key, expected);
		is_valid = false;
	}
	*ret_is_valid = is_valid;
	return 0;
}

/* --- rules --- */

static char *duplicate(const char *text)
{
	return text ? strdup(text) : NULL;
}

int bl_parser_add_rule(struct bl_parser *parser, const struct bl_statement *statement,
		       const struct bl_word *word, const struct bl_rule *rule, const char *pattern)
{
	struct bl_policy *policy = &parser->policy;
	struct bl_rule added = *rule;
	int r;

	r = bl_parser_reserve(&policy->rules, policy->rules_count, sizeof(*policy->rules));
	if (r < 0)
		return r;

	added.is_logged = statement->is_logged;
	added.source = (struct bl_source){.line = statement->line, .column = word->column};
	added.text = strdup(statement->text);
	added.by = duplicate(statement->by);
	added.pattern = duplicate(pattern);
	policy->rules[policy->rules_count++] = added;
	if (!added.text || (statement->by && !added.by) || (pattern && !added.pattern))
		return -ENOMEM;
	return 0;
}

/* Every word from the given one on is a path pattern, and makes a rule. */
static int add_path_rules(struct bl_parser *parser, const struct bl_statement *statement,
			  size_t first, const struct bl_rule *rule)
{
	for (size_t i = first; i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];
		bool is_valid;
		int r;

		r = bl_parser_check_pattern(parser, statement->line, word->column, word->text,
					    false, &is_valid);
		if (r < 0)
			return r;
		if (!is_valid)
			continue;

		r = bl_parser_add_rule(parser, statement, word, rule, word->text);
		if (r < 0)
			return r;
	}
	return 0;
}

int bl_parse_default(struct bl_parser *parser, const struct bl_statement *statement,
		     enum bl_section section)
{
	struct bl_section_policy *target = &parser->policy.sections[section];
	size_t index;
	char *text;

	if (!bl_parser_is_first(parser, statement) ||
	    !bl_parser_find_value(parser, statement, BL_WORDS(default_values), &index))
		return 0;

	text = strdup(statement->text);
	if (!text)
		return -ENOMEM;
	free(target->text);
	target->text = text;
	target->fallback = default_verdicts[index];
	target->source =
		(struct bl_source){.line = statement->line, .column = statement->words[0].column};
	return 0;
}

/* One of the words and nothing else but log=off: a setting is about every subject. */
static bool parse_setting_value(struct bl_parser *parser, struct bl_statement *statement,
				struct bl_words words, size_t *ret_index)
{
	const struct bl_word *word = &statement->words[0];
	char expected[BL_EXPECTED_MAX];
	int index;

	if (!bl_parser_is_first(parser, statement) || !take_log(parser, statement))
		return false;
	index = statement->count ? bl_words_find(words, word->text) : -1;
	if (index < 0) {
		const char *value = statement->count ? word->text : "";

		bl_parser_error(parser, statement->line, statement->value_column,
				"unknown value '%s' of '%s': %s", value, statement->key,
				bl_words_expected(expected, words, value));
		return false;
	}
	if (statement->count > 1) {
		bl_parser_error(parser, statement->line, word[1].column,
				"unexpected '%s': expected log=off or nothing", word[1].text);
		return false;
	}
	*ret_index = (size_t)index;
	return true;
}

static int parse_setting(struct bl_parser *parser, struct bl_statement *statement,
			 struct bl_setting *setting)
{
	size_t verdict;

	if (!parse_setting_value(parser, statement, BL_WORDS(verdict_keys), &verdict))
		return 0;
	setting->text = strdup(statement->text);
	if (!setting->text)
		return -ENOMEM;
	setting->is_present = true;
	setting->is_logged = statement->is_logged;
	setting->verdict = (enum bl_verdict)verdict;
	setting->source =
		(struct bl_source){.line = statement->line, .column = statement->words[0].column};
	return 0;
}

int bl_parse_exec(struct bl_parser *parser, struct bl_statement *statement)
{
	struct bl_rule rule = {.section = BL_SECTION_EXEC, .permissions = BIT(BL_EXEC_EXECUTE)};
	size_t key;
	bool is_valid;
	int r;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(exec_keys), &key))
		return 0;
	if (key == KEY_DEFAULT)
		return bl_parse_default(parser, statement, BL_SECTION_EXEC);
	if (key > KEY_DEFAULT)
		return parse_setting(parser, statement,
				     &parser->policy.settings[key - KEY_DEFAULT - 1]);

	rule.verdict = (enum bl_verdict)key;
	r = bl_statement_take_options(parser, statement, "path patterns", &is_valid);
	return r < 0 || !is_valid ? r : add_path_rules(parser, statement, 0, &rule);
}

/* The words in front of the first pattern. */
static bool parse_file_permissions(struct bl_parser *parser, const struct bl_statement *statement,
				   size_t *ret_first, uint8_t *ret_mask)
{
	char expected[BL_EXPECTED_MAX];
	uint8_t mask = 0;
	size_t i;

	for (i = 0; i < statement->count && !strchr(statement->words[i].text, '/'); i++) {
		const struct bl_word *word = &statement->words[i];
		int index = bl_words_find(BL_WORDS(file_permissions), word->text);

		if (index < 0) {
			bl_parser_error(parser, statement->line, word->column,
					"unknown permission '%s': %s", word->text,
					bl_words_expected(expected, BL_WORDS(file_permissions),
							  word->text));
			return false;
		}
		mask |= file_masks[index];
	}

	if (!i || i == statement->count) {
		const struct bl_word *word = &statement->words[i ? i - 1 : 0];

		bl_parser_error(
			parser, statement->line, word->column,
			i ? "nothing after '%s': expected path patterns"
			  : "no permission in front of '%s': expected read, write and so on",
			word->text);
		return false;
	}
	*ret_first = i;
	*ret_mask = mask;
	return true;
}

int bl_parse_file(struct bl_parser *parser, struct bl_statement *statement)
{
	struct bl_rule rule = {.section = BL_SECTION_FILE};
	size_t key, first;
	bool is_valid;
	int r;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(rule_keys), &key))
		return 0;
	if (key == KEY_DEFAULT)
		return bl_parse_default(parser, statement, BL_SECTION_FILE);

	rule.verdict = (enum bl_verdict)key;
	r = bl_statement_take_options(parser, statement, "permissions and path patterns",
				      &is_valid);
	if (r < 0 || !is_valid ||
	    !parse_file_permissions(parser, statement, &first, &rule.permissions))
		return r;
	return add_path_rules(parser, statement, first, &rule);
}

/* --- sections whose objects are words --- */

/* "inside" is a denial of those outside. */
int bl_parse_process(struct bl_parser *parser, struct bl_statement *statement)
{
	struct bl_rule rule = {.section = BL_SECTION_PROCESS, .permissions = BIT(BL_USE)};
	size_t key, value;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(process_keys), &key) ||
	    !parse_setting_value(parser, statement, BL_WORDS(process_values), &value))
		return 0;
	rule.access = (enum bl_access)key;
	rule.verdict = (enum bl_verdict)value;
	rule.relations = BIT(BL_RELATION_COUNT) - 1;
	if (value == VALUE_INSIDE) {
		rule.verdict = BL_VERDICT_DENY;
		rule.relations = BIT(BL_RELATION_OUTSIDE);
	}
	return bl_parser_add_rule(parser, statement, &statement->words[0], &rule, NULL);
}

static int parse_word_rule(struct bl_parser *parser, struct bl_statement *statement,
			   enum bl_section section, const char *expected_words)
{
	struct bl_rule rule = {.section = section, .permissions = BIT(BL_USE)};
	char expected[BL_EXPECTED_MAX];
	bool is_valid;
	size_t key;
	int r;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(rule_keys), &key))
		return 0;
	if (key == KEY_DEFAULT)
		return bl_parse_default(parser, statement, section);

	rule.verdict = (enum bl_verdict)key;
	r = bl_statement_take_options(parser, statement, expected_words, &is_valid);
	if (r < 0 || !is_valid)
		return r;
	for (size_t i = 0; i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];
		int number = bl_facility_find(section, word->text);

		if (number < 0) {
			bl_parser_error(parser, statement->line, word->column,
					"unknown %s '%s': %s", statement->section, word->text,
					bl_facility_expected(expected, section, word->text));
			continue;
		}
		rule.numbers = number == BL_FACILITY_ALL ? UINT64_MAX : UINT64_C(1) << number;
		r = bl_parser_add_rule(parser, statement, word, &rule, NULL);
		if (r < 0)
			return r;
	}
	return 0;
}

int bl_parse_privilege(struct bl_parser *parser, struct bl_statement *statement)
{
	return parse_word_rule(parser, statement, BL_SECTION_PRIVILEGE, "privileges");
}

int bl_parse_capability(struct bl_parser *parser, struct bl_statement *statement)
{
	return parse_word_rule(parser, statement, BL_SECTION_CAPABILITY, "capabilities");
}

static int add_syscall(struct bl_parser *parser, const struct bl_statement *statement,
		       const struct bl_word *word, enum bl_verdict verdict)
{
	struct bl_syscalls *syscalls = &parser->policy.syscalls;
	int r;

	r = bl_parser_reserve(&syscalls->rules, syscalls->rules_count, sizeof(*syscalls->rules));
	if (r < 0)
		return r;
	syscalls->rules[syscalls->rules_count] = (struct bl_syscall_rule){
		.name = strdup(word->text),
		.verdict = verdict,
		.source = {.line = statement->line, .column = word->column},
	};
	return syscalls->rules[syscalls->rules_count++].name ? 0 : -ENOMEM;
}

/* Names of system calls differ between architectures; only their shape is judged here. */
int bl_parse_syscall(struct bl_parser *parser, struct bl_statement *statement)
{
	static const char shape[] = "abcdefghijklmnopqrstuvwxyz0123456789_";
	size_t key, value;
	int r = 0;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(rule_keys), &key))
		return 0;
	parser->policy.syscalls.is_present = true;
	if (key == KEY_DEFAULT) {
		if (bl_parser_is_first(parser, statement) &&
		    bl_parser_find_value(parser, statement, BL_WORDS(default_values), &value))
			parser->policy.syscalls.fallback = default_verdicts[value];
		return 0;
	}
	if (!statement->count)
		bl_parser_error(parser, statement->line, statement->value_column,
				"nothing to %s: expected names of system calls", statement->key);

	for (size_t i = 0; r == 0 && i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];

		if (word->text[strspn(word->text, shape)])
			bl_parser_error(parser, statement->line, word->column,
					"'%s' is no name of a system call", word->text);
		else
			r = add_syscall(parser, statement, word, (enum bl_verdict)key);
	}
	return r;
}
