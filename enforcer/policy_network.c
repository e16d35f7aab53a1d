// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/policy_address.h"
#include "enforcer/policy_parse.h"
#include "enforcer/util.h"

#define BIT(n) (1u << (n))

static const char *const keys[] = {"allow", "audit", "deny", "kill", "default"};
#define KEY_DEFAULT BL_VERDICT_COUNT

/* Who may connect may also send without: it reaches the same peer. */
static const char *const operations[] = {"create", "connect", "bind", "listen",
					 "accept", "send",    "all"};
static const uint8_t operation_masks[] = {
	BIT(BL_NETWORK_CREATE),    BIT(BL_NETWORK_CONNECT) | BIT(BL_NETWORK_SEND),
	BIT(BL_NETWORK_BIND),      BIT(BL_NETWORK_LISTEN),
	BIT(BL_NETWORK_ACCEPT),    BIT(BL_NETWORK_SEND),
	BIT(BL_NETWORK_COUNT) - 1,
};
_Static_assert(BL_ARRAY_LEN(operation_masks) == BL_ARRAY_LEN(operations), "a mask for every word");

/* What the objects of a protocol look like. */
enum shape {
	SHAPE_ANY,   /* "*" only */
	SHAPE_HOST,  /* addresses without ports */
	SHAPE_PORTS, /* addresses with ports */
	SHAPE_UNIX,  /* paths and abstract names */
};

static const enum shape shapes[] = {
	[BL_NETWORK_TCP] = SHAPE_PORTS,      [BL_NETWORK_UDP] = SHAPE_PORTS,
	[BL_NETWORK_ICMP] = SHAPE_HOST,      [BL_NETWORK_RAW] = SHAPE_HOST,
	[BL_NETWORK_PACKET] = SHAPE_ANY,     [BL_NETWORK_NETLINK] = SHAPE_ANY,
	[BL_NETWORK_UNIX] = SHAPE_UNIX,      [BL_NETWORK_VSOCK] = SHAPE_ANY,
	[BL_NETWORK_SCTP] = SHAPE_PORTS,     [BL_NETWORK_ALG] = SHAPE_ANY,
	[BL_NETWORK_XDP] = SHAPE_ANY,        [BL_NETWORK_BLUETOOTH] = SHAPE_ANY,
	[BL_NETWORK_CAN] = SHAPE_ANY,        [BL_NETWORK_TIPC] = SHAPE_ANY,
	[BL_NETWORK_RDS] = SHAPE_ANY,        [BL_NETWORK_KCM] = SHAPE_ANY,
	[BL_NETWORK_QIPCRTR] = SHAPE_ANY,    [BL_NETWORK_KEY] = SHAPE_ANY,
	[BL_NETWORK_PPPOX] = SHAPE_ANY,      [BL_NETWORK_LLC] = SHAPE_ANY,
	[BL_NETWORK_NFC] = SHAPE_ANY,        [BL_NETWORK_PHONET] = SHAPE_ANY,
	[BL_NETWORK_IEEE802154] = SHAPE_ANY, [BL_NETWORK_OTHER] = SHAPE_ANY,
	[BL_NETWORK_ANY] = SHAPE_PORTS,
};
_Static_assert(BL_ARRAY_LEN(shapes) == BL_NETWORK_PROTOCOL_COUNT, "a shape for every protocol");

static struct bl_words protocols(const char *names[BL_NETWORK_PROTOCOL_COUNT])
{
	for (int i = 0; i < BL_NETWORK_PROTOCOL_COUNT; i++)
		names[i] = bl_network_protocol_name((enum bl_network_protocol)i);
	return (struct bl_words){names, BL_NETWORK_PROTOCOL_COUNT};
}

/* "OP ... PROTO": *ret_first is the word behind them. */
static bool parse_operations(struct bl_parser *parser, const struct bl_statement *statement,
			     struct bl_rule *rule, size_t *ret_first)
{
	const char *names[BL_NETWORK_PROTOCOL_COUNT];
	struct bl_words words = protocols(names);
	char expected[BL_EXPECTED_MAX];
	const struct bl_word *word = statement->words;
	const struct bl_word *end = statement->words + statement->count;
	int index;

	for (; word < end; word++) {
		index = bl_words_find(BL_WORDS(operations), word->text);
		if (index < 0)
			break;
		rule->permissions |= operation_masks[index];
	}
	if (word == statement->words) {
		bl_parser_error(parser, statement->line, word->column, "unknown operation '%s': %s",
				word->text,
				bl_words_expected(expected, BL_WORDS(operations), word->text));
		return false;
	}
	if (word == end) {
		bl_parser_error(parser, statement->line, word[-1].column,
				"no protocol after '%s': %s", word[-1].text,
				bl_words_expected(expected, words, ""));
		return false;
	}

