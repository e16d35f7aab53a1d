// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Random policies against random objects: the compiled table has to say what naive.c says, verdict and
 * deciding rule, for every permission. The same every time; BAILIFF_TEST_SEED and BAILIFF_TEST_PAIRS change that.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "enforcer/evaluate.h"
#include "enforcer/glob.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

#include "model.h"
#include "naive.h"

#define PAIRS           1000000
#define OBJECTS_PER_SET 120
#define POLICIES_MAX    3
#define RULES_MAX       8
#define TEXT_MAX        160

static const char *const by_patterns[] = {"/bin/a", "/bin/?", "/usr/**", "/{bin,usr}/**/a"};
static const char *const subject_paths[] = {"/bin/a", "/bin/b",     "/usr/b", "/usr/x/a",
					    "/a",     "/bin/x/y/a", "/bin",   "/usr"};

/* --- random numbers (splitmix64) --- */

static uint64_t random_state;

static uint64_t next_random(void)
{
	uint64_t z = (random_state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

static unsigned below(unsigned limit)
{
	return (unsigned)(next_random() % limit);
}

static bool chance(unsigned percent)
{
	return below(100) < percent;
}

static uint64_t from_environment(const char *name, uint64_t fallback)
{
	const char *value = getenv(name);

	return value ? strtoull(value, NULL, 0) : fallback;
}

/* --- random patterns --- */

struct text {
	char bytes[TEXT_MAX];
	size_t len;
};

static void put(struct text *text, const char *piece)
{
	size_t len = strlen(piece);

	if (text->len + len >= sizeof(text->bytes))
		return;
	memcpy(text->bytes + text->len, piece, len + 1);
	text->len += len;
}

static char random_byte(void)
{
	static const char common[] = "aaabbbcc.xyz";
	static const char odd[] = "-]^ ,}\x01\x7f\x80\xff~A0";

	return chance(92) ? common[below(sizeof(common) - 1)] : odd[below(sizeof(odd) - 1)];
}

static void put_literal(struct text *text)
{
	static const char special[] = "*?[]{},\\";
	char byte = chance(95) ? random_byte() : special[below(sizeof(special) - 1)];

	put(text, (char[]){strchr(special, byte) ? '\\' : byte, strchr(special, byte) ? byte : '\0',
			   '\0'});
}

static void put_class(struct text *text)
{
	static const char *const classes[] = {
		"[ab]", "[a-c]",     "[^a]",     "[^a-b]",      "[]a]",  "[^]]", "[-a]",
		"[a-]", "[\\]\\-x]", "[a-bx-z]", "[\x80-\xff]", "[.-0]", "[^^]", "[+--]",
	};

	put(text, classes[below(BL_ARRAY_LEN(classes))]);
}

static void put_component(struct text *text, unsigned depth);

static void put_braces(struct text *text, unsigned depth)
{
	static const char *const separators[] = {"/", "/**/", ""};
	unsigned alternatives = 1 + below(3);

	put(text, "{");
	for (unsigned i = 0; i < alternatives; i++) {
		if (i)
			put(text, ",");
		if (chance(15))
			continue;
		if (chance(20))
			put(text, chance(50) ? "/" : "**/");
		put_component(text, depth + 1);
		if (chance(25)) {
			put(text, separators[below(BL_ARRAY_LEN(separators))]);
			put_component(text, depth + 1);
		}
		if (chance(10))
			put(text, "/");
	}
	put(text, "}");
}

/* Two stars of different tokens must not come to stand next to each other as one run. */
static void put_star(struct text *text, const char *star)
{
	if (text->len && text->bytes[text->len - 1] == '*')
		put(text, "b");
	put(text, star);
}

static void put_component(struct text *text, unsigned depth)
{
	unsigned pieces = 1 + below(3);

	if (chance(12)) {
		put_star(text, "**");
		return;
	}
	for (unsigned i = 0; i < pieces; i++) {
		unsigned kind = below(100);

		if (kind < 62)
			put_literal(text);
		else if (kind < 75)
			put_star(text, "*");
		else if (kind < 81)
			put(text, "?");
		else if (kind < 87)
			put_class(text);
		else if (kind < 90)
			put_star(text, "**");
		else if (depth < 2)
			put_braces(text, depth);
	}
}

/* What was made before, so that rules begin alike and hide parts of each other. */
static struct text recent[8];

static void put_components(struct text *text, bool is_name)
{
	unsigned components = 1 + below(4);

	for (unsigned i = 0; i < components; i++) {
		if (text->len || !is_name)
			put(text, "/");
		put_component(text, 0);
	}
}

/* The beginning of a recent one, up to a '/' that is in no braces; or nothing. */
static void put_beginning(struct text *text, bool is_name)
{
	const struct text *from = &recent[below(BL_ARRAY_LEN(recent))];
	size_t end = 0;

	if (from->len && (from->bytes[0] == '/') == is_name)
		return;
	for (size_t i = 0; i < from->len && !strchr("{\\[", from->bytes[i]); i++)
		if (from->bytes[i] == '/' && chance(60))
			end = i;
	memcpy(text->bytes, from->bytes, end);
	text->len = end;
	text->bytes[end] = '\0';
}

static void make_pattern(struct text *text, bool is_name)
{
	*text = (struct text){0};
	if (chance(50))
		put_beginning(text, is_name);
	if (text->len && chance(35))
		put(text, "/**");
	else
		put_components(text, is_name);
	/* Overlong ones are cut, perhaps inside braces: then try again. */
	if (text->len > TEXT_MAX - 8)
		make_pattern(text, is_name);
	recent[below(BL_ARRAY_LEN(recent))] = *text;
}

/* --- random objects --- */

struct key {
	uint8_t bytes[512];
	size_t len;
};

static void push(struct key *key, uint8_t byte)
{
	if (key->len < sizeof(key->bytes))
		key->bytes[key->len++] = byte;
}

static void push_any(struct key *key, bool has_slashes)
{
	for (unsigned count = below(4); count; count--)
		push(key, has_slashes && chance(30) ? '/' : (uint8_t)random_byte());
}

static uint8_t byte_of_class(const struct naive_token *token)
{
	for (unsigned tries = 0; tries < 64; tries++) {
		uint8_t byte = chance(50) ? (uint8_t)random_byte() : (uint8_t)below(256);

		if (byte && naive_class_has(token, byte))
			return byte;
	}
	return 'a';
}

/* Something the variant matches. */
static void make_match(const struct naive_variant *variant, struct key *key)
{
	key->len = 0;
	for (size_t i = 0; i < variant->count; i++) {
		const struct naive_token *token = &variant->tokens[i];

		switch (token->kind) {
		case NAIVE_LITERAL:
			push(key, token->byte);
			break;
		case NAIVE_ONE:
			push(key, (uint8_t)random_byte());
			break;
		case NAIVE_CLASS:
			push(key, byte_of_class(token));
			break;
		case NAIVE_STAR:
			push_any(key, false);
			break;
		case NAIVE_GLOBSTAR:
			if (i + 1 < variant->count && variant->tokens[i + 1].byte == '/' &&
			    chance(40))
				i++;
			else
				push_any(key, true);
			break;
		case NAIVE_OPEN:
		case NAIVE_COMMA:
		case NAIVE_CLOSE:
			break;
		}
	}
}

/* One byte more, less or other. */
static void mutate(struct key *key)
{
	size_t at = below((unsigned)key->len + 1);
	uint8_t byte = chance(25) ? '/' : (uint8_t)random_byte();
	unsigned kind = below(4);

	if (kind == 0 && at < key->len) {
		memmove(key->bytes + at, key->bytes + at + 1, --key->len - at);
	} else if (kind == 1 && key->len < sizeof(key->bytes)) {
		memmove(key->bytes + at + 1, key->bytes + at, key->len++ - at);
		key->bytes[at] = byte;
	} else if (kind == 2 && at < key->len) {
		key->bytes[at] = byte;
	} else if (key->len) {
		key->len = chance(30) ? at : key->len;
		push(key, byte);
	}
}

static void make_noise(struct key *key, bool is_name)
{
	key->len = 0;
	if (!is_name)
		push(key, '/');
	for (unsigned count = below(12); count; count--)
		push(key, chance(20) ? '/' : (uint8_t)random_byte());
}

/* --- a set of policies, in both forms --- */

struct set {
	struct bl_policies policies;
	struct naive_policy naive[POLICIES_MAX];
	struct bl_generation generation;
	bool is_audit_forced;
};

static void set_fini(struct set *set)
{
	for (size_t i = 0; i < set->policies.count; i++) {
		for (size_t k = 0; k < set->policies.items[i].rules_count; k++)
			naive_pattern_fini(&set->naive[i].patterns[k]);
		free(set->naive[i].patterns);
	}
	bl_generation_fini(&set->generation);
	bl_policies_fini(&set->policies);
	*set = (struct set){0};
}

static const char *mode_of_random(enum bl_mode *mode)
{
	static const enum bl_mode modes[] = {BL_MODE_ENFORCE, BL_MODE_ENFORCE, BL_MODE_AUDIT,
					     BL_MODE_OFF};
	static const char *const names[] = {"p0", "p1", "p2", "p3"};

	*mode = modes[chance(10) ? 3 : below(3)];
	return names[below(4)];
}

static enum bl_verdict random_verdict(void)
{
	return (enum bl_verdict)below(BL_VERDICT_COUNT);
}

static void add_random_rule(struct bl_policy *policy, void (*fill)(struct bl_rule *rule))
{
	static const enum bl_section sections[] = {BL_SECTION_EXEC, BL_SECTION_FILE,
						   BL_SECTION_FILE, BL_SECTION_NETWORK};
	enum bl_section section = sections[below(BL_ARRAY_LEN(sections))];
	unsigned all = (1u << bl_permission_count(section)) - 1;
	struct bl_rule *rule;
	/* Often the same ones: rules hide each other then. */
	unsigned permissions = chance(60) ? (chance(50) ? all : 1) : 1 + below(all);

	if (section == BL_SECTION_EXEC)
		permissions = 1u << BL_EXEC_EXECUTE;
	rule = model_add_rule(policy, section, random_verdict(), (uint8_t)permissions, NULL);
	rule->is_logged = chance(85);
	if (chance(25))
		model_set_by(rule, by_patterns[below(BL_ARRAY_LEN(by_patterns))]);
	fill(rule);
	if (!policy->sections[rule->section].is_present)
		model_set_default(policy, rule->section,
				  chance(50) ? BL_VERDICT_ALLOW : BL_VERDICT_DENY);
}

static void make_set(struct set *set, void (*fill)(struct bl_rule *rule))
{
	unsigned policies = 1 + below(POLICIES_MAX);

	*set = (struct set){.is_audit_forced = chance(10)};
	for (unsigned i = 0; i < policies; i++) {
		enum bl_mode mode;
		const char *name = mode_of_random(&mode);
		struct bl_policy *policy = model_add_policy(&set->policies, name, mode);

		for (unsigned rules = 1 + below(RULES_MAX); rules; rules--)
			add_random_rule(policy, fill);
		if (chance(20))
			model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
		for (unsigned k = 0; k < BL_SETTING_COUNT; k++)
			if (policy->sections[BL_SECTION_EXEC].is_present && chance(60))
				model_set_setting(policy, (enum bl_setting_key)k, random_verdict());
	}
}

/* false: too large, which a table may be. */
static bool compile_set(struct set *set)
{
	const struct bl_policy *policies[POLICIES_MAX];
	struct bl_diags diags = {0};
	int r;

	for (size_t i = 0; i < set->policies.count; i++) {
		struct bl_policy *policy = &set->policies.items[i];

		policies[i] = policy;
		set->naive[i].policy = policy;
		set->naive[i].patterns =
			calloc(policy->rules_count, sizeof(*set->naive[i].patterns));
		assert_non_null(set->naive[i].patterns);
		for (size_t k = 0; k < policy->rules_count; k++)
			if (policy->rules[k].pattern)
				assert_true(naive_pattern_init(&set->naive[i].patterns[k],
							       policy->rules[k].pattern));
	}
	r = bl_profile_compile(policies, set->policies.count, set->is_audit_forced, &diags,
			       &set->generation);
	for (size_t i = 0; r != -E2BIG && i < diags.count; i++)
		print_error("%s:%u:%u: %s\n", diags.items[i].file, diags.items[i].line,
			    diags.items[i].column, diags.items[i].message);
	bl_diags_fini(&diags);
	if (r != -E2BIG)
		assert_int_equal(r, 0);
	return r == 0;
}

/* --- comparing --- */

struct tally {
	uint64_t seed;
	uint64_t set; /* random_state before the set was made */
	uint64_t sets;
	uint64_t sets_too_large;
	uint64_t pairs;
	uint64_t decisions;
	uint64_t decided_by_rule;
	uint64_t pairs_with_rule;
	uint64_t implied;     /* decided by what a rule of [network] brings with it */
	uint64_t near_misses; /* made from a pattern that then does not match */
};

static void print_object(const struct naive_object *object)
{
	print_error("object: %s family %d ", object->is_socket ? "socket" : "", object->family);
	for (size_t i = 0; i < object->text_len; i++)
		print_error(object->text[i] < 0x7f && object->text[i] > ' ' ? "%c" : "\\x%02x",
			    object->text[i]);
	if (object->is_address || object->is_socket) {
		for (unsigned i = 0; i < (object->is_ipv6 ? 16 : 4); i++)
			print_error("%02x", object->address[i]);
		print_error(" port %u protocol %d", object->port, object->protocol);
	}
	print_error("\n");
}

static void print_set(const struct set *set)
{
	for (size_t i = 0; i < set->policies.count; i++) {
		const struct bl_policy *policy = &set->policies.items[i];

		print_error("policy %zu mode %d\n", i, policy->mode);
		for (size_t k = 0; k < policy->rules_count; k++) {
			const struct bl_rule *rule = &policy->rules[k];

			print_error(
				"  section %d verdict %d permissions %02x by %s peer %d place %d protocol %d: %s\n",
				rule->section, rule->verdict, rule->permissions,
				rule->by ? rule->by : "-", rule->peer, rule->place,
				rule->protocol, rule->pattern ? rule->pattern : "-");
		}
	}
}

static bool is_same(const struct set *set, const struct naive_answer *naive,
		    const struct bl_decided *decided)
{
	const struct bl_rule_entry *entry =
		bl_generation_find_rule(&set->generation, decided->rule_key);

	if (naive->verdict != decided->verdict ||
	    naive->is_would != !!(decided->flags & BL_DECISION_WOULD) ||
	    naive->is_recorded != !!(decided->flags & BL_DECISION_RECORD))
		return false;
	if (!naive->policy || naive->is_without_line)
		return !decided->rule_key;
	if (naive->setting)
		return entry && entry->is_setting && entry->text == naive->setting->text;
	return entry && !entry->is_setting && entry->policy == naive->policy &&
	       entry->rule == naive->rule;
}

static uint64_t by_mask(const struct bl_compiled_profile *profile, const char *const *subjects)
{
	uint64_t mask = 0;

	for (size_t i = 0; i < profile->by_count; i++)
		for (size_t k = 0; subjects[k]; k++)
			if (!strcmp(profile->by[i], subjects[k]))
				mask |= UINT64_C(1) << i;
	return mask;
}

/* permission -> key, because the unspecified address depends on it. */
typedef size_t make_key(const struct naive_object *object, unsigned permission, uint8_t *key);

/* The patterns that match a subject, as naive.c sees it. */
static void match_subject(const char *path, const char **subjects)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(by_patterns); i++) {
		struct naive_pattern pattern;

		assert_true(naive_pattern_init(&pattern, by_patterns[i]));
		if (naive_pattern_matches(&pattern, (const uint8_t *)path, strlen(path)))
			*subjects++ = by_patterns[i];
		naive_pattern_fini(&pattern);
	}
}

