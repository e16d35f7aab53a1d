// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/query.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/evaluate.h"
#include "enforcer/facility.h"
#include "enforcer/policy_address.h"
#include "enforcer/util.h"
#include "enforcer/words.h"

static const char *const operations[] = {
	"exec",        "read",   "write",     "create", "delete",    "attr",       "map",  "drift",
	"drift-mount", "memory", "anonymous", "rename", "link",      "connect",    "bind", "listen",
	"accept",      "send",   "ptrace",    "signal", "privilege", "capability",
};

#define FILE_ASK(which)                                                                            \
	{                                                                                          \
		.section = BL_SECTION_FILE, .permission = BL_FILE_##which                          \
	}
#define EXEC_ASK(which)                                                                            \
	{                                                                                          \
		.section = BL_SECTION_EXEC, .permission = BL_EXEC_##which                          \
	}
#define NETWORK_ASK(which)                                                                         \
	{                                                                                          \
		.section = BL_SECTION_NETWORK, .permission = BL_NETWORK_##which                    \
	}

#define USE_ASK(which)                                                                             \
	{                                                                                          \
		.section = BL_SECTION_##which, .permission = BL_USE                                \
	}

/* What each operation asks of how many paths. */
static const struct {
	unsigned paths;
	size_t asks_count;
	struct bl_query_ask asks[BL_QUERY_ASKS_MAX];
} targets[] = {
	{1, 1, {EXEC_ASK(EXECUTE)}},
	{1, 1, {FILE_ASK(READ)}},
	{1, 1, {FILE_ASK(WRITE)}},
	{1, 1, {FILE_ASK(CREATE)}},
	{1, 1, {FILE_ASK(DELETE)}},
	{1, 1, {FILE_ASK(ATTR)}},
	{1, 2, {FILE_ASK(MAP), EXEC_ASK(MAP)}},
	{1, 1, {EXEC_ASK(DRIFT_LAYER)}},
	{1, 1, {EXEC_ASK(DRIFT_MOUNT)}},
	{1, 1, {EXEC_ASK(MEMORY)}},
	{0, 1, {EXEC_ASK(ANONYMOUS)}},
	{2, 2, {{BL_SECTION_FILE, BL_FILE_DELETE, true}, FILE_ASK(CREATE)}},
	{2, 1, {FILE_ASK(CREATE)}},
	{0, 1, {NETWORK_ASK(CONNECT)}},
	{0, 1, {NETWORK_ASK(BIND)}},
	{0, 1, {NETWORK_ASK(LISTEN)}},
	{0, 1, {NETWORK_ASK(ACCEPT)}},
	{0, 1, {NETWORK_ASK(SEND)}},
	{0, 1, {USE_ASK(PROCESS)}},
	{0, 1, {USE_ASK(PROCESS)}},
	{0, 1, {USE_ASK(PRIVILEGE)}},
	{0, 1, {USE_ASK(CAPABILITY)}},
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

static int parse_path(const char *path, size_t word, struct bl_query_key *key,
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
	if (len >= sizeof(key->bytes))
		return refuse(error, word, "the path has %zu bytes: expected at most %zu", len,
			      sizeof(key->bytes) - 1);

	memcpy(key->bytes, path, len);
	key->len = len;
	return 0;
}

static int parse_unix(const char *name, size_t word, struct bl_query_key *key,
		      struct bl_query_error *error)
{
	size_t len = strlen(name);

	if (*name != '@')
		return parse_path(name, word, key, error);
	if (len == 1 || len >= BL_UNIX_PATH_MAX)
		return refuse(error, word, "the abstract name has %zu bytes: expected 1 to %d",
			      len - 1, BL_UNIX_PATH_MAX - 2);
	memcpy(key->bytes, name, len);
	key->len = len;
	return 0;
}

static bool has_ports(enum bl_network_protocol protocol)
{
	return protocol != BL_NETWORK_ICMP && protocol != BL_NETWORK_RAW;
}

static const char *address_form(enum bl_network_protocol protocol)
{
	return has_ports(protocol) ? "ADDRESS:PORT" : "ADDRESS";
}

static int parse_address(const char *text, size_t word, enum bl_network_protocol protocol,
			 struct bl_query *query, struct bl_query_error *error)
{
	enum bl_protocol number = (enum bl_protocol)bl_network_protocol_kind(protocol);
	unsigned permission = query->asks[0].permission;
	struct bl_address_error wrong;
	struct bl_endpoint endpoint;
	struct bl_net *net = &endpoint.net;
	uint16_t port;

	if (bl_endpoint_parse(text, &endpoint, &wrong) < 0)
		return refuse(error, word, "%s", wrong.message);
	if (endpoint.is_any || endpoint.set || net->prefix_len != (net->is_ipv6 ? 128 : 32) ||
	    endpoint.has_port != has_ports(protocol) ||
	    (endpoint.has_port && endpoint.port_low != endpoint.port_high))
		return refuse(error, word, "'%s' is not one address: expected %s", text,
			      address_form(protocol));

	port = endpoint.has_port ? endpoint.port_low : 0;
	if (permission == BL_NETWORK_CONNECT || permission == BL_NETWORK_SEND)
		bl_net_resolve_target(net);
	query->key.len = net->is_ipv6 ? bl_key_inet6(query->key.bytes, number, net->address, port)
				      : bl_key_inet4(query->key.bytes, number, net->address, port);
	return 0;
}

/* "any" is no protocol that a socket has. */
static struct bl_words list_protocols(const char *names[BL_NETWORK_PROTOCOL_COUNT])
{
	_Static_assert(BL_NETWORK_ANY == BL_NETWORK_PROTOCOL_COUNT - 1, "any is the last");
	for (int i = 0; i < BL_NETWORK_ANY; i++)
		names[i] = bl_network_protocol_name((enum bl_network_protocol)i);
	return (struct bl_words){names, BL_NETWORK_ANY};
}

/* Takes where the peer is off the end. No path and no abstract name is such a word. */
static void take_peer(const char *const *words, size_t *count, struct bl_query *query)
{
	if (*count < 3 || query->asks[0].permission == BL_NETWORK_CREATE)
		return;
	if (!strcmp(words[*count - 1], "inside"))
		query->peer = BL_BY_INSIDE;
	if (!strcmp(words[*count - 1], "outside"))
		query->peer = BL_BY_OUTSIDE;
	*count -= query->peer != 0;
}

/* An address, a path or a name, if the protocol has them; without, the socket itself. */
static int parse_object(const char *const *words, size_t count, enum bl_network_protocol protocol,
			struct bl_query *query, struct bl_query_error *error)
{
	uint8_t kind = bl_network_protocol_kind(protocol);
	bool is_create = query->asks[0].permission == BL_NETWORK_CREATE;
	bool is_unix = protocol == BL_NETWORK_UNIX;
	bool has_address = kind < BL_PROTOCOL_COUNT && protocol != BL_NETWORK_OTHER;

	if (is_unix)
		take_peer(words, &count, query);
	if (count > 3)
		return refuse(error, 3, "unexpected '%s': expected one object", words[3]);
	if (count > 2 && is_create)
		return refuse(error, 2, "unexpected '%s': create has no address", words[2]);
	if (count > 2 && is_unix)
		return parse_unix(words[2], 2, &query->key, error);
	if (count > 2 && has_address)
		return parse_address(words[2], 2, protocol, query, error);
	if (count > 2)
		return refuse(error, 2, "unexpected '%s': %s has no addresses here", words[2],
			      words[1]);
	if (has_address && !is_create)
		return refuse(error, count, "no address: expected %s", address_form(protocol));
	query->key.len = bl_key_socket(query->key.bytes, kind);
	return 0;
}

static int parse_network(const char *const *words, size_t count, struct bl_query *query,
			 struct bl_query_error *error)
{
	const char *names[BL_NETWORK_PROTOCOL_COUNT];
	struct bl_words protocols = list_protocols(names);
	char expected[BL_EXPECTED_MAX];
	int protocol;

	if (count < 2)
		return refuse(error, count, "no protocol: %s",
			      bl_words_expected(expected, protocols, ""));
	protocol = bl_words_find(protocols, words[1]);
	if (protocol < 0)
		return refuse(error, 1,
			      query->asks[0].permission == BL_NETWORK_CREATE
				      ? "'%s' is no path and no protocol: %s"
				      : "unknown protocol '%s': %s",
			      words[1], bl_words_expected(expected, protocols, words[1]));
	return parse_object(words, count, (enum bl_network_protocol)protocol, query, error);
}

static int parse_relation(const char *const *words, struct bl_query *query,
			  struct bl_query_error *error)
{
	static const char *const relations[] = {"inside", "outside"};
	char expected[BL_EXPECTED_MAX];
	int relation = bl_words_find(BL_WORDS(relations), words[1]);

	_Static_assert(BL_ARRAY_LEN(relations) == BL_RELATION_COUNT, "a word for every relation");
	if (relation < 0)
		return refuse(error, 1, "unknown relation '%s': %s", words[1],
			      bl_words_expected(expected, BL_WORDS(relations), words[1]));
	query->key.len = bl_key_process(
		query->key.bytes, strcmp(words[0], "ptrace") ? BL_ACCESS_SIGNAL : BL_ACCESS_PTRACE,
		(enum bl_relation)relation);
	return 0;
}

static int parse_facility(const char *const *words, struct bl_query *query,
			  struct bl_query_error *error)
{
	enum bl_section section = query->asks[0].section;
	char expected[BL_EXPECTED_MAX];
	int number = bl_facility_find(section, words[1]);

	if (number < 0)
		return refuse(error, 1, "unknown %s '%s': %s", words[0], words[1],
			      bl_facility_expected(expected, section, words[1]));
	if (number == BL_FACILITY_ALL)
		return refuse(error, 1, "'all' is not one %s", words[0]);
	query->key.len = section == BL_SECTION_PRIVILEGE
				 ? bl_key_privilege(query->key.bytes, (unsigned)number)
				 : bl_key_capability(query->key.bytes, (unsigned)number);
	return 0;
}

/* "ptrace RELATION", "privilege NAME" and the like. */
static int parse_word(const char *const *words, size_t count, struct bl_query *query,
		      struct bl_query_error *error)
{
	bool is_process = query->asks[0].section == BL_SECTION_PROCESS;

	if (count < 2)
		return refuse(error, count, "nothing after '%s': expected %s", words[0],
			      is_process ? "inside or outside" : "one word");
	if (count > 2)
		return refuse(error, 2, "unexpected '%s': expected one word", words[2]);
	return is_process ? parse_relation(words, query, error)
			  : parse_facility(words, query, error);
}

/* "create PROTOCOL", not "create PATH". */
static bool is_socket_made(const char *const *words, size_t count)
{
	return count > 1 && !strcmp(words[0], "create") && *words[1] != '/';
}

static int parse_by(const char *exe, size_t word, struct bl_query *query,
		    struct bl_query_error *error)
{
	if (*exe != '/')
		return refuse(error, word, "'%s' is no path of an executable", exe);
	return parse_path(exe, word, &query->by, error);
}

int bl_query_set_by(struct bl_query *query, const char *exe, struct bl_query_error *reterr_error)
{
	return parse_by(exe, 0, query, reterr_error);
}

/* Takes "by EXE" off the end. No object is called "by". */
static int take_by(const char *const *words, size_t *count, struct bl_query *query,
		   struct bl_query_error *error)
{
	query->by.len = 0;
	for (size_t i = 1; i < *count; i++) {
		if (strcmp(words[i], "by") != 0)
			continue;
		if (i + 1 == *count)
			return refuse(error, i, "no executable after 'by'");
		if (i + 2 < *count)
			return refuse(error, i + 2, "unexpected '%s': expected one executable",
				      words[i + 2]);
		*count = i;
		return parse_by(words[i + 1], i + 1, query, error);
	}
	return 0;
}

static int parse_paths(const char *const *words, size_t count, unsigned paths,
		       struct bl_query *query, struct bl_query_error *error)
{
	static const char *const expected[] = {"nothing", "one path", "two paths"};
	int r = 0;

	if (count <= paths)
		return refuse(error, count, "no path after '%s'", words[count - 1]);
	if (count > paths + 1)
		return refuse(error, paths + 1, "unexpected '%s': expected %s", words[paths + 1],
			      expected[paths]);
	query->old.len = 0;
	if (!paths) {
		/* The answer is the same for every path. */
		query->key.bytes[0] = '/';
		query->key.len = 1;
		return 0;
	}
	if (paths > 1)
		r = parse_path(words[1], 1, &query->old, error);
	return r < 0 ? r : parse_path(words[paths], paths, &query->key, error);
}

int bl_query_parse(const char *const *words, size_t count, struct bl_query *ret_query,
		   struct bl_query_error *reterr_error)
{
	char expected[BL_EXPECTED_MAX];
	int operation, r;

	if (!count)
		return refuse(reterr_error, 0, "no operation: %s",
			      bl_words_expected(expected, BL_WORDS(operations), ""));
	operation = bl_words_find(BL_WORDS(operations), words[0]);
	if (operation < 0)
		return refuse(reterr_error, 0, "unknown operation '%s': %s", words[0],
			      bl_words_expected(expected, BL_WORDS(operations), words[0]));

	r = take_by(words, &count, ret_query, reterr_error);
	if (r < 0)
		return r;
	ret_query->asks_count = targets[operation].asks_count;
	memcpy(ret_query->asks, targets[operation].asks, sizeof(ret_query->asks));
	ret_query->old.len = 0;
	ret_query->peer = 0;
	if (is_socket_made(words, count))
		ret_query->asks[0] = (struct bl_query_ask)NETWORK_ASK(CREATE);
	switch (ret_query->asks[0].section) {
	case BL_SECTION_NETWORK:
		return parse_network(words, count, ret_query, reterr_error);
	case BL_SECTION_PROCESS:
	case BL_SECTION_PRIVILEGE:
	case BL_SECTION_CAPABILITY:
		return parse_word(words, count, ret_query, reterr_error);
	case BL_SECTION_EXEC:
	case BL_SECTION_FILE:
	case BL_SECTION_COUNT:
		break;
	}
	return parse_paths(words, count, targets[operation].paths, ret_query, reterr_error);
}

/* --- answers --- */

struct asking {
	const struct bl_generation *generation;
	const struct bl_compiled_profile *profile;
	uint64_t by;
	struct bl_answer answer;
	unsigned rank; /* of the answer so far, which is none while has_answer is false */
	bool has_answer;
};

static struct bl_beyond find_beyond(const struct asking *asking, const struct bl_query_key *key)
{
	return bl_evaluate_beyond(asking->profile->table, asking->profile->table_bytes, key->bytes,
				  key->len);
}

static struct bl_decided decide(const struct asking *asking, const struct bl_query_key *key,
				const struct bl_query_ask *ask)
{
	return bl_evaluate(asking->profile->table, asking->profile->table_bytes, key->bytes,
			   key->len, ask->section, ask->permission, asking->by);
}

static void take_answer(struct asking *asking, const struct bl_query_ask *ask,
			const struct bl_decided *decided, bool is_alias)
{
	/* Of equals the one that a rule decided. */
	unsigned rank = bl_decision_rank((uint8_t)decided->verdict, decided->flags) * 2 +
			(decided->rule_key != 0);

	if (asking->has_answer && rank <= asking->rank)
		return;
	asking->has_answer = true;
	asking->rank = rank;
	asking->answer = (struct bl_answer){
		.verdict = decided->verdict,
		.is_recorded = decided->flags & BL_DECISION_RECORD,
		.is_would = decided->flags & BL_DECISION_WOULD,
		.rule = bl_generation_find_rule(asking->generation, decided->rule_key),
		.ask = *ask,
		.is_alias = is_alias,
		.is_mediated = asking->profile->profile.mode[ask->section] != BL_MODE_OFF,
	};
}

/* What of one permission the new name gives and the old one does not, of peers on one side. */
static void ask_gain(struct asking *asking, const struct bl_query *query,
		     const struct bl_query_ask *ask, uint64_t side, uint32_t bit)
{
	struct bl_allowed given = find_beyond(asking, &query->key).self_any;
	uint64_t by = asking->by;
	struct bl_decided decided;

	asking->by |= side;
	decided = decide(asking, &query->old, ask);
	asking->by = by;
	if (decided.verdict >= BL_VERDICT_DENY &&
	    (decided.flags & BL_DECISION_WOULD ? given.would : given.enforced) & bit)
		take_answer(asking, ask, &decided, true);
}

/*
 * What the new name gives to anybody is asked of the old one. Where audit mode would deny it at
 * both, nothing is gained that would be denied.
 */
static void ask_alias(struct asking *asking, const struct bl_query *query)
{
	for (unsigned section = 0; section < BL_SECTION_COUNT; section++)
		for (unsigned i = 0; i < bl_permission_count((enum bl_section)section); i++) {
			struct bl_query_ask ask = {(enum bl_section)section, i, true};
			uint32_t bit = BL_ASK(section, i);

			ask_gain(asking, query, &ask, BL_BY_INSIDE, bit);
			if (bit & BL_ASK_REACH)
				ask_gain(asking, query, &ask, BL_BY_OUTSIDE,
					 bit << BL_OUTSIDE_SHIFT);
		}
}

struct bl_answer bl_query_answer(const struct bl_query *query,
				 const struct bl_generation *generation)
{
	struct asking asking = {.generation = generation, .profile = generation->profiles};

	if (query->by.len)
		asking.by = find_beyond(&asking, &query->by).by;
	asking.by |= query->peer;
	for (size_t i = 0; i < query->asks_count; i++) {
		const struct bl_query_ask *ask = &query->asks[i];
		struct bl_decided decided =
			decide(&asking, ask->is_old ? &query->old : &query->key, ask);

		take_answer(&asking, ask, &decided, false);
	}
	if (query->old.len)
		ask_alias(&asking, query);
	return asking.answer;
}