	index = bl_words_find(words, word->text);
	if (index < 0) {
		bl_parser_error(parser, statement->line, word->column, "unknown protocol '%s': %s",
				word->text, bl_words_expected(expected, words, word->text));
		return false;
	}
	rule->protocol = (enum bl_network_protocol)index;
	*ret_first = (size_t)(word + 1 - statement->words);
	return true;
}

static int add_any_rule(struct bl_parser *parser, const struct bl_statement *statement,
			const struct bl_word *word, struct bl_rule *rule)
{
	rule->peer = BL_PEER_ANY;
	rule->port_high = UINT16_MAX;
	return bl_parser_add_rule(parser, statement, word, rule, NULL);
}

static enum bl_place find_place(const char *word)
{
	static const char *const words[BL_PLACE_COUNT] = {
		[BL_PLACE_ANYWHERE] = "",
		[BL_PLACE_INSIDE] = "inside",
		[BL_PLACE_OUTSIDE] = "outside",
	};
	int index = bl_words_find(BL_WORDS(words), word);

	return index < 0 ? BL_PLACE_ANYWHERE : (enum bl_place)index;
}

/* "inside" and "outside": who the peer is, which is known when it is reached. */
static int add_place_rule(struct bl_parser *parser, const struct bl_statement *statement,
			  const struct bl_word *word, struct bl_rule *rule, enum bl_place place)
{
	struct bl_rule placed = *rule;

	if (rule->protocol != BL_NETWORK_UNIX) {
		bl_parser_error(
			parser, statement->line, word->column,
			"'%s' is about the peers of unix sockets: expected it after 'unix', not '%s'",
			word->text, bl_network_protocol_name(rule->protocol));
		return 0;
	}
	if (rule->permissions & ~(BIT(BL_NETWORK_CONNECT) | BIT(BL_NETWORK_SEND))) {
		bl_parser_error(parser, statement->line, word->column,
				"'%s' is about the peer: only connect and send have one",
				word->text);
		return 0;
	}
	placed.place = place;
	return add_any_rule(parser, statement, word, &placed);
}

static int add_unix_rule(struct bl_parser *parser, const struct bl_statement *statement,
			 const struct bl_word *word, struct bl_rule *rule)
{
	bool is_abstract = *word->text == '@';
	bool is_valid;
	int r;

	if (*word->text != '/' && (!is_abstract || !word->text[1])) {
		bl_parser_error(
			parser, statement->line, word->column,
			"'%s' is no unix socket: expected a path pattern, '@' and a pattern, inside, outside, or '*'",
			word->text);
		return 0;
	}

	r = bl_parser_check_pattern(parser, statement->line, word->column + is_abstract,
				    word->text + is_abstract, is_abstract, &is_valid);
	if (r < 0 || !is_valid)
		return r;

	rule->peer = is_abstract ? BL_PEER_ABSTRACT : BL_PEER_PATH;
	return bl_parser_add_rule(parser, statement, word, rule, word->text + is_abstract);
}

static int add_set_use(struct bl_parser *parser, const struct bl_statement *statement,
		       const struct bl_word *word, const struct bl_endpoint *endpoint)
{
	struct bl_set_use use = {
		.rule = parser->policy.rules_count - 1,
		.source = {.line = statement->line, .column = word->column},
	};
	int r;

	r = bl_parser_reserve(&parser->uses, parser->uses_count, sizeof(*parser->uses));
	if (r < 0)
		return r;
	use.name = strndup(endpoint->set, endpoint->set_len);
	if (!use.name)
		return -ENOMEM;
	parser->uses[parser->uses_count++] = use;
	return 0;
}

static int set_nets(struct bl_rule *rule, const struct bl_net *nets, size_t count)
{
	rule->nets = calloc(count, sizeof(*nets));
	if (!rule->nets)
		return -ENOMEM;
	memcpy(rule->nets, nets, count * sizeof(*nets));
	rule->nets_count = count;
	return 0;
}