static const uint64_t peers[BL_PLACE_COUNT] = {
	[BL_PLACE_INSIDE] = BL_BY_INSIDE,
	[BL_PLACE_OUTSIDE] = BL_BY_OUTSIDE,
};

static void compare(const struct set *set, const struct naive_object *object, unsigned sections,
		    make_key *key_of, struct tally *tally)
{
	const struct bl_compiled_profile *profile = &set->generation.profiles[0];
	const char *subject = subject_paths[below(BL_ARRAY_LEN(subject_paths))];
	const char *subjects[BL_ARRAY_LEN(by_patterns) + 1] = {0};
	uint64_t by =
		bl_evaluate_beyond(profile->table, profile->table_bytes, subject, strlen(subject))
			.by;
	bool has_rule = false;
	uint8_t key[600];

	match_subject(subject, subjects);
	assert_int_equal(by, by_mask(profile, subjects));
	by |= peers[object->peer];
	for (unsigned section = 0; section < BL_SECTION_COUNT; section++) {
		if (!(sections >> section & 1))
			continue;
		for (unsigned i = 0; i < bl_permission_count((enum bl_section)section); i++) {
			struct naive_answer naive = naive_decide(
				set->naive, set->policies.count, (enum bl_section)section, i,
				object, subjects, set->is_audit_forced);
			size_t len = key_of(object, i, key);
			struct bl_decided decided =
				bl_evaluate(profile->table, profile->table_bytes, key, len,
					    (enum bl_section)section, i, by);

			if (!is_same(set, &naive, &decided)) {
				print_set(set);
				print_object(object);
				print_error(
					"section %u permission %u: naive %d rule %td, table %d key %" PRIx64
					"; BAILIFF_TEST_SEED=%" PRIu64 "\n",
					section, i, naive.verdict,
					naive.rule ? naive.rule - naive.policy->rules : -1,
					decided.verdict, decided.rule_key, tally->set);
				fail();
			}
			has_rule = has_rule || naive.rule;
			tally->decisions++;
			tally->decided_by_rule += naive.rule != NULL;
			tally->implied += section == BL_SECTION_NETWORK && naive.rule &&
					  !(naive.rule->permissions >> i & 1);
		}
	}
	tally->pairs++;
	tally->pairs_with_rule += has_rule;
}

