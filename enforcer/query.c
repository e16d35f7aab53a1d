// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/query.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/pattern_match.h"
#include "enforcer/policy_address.h"
#include "enforcer/util.h"
#include "enforcer/words.h"

static const char *const operations[] = {"exec", "read", "write", "connect"};
static const char *const protocols[] = {"tcp", "unix"};

static const struct {
	enum bl_section section;
	unsigned permission;
} targets[] = {
	{BL_SECTION_EXEC, BL_EXEC_EXECUTE},
	{BL_SECTION_FILE, BL_FILE_READ},
	{BL_SECTION_FILE, BL_FILE_WRITE},
	{BL_SECTION_NETWORK, BL_NETWORK_CONNECT},
};
_Static_assert(BL_ARRAY_LEN(targets) == BL_ARRAY_LEN(operations), "a target for every operation");

bool bl_query_is_operation(const char *word)
{
	return bl_words_find(BL_WORDS(operations), word) >= 0;
}

static int refuse(struct bl_query_error *error, size_t word, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static int refuse(struct bl_query_error *error, size_t word, const char *format, ...)
{
	va_list arguments;

	error->word = word;
	va_start(arguments, format);
	vsnprintf(error->message, sizeof(error->message), format, arguments);
	va_end(arguments);
	return -EINVAL;
}

/* The kernel makes a path up from the names of its components. */
static bool is_kernel_path(const char *path)
{
	const char *component = path + 1;

	if (!strcmp(path, "/"))
		return true;
	for (;;) {
		size_t len = strcspn(component, "/");

		if (!len || (len == 1 && component[0] == '.') ||
		    (len == 2 && component[0] == '.' && component[1] == '.'))
			return false;
		if (!component[len])
			return true;
		component += len + 1;
	}
}

static int parse_path(const char *path, size_t word, size_t size, struct bl_query *query,
		      struct bl_query_error *error)
{
	size_t len = strlen(path);

	if (*path != '/')
		return refuse(error, word, "'%s' is no path: expected one that begins with '/'",
			      path);
	if (!is_kernel_path(path))
		return refuse(
			error, word,
			"'%s' is no path as the kernel names it: expected one without '//', '.', '..' or '/' at the end",
			path);
	if (len >= size)
		return refuse(error, word, "the path has %zu bytes: expected at most %zu", len,
			      size - 1);

	memcpy(query->key, path, len);
	query->key_len = len;
	return 0;
}

static int parse_unix(const char *name, size_t word, struct bl_query *query,
		      struct bl_query_error *error)
{
	size_t len = strlen(name);

	if (*name != '@')
		return parse_path(name, word, sizeof(query->key), query, error);
	if (len == 1 || len >= BL_UNIX_PATH_MAX)
		return refuse(error, word, "the abstract name has %zu bytes: expected 1 to %d",
			      len - 1, BL_UNIX_PATH_MAX - 2);
	memcpy(query->key, name, len);
	query->key_len = len;
	return 0;
}

static int parse_tcp(const char *text, size_t word, struct bl_query *query,
		     struct bl_query_error *error)
{
	struct bl_address_error wrong;
	struct bl_endpoint endpoint;
	struct bl_net *net = &endpoint.net;

	if (bl_endpoint_parse(text, &endpoint, &wrong) < 0)
		return refuse(error, word, "%s", wrong.message);
	if (endpoint.is_any || endpoint.set || net->prefix_len != (net->is_ipv6 ? 128 : 32) ||
	    !endpoint.has_port || endpoint.port_low != endpoint.port_high)
		return refuse(error, word, "'%s' is not one peer: expected ADDRESS:PORT", text);

	bl_net_resolve_target(net);
	query->key_len = net->is_ipv6 ? bl_key_inet6(query->key, BL_PROTOCOL_TCP, net->address,
						     endpoint.port_low)
				      : bl_key_inet4(query->key, BL_PROTOCOL_TCP, net->address,
						     endpoint.port_low);
	return 0;
}

static int parse_connect(const char *const *words, size_t count, struct bl_query *query,
			 struct bl_query_error *error)
{
	char expected[BL_EXPECTED_MAX];
	int protocol;

	if (count < 2)
		return refuse(error, count, "no protocol: %s",
			      bl_words_expected(expected, BL_WORDS(protocols), ""));
	protocol = bl_words_find(BL_WORDS(protocols), words[1]);
	if (protocol < 0)
		return refuse(error, 1, "unknown protocol '%s': %s", words[1],
			      bl_words_expected(expected, BL_WORDS(protocols), words[1]));
	if (count < 3)
		return refuse(error, count, "no peer: expected %s",
			      protocol ? "a path or '@' and a name" : "ADDRESS:PORT");
	if (count > 3)
		return refuse(error, 3, "unexpected '%s': expected one peer", words[3]);
	return protocol ? parse_unix(words[2], 2, query, error)
			: parse_tcp(words[2], 2, query, error);
}

int bl_query_parse(const char *const *words, size_t count, struct bl_query *ret_query,
		   struct bl_query_error *reterr_error)
{
	char expected[BL_EXPECTED_MAX];
	int operation;

	if (!count)
		return refuse(reterr_error, 0, "no operation: %s",
			      bl_words_expected(expected, BL_WORDS(operations), ""));
	operation = bl_words_find(BL_WORDS(operations), words[0]);
	if (operation < 0)
		return refuse(reterr_error, 0, "unknown operation '%s': %s", words[0],
			      bl_words_expected(expected, BL_WORDS(operations), words[0]));

	ret_query->section = targets[operation].section;
	ret_query->permission = targets[operation].permission;
	ret_query->by = NULL;
	if (ret_query->section == BL_SECTION_NETWORK)
		return parse_connect(words, count, ret_query, reterr_error);

	if (count < 2)
		return refuse(reterr_error, count, "no path after '%s'", words[0]);
	if (count > 2)
		return refuse(reterr_error, 2, "unexpected '%s': expected one path", words[2]);
	return parse_path(words[1], 1, sizeof(ret_query->key), ret_query, reterr_error);
}

/* --- answers --- */

static int match_by(const char *pattern, const char *by, bool *ret_is_match)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	int r;

	r = bl_glob_compile(pattern, false, &glob, &error);
	if (r < 0)
		return r;
	r = bl_pattern_match(&glob, by, strlen(by), ret_is_match);
	bl_glob_fini(&glob);
	return r;
}