static int add_inet_rule(struct bl_parser *parser, const struct bl_statement *statement,
			 const struct bl_word *word, struct bl_rule *rule)
{
	struct bl_address_error error;
	struct bl_endpoint endpoint;
	int r;

	r = bl_endpoint_parse(word->text, &endpoint, &error);
	if (r < 0) {
		bl_parser_error(parser, statement->line, word->column + (unsigned)error.offset,
				"%s", error.message);
		return 0;
	}
	if (endpoint.has_port && shapes[rule->protocol] != SHAPE_PORTS) {
		bl_parser_error(parser, statement->line, word->column, "'%s': %s has no ports",
				word->text, bl_network_protocol_name(rule->protocol));
		return 0;
	}

	rule->peer = BL_PEER_INET;
	rule->port_low = endpoint.port_low;
	rule->port_high = endpoint.port_high;
	r = bl_parser_add_rule(parser, statement, word, rule, NULL);
	if (r < 0)
		return r;
	if (endpoint.set)
		return add_set_use(parser, statement, word, &endpoint);
	if (endpoint.is_any)
		return 0;
	return set_nets(&parser->policy.rules[parser->policy.rules_count - 1], &endpoint.net, 1);
}

static int add_object(struct bl_parser *parser, const struct bl_statement *statement,
		      const struct bl_word *word, struct bl_rule *rule)
{
	enum bl_place place = find_place(word->text);

	if (!strcmp(word->text, "*"))
		return add_any_rule(parser, statement, word, rule);
	if (place)
		return add_place_rule(parser, statement, word, rule, place);

	switch (shapes[rule->protocol]) {
	case SHAPE_ANY:
		bl_parser_error(parser, statement->line, word->column,
				"%s has no addresses here: expected '*', not '%s'",
				bl_network_protocol_name(rule->protocol), word->text);
		return 0;
	case SHAPE_HOST:
	case SHAPE_PORTS:
		return add_inet_rule(parser, statement, word, rule);
	case SHAPE_UNIX:
		return add_unix_rule(parser, statement, word, rule);
	}
	return 0;
}

int bl_parse_network(struct bl_parser *parser, struct bl_statement *statement)
{
	struct bl_rule rule = {.section = BL_SECTION_NETWORK};
	const struct bl_word *protocol;
	size_t key, first;
	bool is_valid;
	int r;

	if (!bl_parser_find_key(parser, statement, BL_WORDS(keys), &key))
		return 0;
	if (key == KEY_DEFAULT)
		return bl_parse_default(parser, statement, BL_SECTION_NETWORK);

	rule.verdict = (enum bl_verdict)key;
	r = bl_statement_take_options(parser, statement, "an operation, a protocol and addresses",
				      &is_valid);
	if (r < 0 || !is_valid || !parse_operations(parser, statement, &rule, &first))
		return r;

	/* Sockets are created before they have an address. */
	protocol = &statement->words[first - 1];
	if (first == statement->count) {
		if (rule.permissions & BIT(BL_NETWORK_CREATE))
			return add_any_rule(parser, statement, protocol, &rule);
		bl_parser_error(parser, statement->line, protocol->column,
				"nothing after '%s': expected addresses, or '*'", protocol->text);
		return 0;
	}
	if (rule.permissions == BIT(BL_NETWORK_CREATE)) {
		bl_parser_error(parser, statement->line, protocol[1].column,
				"unexpected '%s': create has no address", protocol[1].text);
		return 0;
	}

	for (size_t i = first; i < statement->count; i++) {
		r = add_object(parser, statement, &statement->words[i], &rule);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- sets that every policy has --- */

static const struct bl_net private_nets[] = {
	{.address = {10}, .prefix_len = 8},
	{.address = {172, 16}, .prefix_len = 12},
	{.address = {192, 168}, .prefix_len = 16},
	{.address = {100, 64}, .prefix_len = 10},
	{.address = {0xfc}, .is_ipv6 = 1, .prefix_len = 7},
};
static const struct bl_net loopback_nets[] = {
	{.address = {127}, .prefix_len = 8},
	{.address = {[15] = 1}, .is_ipv6 = 1, .prefix_len = 128},
};
static const struct bl_net link_local_nets[] = {
	{.address = {169, 254}, .prefix_len = 16},
	{.address = {0xfe, 0x80}, .is_ipv6 = 1, .prefix_len = 10},
};
/* Where clouds hand out credentials. */
static const struct bl_net metadata_nets[] = {
	{.address = {169, 254, 169, 254}, .prefix_len = 32},
	{.address = {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54},
	 .is_ipv6 = 1,
	 .prefix_len = 128},
	{.address = {100, 100, 100, 200}, .prefix_len = 32},
	{.address = {192, 0, 0, 192}, .prefix_len = 32},
	{.address = {0xfd, 0x20, 0x00, 0xce, [14] = 0x02, [15] = 0x54},
	 .is_ipv6 = 1,
	 .prefix_len = 128},
};

static const struct shipped_set {
	const char *name;
	const struct bl_net *nets;
	size_t nets_count;
} shipped_sets[] = {
	{"private", private_nets, BL_ARRAY_LEN(private_nets)},
	{"loopback", loopback_nets, BL_ARRAY_LEN(loopback_nets)},
	{"link-local", link_local_nets, BL_ARRAY_LEN(link_local_nets)},
	{"metadata", metadata_nets, BL_ARRAY_LEN(metadata_nets)},
};

static const struct shipped_set *find_shipped(const char *name)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(shipped_sets); i++) {
		if (!strcmp(shipped_sets[i].name, name))
			return &shipped_sets[i];
	}
	return NULL;
}