static void report(const char *what, const struct tally *tally)
{
	print_message("%s: seed %" PRIu64 ", %" PRIu64 " sets (%" PRIu64 " too large), %" PRIu64
		      " pairs (%" PRIu64 " with a matching rule, %" PRIu64 " near misses), %" PRIu64
		      " decisions (%" PRIu64 " by a rule, %" PRIu64 " by what one implies)\n",
		      what, tally->seed, tally->sets, tally->sets_too_large, tally->pairs,
		      tally->pairs_with_rule, tally->near_misses, tally->decisions,
		      tally->decided_by_rule, tally->implied);
	assert_true(tally->sets_too_large * 100 < tally->sets);
}

static void run(struct tally *tally, void (*fill)(struct bl_rule *rule),
		void (*try_objects)(const struct set *set, struct tally *tally))
{
	uint64_t pairs = from_environment("BAILIFF_TEST_PAIRS", PAIRS);

	tally->seed = random_state = from_environment("BAILIFF_TEST_SEED", 1);
	while (tally->pairs < pairs) {
		struct set set;

		tally->set = random_state;
		make_set(&set, fill);
		tally->sets++;
		if (compile_set(&set))
			try_objects(&set, tally);
		else
			tally->sets_too_large++;
		set_fini(&set);
	}
}

