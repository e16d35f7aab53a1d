/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the files that parse policy text share. Besides them, policy tests are read by it
 * (policy_test.c), and unit tests reach the whole language through it.
 *
 *	policy_parse.c		sections, [policy]
 *	policy_select.c		[select]
 *	policy_rule.c		statements: words, actions, "by", log=off; sections that are
 *				lists of words
 *	policy_network.c	[network] and [addresses]
 *	policy_address.c	addresses and ports
 *	policy_enforced.c	what of all this has no effect in this version, and is refused by
 *				name
 *
 * The functions return 0 also when the text is wrong, having added a diagnostic; a negative errno
 * is a failure of the machine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/ini_text.h"
#include "enforcer/policy.h"
#include "enforcer/words.h"

/* Every second byte of the longest line may begin a word. */
#define BL_STATEMENT_WORDS_MAX (BL_INI_LINE_MAX / 2 + 1)

struct bl_word {
	const char *text; /* escapes included */
	unsigned column;
};

/* A "key = word word ..." line. Its words point into buffer. */
struct bl_statement {
	const char *section;
	const char *key;
	const char *value; /* as one string */
	unsigned line;
	unsigned key_column;
	unsigned value_column;
	struct bl_word words[BL_STATEMENT_WORDS_MAX];
	size_t count;
	char text[BL_INI_LINE_MAX + 8]; /* "key = word word", white space folded */
	char buffer[BL_INI_LINE_MAX + 1];

	/* taken off the end of words by bl_statement_take_options() */
	const char *by; /* or NULL */
	bool is_logged;
};

struct bl_address_set {
	char *name;
	struct bl_net *nets;
	size_t nets_count;
};

/*
 * A rule about "@name". Sets may stand below the rules that use them, so they are filled in at the
 * end.
 */
struct bl_set_use {
	size_t rule;
	char *name;
	struct bl_source source;
};

/* The keys that may be given once in a file. */
#define BL_ONCE_MAX 32
struct bl_once {
	const char *section;
	char key[16];
	unsigned line;
};

struct bl_section_parser;

struct bl_parser {
	const char *file;
	struct bl_diags *diags;
	bool is_whole_language; /* refuse nothing for having no effect */
	bool is_for_run;        /* nothing need be selected */
	struct bl_policy policy;
	const struct bl_section_parser *section; /* NULL: an unknown one, passed over */
	bool has_selector;
	bool has_host_only; /* of selectors */
	struct bl_once once[BL_ONCE_MAX];
	size_t once_count;
	struct bl_address_set *sets;
	size_t sets_count;
	struct bl_set_use *uses;
	size_t uses_count;
};

/* Adds an error. */
#define bl_parser_error(parser, line, column, ...)                                                 \
	bl_diags_add((parser)->diags, BL_SEVERITY_ERROR, (parser)->file, line, column, __VA_ARGS__)

/* Room for one more item in an array whose size is the power of two at or above count. -ENOMEM. */
int bl_parser_reserve(void *items_pointer, size_t count, size_t item_size)
	__attribute__((warn_unused_result));

/* False, with an error, if the key was given in this section before. */
bool bl_parser_is_first(struct bl_parser *parser, const struct bl_statement *statement);

/*
 * False, with an error that quotes the key and lists the words. *ret_index is the key's index in
 * words.
 */
bool bl_parser_find_key(struct bl_parser *parser, const struct bl_statement *statement,
			struct bl_words words, size_t *ret_index);

/* False, with an error, unless the statement's value is one of the words and nothing else. */
bool bl_parser_find_value(struct bl_parser *parser, const struct bl_statement *statement,
			  struct bl_words words, size_t *ret_index);

/* Checks a pattern's syntax: *ret_is_valid. is_name: it need not begin with '/'. -ENOMEM. */
int bl_parser_check_pattern(struct bl_parser *parser, unsigned line, unsigned column,
			    const char *pattern, bool is_name, bool *ret_is_valid)
	__attribute__((warn_unused_result));

/* --- policy_rule.c --- */

/* Splits the item into words. */
void bl_statement_init(struct bl_statement *statement, const char *section,
		       const struct bl_ini_item *item);

/*
 * Takes "by PATTERN" and "log=off" off the end. *ret_is_valid is false after an error, and when
 * nothing is left in front of them; expected says what should be there.
 */
int bl_statement_take_options(struct bl_parser *parser, struct bl_statement *statement,
			      const char *expected, bool *ret_is_valid)
	__attribute__((warn_unused_result));

/*
 * Adds a rule like the given one, with the statement's text, subject and line, the word's column,
 * and a copy of the pattern if there is one.
 */
int bl_parser_add_rule(struct bl_parser *parser, const struct bl_statement *statement,
		       const struct bl_word *word, const struct bl_rule *rule, const char *pattern)
	__attribute__((warn_unused_result));

/* "default = ..." of one of the model's sections. */
int bl_parse_default(struct bl_parser *parser, const struct bl_statement *statement,
		     enum bl_section section) __attribute__((warn_unused_result));

/* A section's statements. */
int bl_parse_exec(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_file(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_process(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_privilege(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_capability(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_syscall(struct bl_parser *parser, struct bl_statement *statement);

/* --- policy_select.c --- */

int bl_parse_select(struct bl_parser *parser, struct bl_statement *statement);

/* --- policy_network.c --- */

int bl_parse_network(struct bl_parser *parser, struct bl_statement *statement);
int bl_parse_addresses(struct bl_parser *parser, struct bl_statement *statement);

/* Gives rules about "@name" the addresses of the set. */
int bl_parser_resolve_sets(struct bl_parser *parser) __attribute__((warn_unused_result));
void bl_parser_fini_sets(struct bl_parser *parser);

/* --- policy_enforced.c --- */

enum bl_element {
	BL_ELEMENT_SECTION,
	BL_ELEMENT_COUNT,
};

/* Adds an error if the element is valid but has no effect in this version. */
void bl_parser_refuse_unenforced(struct bl_parser *parser, enum bl_element element,
				 const char *word, unsigned line, unsigned column);

/* --- policy_parse.c --- */

/* bl_policy_parse(), but what this version does not enforce is not refused. */
int bl_policy_parse_whole_language(const char *text, size_t text_len, const char *file,
				   struct bl_diags *diags, struct bl_policies *policies)
	__attribute__((warn_unused_result));