/* --- [addresses] --- */

static struct bl_address_set *find_set(struct bl_parser *parser, const char *name)
{
	for (size_t i = 0; i < parser->sets_count; i++) {
		if (!strcmp(parser->sets[i].name, name))
			return &parser->sets[i];
	}
	return NULL;
}

static int get_set(struct bl_parser *parser, const char *name, struct bl_address_set **ret_set)
{
	struct bl_address_set *set = find_set(parser, name);
	int r;

	if (!set) {
		r = bl_parser_reserve(&parser->sets, parser->sets_count, sizeof(*parser->sets));
		if (r < 0)
			return r;
		set = &parser->sets[parser->sets_count];
		*set = (struct bl_address_set){.name = strdup(name)};
		if (!set->name)
			return -ENOMEM;
		parser->sets_count++;
	}
	*ret_set = set;
	return 0;
}

int bl_parse_addresses(struct bl_parser *parser, struct bl_statement *statement)
{
	static const char shape[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	struct bl_address_set *set;
	int r;

	if (statement->key[strspn(statement->key, shape)]) {
		bl_parser_error(parser, statement->line, statement->key_column,
				"'%s' is no name of a set: expected letters, digits, '_' and '-'",
				statement->key);
		return 0;
	}
	if (find_shipped(statement->key)) {
		bl_parser_error(parser, statement->line, statement->key_column,
				"the set '@%s' is shipped with bailiff: choose another name",
				statement->key);
		return 0;
	}
	if (!statement->count)
		bl_parser_error(parser, statement->line, statement->value_column,
				"nothing in set '%s': expected addresses", statement->key);

	r = get_set(parser, statement->key, &set);
	if (r < 0)
		return r;

	for (size_t i = 0; i < statement->count; i++) {
		const struct bl_word *word = &statement->words[i];
		struct bl_address_error error;
		struct bl_net net;

		r = bl_net_parse(word->text, strlen(word->text), &net, &error);
		if (r < 0) {
			bl_parser_error(parser, statement->line,
					word->column + (unsigned)error.offset, "%s", error.message);
			continue;
		}
		r = bl_parser_reserve(&set->nets, set->nets_count, sizeof(*set->nets));
		if (r < 0)
			return r;
		set->nets[set->nets_count++] = net;
	}
	return 0;
}

static int resolve_set(struct bl_parser *parser, const struct bl_set_use *use)
{
	struct bl_rule *rule = &parser->policy.rules[use->rule];
	const struct shipped_set *shipped = find_shipped(use->name);
	const struct bl_address_set *set = find_set(parser, use->name);
	const char *names[BL_ARRAY_LEN(shipped_sets) + 1] = {"a key of [addresses]"};
	char expected[BL_EXPECTED_MAX];

	if (shipped)
		return set_nets(rule, shipped->nets, shipped->nets_count);
	if (set)
		return set->nets_count ? set_nets(rule, set->nets, set->nets_count) : 0;

	for (size_t i = 0; i < BL_ARRAY_LEN(shipped_sets); i++)
		names[i + 1] = shipped_sets[i].name;
	bl_parser_error(parser, use->source.line, use->source.column, "unknown set '@%s': %s",
			use->name, bl_words_expected(expected, BL_WORDS(names), use->name));
	return 0;
}

int bl_parser_resolve_sets(struct bl_parser *parser)
{
	for (size_t i = 0; i < parser->uses_count; i++) {
		int r = resolve_set(parser, &parser->uses[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

void bl_parser_fini_sets(struct bl_parser *parser)
{
	for (size_t i = 0; i < parser->sets_count; i++) {
		free(parser->sets[i].name);
		free(parser->sets[i].nets);
	}
	free(parser->sets);
	for (size_t i = 0; i < parser->uses_count; i++)
		free(parser->uses[i].name);
	free(parser->uses);
}