/* --- sockets without an address --- */

static size_t socket_key(const struct naive_object *object, uint8_t *key)
{
	static const enum bl_protocol numbers[] = {
		[BL_NETWORK_TCP] = BL_PROTOCOL_TCP,   [BL_NETWORK_UDP] = BL_PROTOCOL_UDP,
		[BL_NETWORK_ICMP] = BL_PROTOCOL_ICMP, [BL_NETWORK_RAW] = BL_PROTOCOL_RAW,
		[BL_NETWORK_SCTP] = BL_PROTOCOL_SCTP, [BL_NETWORK_OTHER] = BL_PROTOCOL_OTHER,
	};

	key[0] = BL_KEY_SOCKET;
	key[1] = (uint8_t)(object->family ? BL_SOCKET_FAMILY(object->family)
					  : (int)numbers[object->protocol]);
	return 2;
}

/* --- paths and names --- */

/* About peers of any name, which are somewhere or anywhere. */
static void place(struct bl_rule *rule)
{
	static const uint8_t reaching = 1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND;

	rule->peer = BL_PEER_ANY;
	if (rule->protocol != BL_NETWORK_UNIX || !(rule->permissions & reaching))
		return;
	rule->place = (enum bl_place)below(BL_PLACE_COUNT);
	if (rule->place)
		rule->permissions &= reaching;
}