/* What the label of a task running by would hold: a bit for each of the profile's "by" patterns. */
static int make_mask(const struct bl_compiled_profile *profile, const char *by, uint64_t *ret_mask)
{
	uint64_t mask = 0;

	for (size_t i = 0; by && i < profile->by_count; i++) {
		bool is_match = false;
		int r = match_by(profile->by[i], by, &is_match);

		if (r < 0)
			return r;
		if (is_match)
			mask |= UINT64_C(1) << i;
	}
	*ret_mask = mask;
	return 0;
}

int bl_query_answer(const struct bl_query *query, const struct bl_generation *generation,
		    struct bl_answer *ret_answer)
{
	const struct bl_compiled_profile *profile = generation->profiles;
	struct bl_decided decided;
	uint64_t mask;
	int r;

	r = make_mask(profile, query->by, &mask);
	if (r < 0)
		return r;
	decided = bl_evaluate(profile->table, profile->table_bytes, query->key, query->key_len,
			      query->section, query->permission, mask);
	*ret_answer = (struct bl_answer){
		.verdict = decided.verdict,
		.is_recorded = decided.flags & BL_DECISION_RECORD,
		.is_would = decided.flags & BL_DECISION_WOULD,
		.rule = bl_generation_find_rule(generation, decided.rule_key),
	};
	return 0;
}