static void fill_path_rule(struct bl_rule *rule)
{
	struct bl_glob_error error;
	struct naive_pattern naive;
	struct bl_glob glob;
	struct text text;

	if (rule->section == BL_SECTION_NETWORK) {
		rule->protocol = chance(20) ? BL_NETWORK_ANY : BL_NETWORK_UNIX;
		rule->peer = chance(10)   ? BL_PEER_ANY
			     : chance(30) ? BL_PEER_ABSTRACT
					  : BL_PEER_PATH;
		if (rule->peer == BL_PEER_ANY || chance(15)) {
			place(rule);
			return;
		}
	}
	do
		make_pattern(&text, rule->peer == BL_PEER_ABSTRACT);
	while (!naive_pattern_init(&naive, text.bytes));
	naive_pattern_fini(&naive);
	if (bl_glob_compile(text.bytes, rule->peer == BL_PEER_ABSTRACT, &glob, &error) < 0) {
		print_error("\"%s\" at %zu: %s\n", text.bytes, error.offset, error.message);
		fail();
	}
	bl_glob_fini(&glob);
	rule->pattern = strdup(text.bytes);
	assert_non_null(rule->pattern);
}

static size_t path_key(const struct naive_object *object, unsigned permission, uint8_t *key)
{
	if (object->is_socket)
		return socket_key(object, key);
	if (object->is_abstract)
		*key++ = '@';
	memcpy(key, object->text, object->text_len);
	return object->text_len + object->is_abstract;
}

static void try_path(const struct set *set, struct tally *tally)
{
	size_t policy = below((unsigned)set->policies.count);
	size_t rule = below((unsigned)set->policies.items[policy].rules_count);
	const struct naive_pattern *pattern = &set->naive[policy].patterns[rule];
	bool is_name = set->policies.items[policy].rules[rule].peer == BL_PEER_ABSTRACT;
	struct naive_object object = {
		.is_abstract = is_name,
		.peer = chance(50) ? BL_PLACE_INSIDE : BL_PLACE_OUTSIDE,
	};
	struct key key = {0};
	bool is_made = false;

	if (chance(4)) {
		object.is_socket = true;
		object.family = AF_UNIX;
		compare(set, &object, 1u << BL_SECTION_NETWORK, path_key, tally);
		return;
	}
	if (pattern->count && chance(90)) {
		make_match(&pattern->variants[below((unsigned)pattern->count)], &key);
		for (unsigned mutations = chance(35) ? 1 + below(2) : 0; mutations; mutations--)
			mutate(&key);
		is_made = true;
	} else {
		make_noise(&key, is_name);
	}
	if (!is_name) {
		key.bytes[0] = '/';
		key.len += !key.len;
	}
	object.text = key.bytes;
	object.text_len = key.len;
	tally->near_misses += is_made && !naive_pattern_matches(pattern, key.bytes, key.len);
	compare(set, &object, is_name ? 1u << BL_SECTION_NETWORK : 7, path_key, tally);
}

static void try_paths(const struct set *set, struct tally *tally)
{
	for (unsigned i = 0; i < OBJECTS_PER_SET; i++)
		try_path(set, tally);
}

static void test_property_paths(void **state)
{
	struct tally tally = {0};

	run(&tally, fill_path_rule, try_paths);
	report("paths", &tally);
	assert_true(tally.pairs_with_rule * 9 > tally.pairs * 4);
	assert_true(tally.near_misses * 5 > tally.pairs);
	assert_true(tally.implied > 0);
	assert_true(tally.decided_by_rule * 10 > tally.decisions);
}

/* --- addresses --- */

static const enum bl_network_protocol protocols[] = {BL_NETWORK_TCP,  BL_NETWORK_UDP,
						     BL_NETWORK_ICMP, BL_NETWORK_RAW,
						     BL_NETWORK_SCTP, BL_NETWORK_OTHER};

static void random_address(struct bl_net *net)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	*net = (struct bl_net){.is_ipv6 = chance(50)};
	for (unsigned i = 0; i < (net->is_ipv6 ? 16 : 4); i++)
		net->address[i] = chance(80) ? (uint8_t)below(3) * 127 : (uint8_t)below(256);
	if (net->is_ipv6 && chance(30))
		memcpy(net->address, mapped, sizeof(mapped));
	if (chance(8))
		memset(net->address + (net->is_ipv6 && chance(50) ? 12 : 0), 0, 4);
	if (chance(6))
		memset(net->address, 0, sizeof(net->address));
}

static void clear_host_bits(struct bl_net *net)
{
	for (unsigned bit = net->prefix_len; bit < 128; bit++)
		net->address[bit / 8] &= (uint8_t) ~(0x80 >> bit % 8);
}

static void add_random_net(struct bl_rule *rule)
{
	struct bl_net net;
	unsigned bits;

	random_address(&net);
	bits = net.is_ipv6 ? 128 : 32;
	net.prefix_len = (uint8_t)(chance(35)   ? bits
				   : chance(60) ? below(bits / 8 + 1) * 8
						: below(bits + 1));
	clear_host_bits(&net);
	rule->nets = reallocarray(rule->nets, rule->nets_count + 1, sizeof(*rule->nets));
	assert_non_null(rule->nets);
	rule->nets[rule->nets_count++] = net;
}

/* A rule about each set that every policy has. */
static struct bl_policies shipped;

static int load_shipped(void **state)
{
	static const char text[] =
		"[policy]\nname = shipped\n[select]\ncgroup = /x\n"
		"[network]\ndeny = connect any @private @loopback @link-local @metadata\n";
	struct bl_diags diags = {0};
	int r = bl_policy_parse(text, strlen(text), "shipped.ini", &diags, &shipped);

	bl_diags_fini(&diags);
	return r;
}

static int free_shipped(void **state)
{
	bl_policies_fini(&shipped);
	return 0;
}

static void add_shipped_nets(struct bl_rule *rule)
{
	const struct bl_policy *policy = &shipped.items[0];
	const struct bl_rule *from = &policy->rules[below((unsigned)policy->rules_count)];

	rule->nets = calloc(from->nets_count, sizeof(*rule->nets));
	assert_non_null(rule->nets);
	memcpy(rule->nets, from->nets, from->nets_count * sizeof(*rule->nets));
	rule->nets_count = from->nets_count;
}

static bool has_addresses(enum bl_network_protocol protocol)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(protocols); i++)
		if (protocols[i] == protocol)
			return true;
	return protocol == BL_NETWORK_ANY;
}

static enum bl_network_protocol random_protocol(void)
{
	if (chance(20))
		return BL_NETWORK_ANY;
	return chance(20) ? (enum bl_network_protocol)below(BL_NETWORK_PROTOCOL_COUNT)
			  : protocols[below(chance(70) ? 2 : 6)];
}

static void fill_address_rule(struct bl_rule *rule)
{
	uint16_t port = (uint16_t)(chance(50) ? below(1024) : below(65536));

	rule->section = BL_SECTION_NETWORK;
	rule->permissions &= (1u << BL_NETWORK_COUNT) - 1;
	rule->protocol = random_protocol();
	rule->peer = chance(12) || !has_addresses(rule->protocol) ? BL_PEER_ANY : BL_PEER_INET;
	if (rule->peer == BL_PEER_ANY)
		return;
	/* That alone would say nothing of addresses. */
	if (rule->permissions == 1u << BL_NETWORK_CREATE)
		rule->permissions = 1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND;
	if (chance(20))
		rule->permissions = 1u << BL_NETWORK_BIND;
	if (chance(10))
		add_shipped_nets(rule);
	else if (!chance(15))
		for (unsigned nets = chance(80) ? 1 : 2 + below(2); nets; nets--)
			add_random_net(rule);
	if (chance(60)) {
		rule->port_low = port;
		rule->port_high = (uint16_t)(chance(40) ? port : port + below(65536u - port));
	}
}

/* As the kernel makes it: a target that is not specified is loopback, IPv4 inside IPv6 is IPv4. */
static size_t address_key(const struct naive_object *object, unsigned permission, uint8_t *key)
{
	static const uint8_t zero[16];
	bool is_target = permission == BL_NETWORK_CONNECT || permission == BL_NETWORK_SEND;
	enum bl_protocol number;
	size_t address_len;
	size_t len = socket_key(object, key);

	if (object->is_socket)
		return len;
	number = (enum bl_protocol)key[1];
	len = object->is_ipv6 ? bl_key_inet6(key, number, object->address, object->port)
			      : bl_key_inet4(key, number, object->address, object->port);
	address_len = len == BL_KEY_INET4_LEN ? 4 : 16;
	if (is_target && !memcmp(key + 2, zero, address_len)) {
		key[2] = address_len == 4 ? 127 : 0;
		key[1 + address_len] = 1;
	}
	return len;
}

/* An address in the net, or just outside of it. */
static struct bl_net address_near(const struct bl_net *from)
{
	struct bl_net host;
	struct bl_net net = *from;
	unsigned bits = net.is_ipv6 ? 128 : 32;
	/* The last bit of the prefix is the one that is easily got wrong. */
	unsigned bit = chance(70) && net.prefix_len ? net.prefix_len - 1u : below(bits);

	random_address(&host);
	for (unsigned i = net.prefix_len; i < bits; i++)
		net.address[i / 8] |= host.address[i / 8] & (0x80 >> i % 8);
	if (chance(20))
		net.address[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
	return net;
}

static uint16_t port_near(const struct bl_rule *rule)
{
	unsigned low = rule->port_low;
	unsigned high = rule->port_high;

	if (chance(50))
		return (uint16_t)(low + below(high - low + 1));
	return (uint16_t)((chance(50) ? low : high) + (chance(30) ? below(3) - 1 : 0));
}

/* The same host by its IPv6 name. */
static void map_address(struct naive_object *object)
{
	memmove(object->address + 12, object->address, 4);
	memset(object->address, 0, 10);
	memset(object->address + 10, 0xff, 2);
	object->is_ipv6 = true;
}

/* One that a rule is about, or any. */
static void try_socket(const struct set *set, const struct bl_rule *rule, struct tally *tally)
{
	struct naive_object object = {.is_socket = true, .protocol = protocols[below(6)]};
	int kind = bl_network_protocol_kind(rule->protocol);

	if (chance(20))
		object.family = 1 + (int)below(0xff - BL_SOCKET_FAMILY(0));
	else if (kind >= BL_SOCKET_FAMILY(1))
		object.family = kind - BL_SOCKET_FAMILY(0);
	else if (kind)
		object.protocol = rule->protocol;
	compare(set, &object, 1u << BL_SECTION_NETWORK, address_key, tally);
}

static void try_address(const struct set *set, struct tally *tally)
{
	const struct bl_policy *policy = &set->policies.items[below((unsigned)set->policies.count)];
	const struct bl_rule *rule = &policy->rules[below((unsigned)policy->rules_count)];
	bool is_any = rule->protocol == BL_NETWORK_ANY || chance(5);
	struct naive_object object = {
		.is_address = true,
		.protocol = is_any ? protocols[below(6)] : rule->protocol,
	};
	struct bl_net net;

	if (!has_addresses(rule->protocol) || chance(15)) {
		try_socket(set, rule, tally);
		return;
	}
	random_address(&net);
	if (rule->nets_count && chance(92)) {
		const struct bl_net *from = &rule->nets[below((unsigned)rule->nets_count)];
		struct naive_object near = {.is_address = true};

		net = address_near(from);
		near.is_ipv6 = net.is_ipv6;
		memcpy(near.address, net.address, sizeof(near.address));
		tally->near_misses += !naive_net_matches(from, &near, BL_NETWORK_BIND);
	}
	object.port = port_near(rule);
	object.is_ipv6 = net.is_ipv6;
	memcpy(object.address, net.address, sizeof(object.address));
	if (!net.is_ipv6 && chance(20))
		map_address(&object);
	compare(set, &object, 1u << BL_SECTION_NETWORK, address_key, tally);
}

static void try_addresses(const struct set *set, struct tally *tally)
{
	for (unsigned i = 0; i < OBJECTS_PER_SET; i++)
		try_address(set, tally);
}

static void test_property_addresses(void **state)
{
	struct tally tally = {0};

	run(&tally, fill_address_rule, try_addresses);
	report("addresses", &tally);
	assert_true(tally.pairs_with_rule * 5 > tally.pairs * 2);
	assert_true(tally.near_misses * 20 > tally.pairs);
	assert_true(tally.implied * 200 > tally.decisions);
	assert_true(tally.decided_by_rule * 10 > tally.decisions);
}

/* --- processes, privileges and capabilities --- */

static void fill_facility_rule(struct bl_rule *rule)
{
	rule->section = (enum bl_section)(BL_SECTION_PROCESS + below(3));
	rule->permissions = 1u << BL_USE;
	rule->access = (enum bl_access)below(BL_ACCESS_COUNT);
	rule->relations = (uint8_t)(1 + below((1u << BL_RELATION_COUNT) - 1));
	rule->numbers = chance(25) ? UINT64_MAX : UINT64_C(1) << below(chance(70) ? 4 : 64);
}

/* No rule depends on the signal and the process. */
static size_t facility_key(const struct naive_object *object, unsigned permission, uint8_t *key)
{
	if (object->facility == BL_SECTION_PRIVILEGE)
		return bl_key_privilege(key, object->number);
	if (object->facility == BL_SECTION_CAPABILITY)
		return bl_key_capability(key, object->number);
	bl_key_process(key, (enum bl_access)object->number, object->relation);
	for (unsigned i = 3; i < BL_KEY_PROCESS_LEN; i++)
		key[i] = (uint8_t)below(256);
	return BL_KEY_PROCESS_LEN;
}

static void try_facilities(const struct set *set, struct tally *tally)
{
	for (unsigned i = 0; i < OBJECTS_PER_SET; i++) {
		struct naive_object object = {
			.facility = (enum bl_section)(BL_SECTION_PROCESS + below(3)),
			.relation = (enum bl_relation)below(BL_RELATION_COUNT),
		};

		object.number = object.facility == BL_SECTION_PROCESS ? below(BL_ACCESS_COUNT)
				: chance(70)                          ? below(4)
								      : below(256);
		compare(set, &object, 1u << object.facility, facility_key, tally);
	}
}

static void test_property_facilities(void **state)
{
	struct tally tally = {0};

	run(&tally, fill_facility_rule, try_facilities);
	report("facilities", &tally);
	assert_true(tally.pairs_with_rule * 4 > tally.pairs);
	assert_true(tally.decided_by_rule * 10 > tally.decisions);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_property_paths),
		cmocka_unit_test(test_property_addresses),
		cmocka_unit_test(test_property_facilities),
	};

	return cmocka_run_group_tests(tests, load_shipped, free_shipped);
}
