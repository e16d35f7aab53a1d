// SPDX-License-Identifier: GPL-2.0-or-later
#include "naive.h"

#include <stdlib.h>
#include <string.h>

/* --- patterns: reading --- */

bool naive_class_has(const struct naive_token *token, uint8_t byte)
{
	return token->has[byte / 8] >> byte % 8 & 1;
}

static const char *read_class(const char *at, struct naive_token *token)
{
	bool is_negated = *at == '^';
	bool is_first = true;

	token->kind = NAIVE_CLASS;
	at += is_negated;
	while (*at && (*at != ']' || is_first)) {
		unsigned low;
		unsigned high;

		at += *at == '\\';
		low = high = (uint8_t)*at++;
		if (at[0] == '-' && at[1] && at[1] != ']') {
			at++;
			at += *at == '\\';
			high = (uint8_t)*at++;
		}
		for (unsigned byte = low; byte <= high; byte++)
			token->has[byte / 8] |= (uint8_t)(1 << byte % 8);
		is_first = false;
	}
	for (unsigned i = 0; i < sizeof(token->has); i++)
		token->has[i] ^= is_negated ? 0xff : 0;
	token->has['/' / 8] &= (uint8_t) ~(1 << '/' % 8);
	return *at == ']' ? at + 1 : NULL;
}

static const char *read_token(const char *at, unsigned depth, struct naive_token *token)
{
	*token = (struct naive_token){.kind = NAIVE_LITERAL, .byte = (uint8_t)*at};
	switch (*at) {
	case '?':
		token->kind = NAIVE_ONE;
		return at + 1;
	case '*':
		token->kind = at[1] == '*' ? NAIVE_GLOBSTAR : NAIVE_STAR;
		return at + 1 + (at[1] == '*');
	case '[':
		return read_class(at + 1, token);
	case '{':
		token->kind = NAIVE_OPEN;
		return at + 1;
	case '}':
		token->kind = NAIVE_CLOSE;
		return at + 1;
	case ',':
		token->kind = depth ? NAIVE_COMMA : NAIVE_LITERAL;
		return at + 1;
	case '\\':
		token->byte = (uint8_t)at[1];
		return at[1] ? at + 2 : NULL;
	default:
		return at + 1;
	}
}

/* --- patterns: alternatives --- */

static size_t find_close(const struct naive_token *tokens, size_t open, size_t count)
{
	unsigned depth = 0;

	for (size_t i = open; i < count; i++) {
		depth += tokens[i].kind == NAIVE_OPEN;
		depth -= tokens[i].kind == NAIVE_CLOSE;
		if (!depth)
			return i;
	}
	return count;
}

static bool expand(struct naive_pattern *pattern, const struct naive_token *tokens, size_t count);

/* Puts tokens[from..to) in the place of the braces and goes on. */
static bool choose(struct naive_pattern *pattern, const struct naive_token *tokens, size_t count,
		   const size_t braces[2], const size_t chosen[2])
{
	struct naive_token *made = calloc(count + 1, sizeof(*made));
	size_t made_count = 0;
	bool is_made;

	if (!made)
		return false;
	for (size_t i = 0; i < braces[0]; i++)
		made[made_count++] = tokens[i];
	for (size_t i = chosen[0]; i < chosen[1]; i++)
		made[made_count++] = tokens[i];
	for (size_t i = braces[1] + 1; i < count; i++)
		made[made_count++] = tokens[i];
	is_made = expand(pattern, made, made_count);
	free(made);
	return is_made;
}

static bool expand_braces(struct naive_pattern *pattern, const struct naive_token *tokens,
			  size_t count, size_t open)
{
	size_t close = find_close(tokens, open, count);
	size_t from = open + 1;
	unsigned depth = 0;

	if (close == count)
		return false;
	for (size_t i = open + 1; i <= close; i++) {
		if (!depth && (tokens[i].kind == NAIVE_COMMA || i == close)) {
			if (!choose(pattern, tokens, count, (size_t[]){open, close},
				    (size_t[]){from, i}))
				return false;
			from = i + 1;
		}
		depth += tokens[i].kind == NAIVE_OPEN;
		depth -= tokens[i].kind == NAIVE_CLOSE && i != close;
	}
	return true;
}

static bool expand(struct naive_pattern *pattern, const struct naive_token *tokens, size_t count)
{
	struct naive_variant *variant;

	for (size_t i = 0; i < count; i++)
		if (tokens[i].kind == NAIVE_OPEN)
			return expand_braces(pattern, tokens, count, i);
	if (pattern->count == NAIVE_VARIANTS_MAX)
		return false;
	variant = &pattern->variants[pattern->count];
	variant->tokens = calloc(count + 1, sizeof(*variant->tokens));
	if (!variant->tokens)
		return false;
	memcpy(variant->tokens, tokens, count * sizeof(*tokens));
	variant->count = count;
	pattern->count++;
	return true;
}

static bool read_pattern(struct naive_pattern *pattern, const char *text,
			 struct naive_token *tokens)
{
	size_t count = 0;
	unsigned depth = 0;

	for (const char *at = text; *at; count++) {
		if (count == NAIVE_TOKENS_MAX)
			return false;
		at = read_token(at, depth, &tokens[count]);
		if (!at)
			return false;
		depth += tokens[count].kind == NAIVE_OPEN;
		depth -= tokens[count].kind == NAIVE_CLOSE;
	}
	return expand(pattern, tokens, count);
}

bool naive_pattern_init(struct naive_pattern *pattern, const char *text)
{
	struct naive_token *tokens = calloc(NAIVE_TOKENS_MAX, sizeof(*tokens));
	bool is_read;

	*pattern = (struct naive_pattern){
		.variants = calloc(NAIVE_VARIANTS_MAX, sizeof(*pattern->variants)),
	};
	is_read = tokens && pattern->variants && read_pattern(pattern, text, tokens);
	free(tokens);
	if (!is_read)
		naive_pattern_fini(pattern);
	return is_read;
}

void naive_pattern_fini(struct naive_pattern *pattern)
{
	for (size_t i = 0; i < pattern->count; i++)
		free(pattern->variants[i].tokens);
	free(pattern->variants);
	*pattern = (struct naive_pattern){0};
}

/* --- patterns: matching --- */

struct attempt {
	const struct naive_variant *variant;
	const uint8_t *text;
	size_t len;
	uint8_t *failed; /* bit per token and position: tried, in vain */
};

static bool is_slash(const struct naive_variant *variant, size_t at)
{
	return at < variant->count && variant->tokens[at].kind == NAIVE_LITERAL &&
	       variant->tokens[at].byte == '/';
}

static bool matches_from(const struct attempt *attempt, size_t token, size_t at);

/* The rest matches after any number of bytes. */
static bool matches_after(const struct attempt *attempt, size_t token, size_t at, bool is_component)
{
	for (; at <= attempt->len; at++) {
		if (matches_from(attempt, token, at))
			return true;
		if (is_component && at < attempt->len && attempt->text[at] == '/')
			return false;
	}
	return false;
}

static bool try_from(const struct attempt *attempt, size_t number, size_t at)
{
	const struct naive_variant *variant = attempt->variant;
	const struct naive_token *token = &variant->tokens[number];
	bool has_byte = at < attempt->len;
	uint8_t byte = has_byte ? attempt->text[at] : 0;

	switch (token->kind) {
	case NAIVE_LITERAL:
		return has_byte && byte == token->byte && matches_from(attempt, number + 1, at + 1);
	case NAIVE_ONE:
		return has_byte && byte != '/' && matches_from(attempt, number + 1, at + 1);
	case NAIVE_CLASS:
		return has_byte && naive_class_has(token, byte) &&
		       matches_from(attempt, number + 1, at + 1);
	case NAIVE_STAR:
		return matches_after(attempt, number + 1, at, true);
	case NAIVE_GLOBSTAR:
		/* A whole component may be absent, together with the '/' behind it. */
		if ((number == 0 || is_slash(variant, number - 1)) &&
		    is_slash(variant, number + 1) && matches_from(attempt, number + 2, at))
			return true;
		return matches_after(attempt, number + 1, at, false);
	case NAIVE_OPEN:
	case NAIVE_COMMA:
	case NAIVE_CLOSE:
		break;
	}
	return false;
}

static bool matches_from(const struct attempt *attempt, size_t token, size_t at)
{
	size_t bit = token * (attempt->len + 1) + at;

	if (token == attempt->variant->count)
		return at == attempt->len;
	if (attempt->failed[bit / 8] >> (bit % 8) & 1)
		return false;
	if (try_from(attempt, token, at))
		return true;
	attempt->failed[bit / 8] |= (uint8_t)(1 << (bit % 8));
	return false;
}

bool naive_pattern_matches(const struct naive_pattern *pattern, const uint8_t *text, size_t len)
{
	for (size_t i = 0; i < pattern->count; i++) {
		const struct naive_variant *variant = &pattern->variants[i];
		struct attempt attempt = {.variant = variant, .text = text, .len = len};
		bool is_match;

		attempt.failed = calloc((variant->count + 1) * (len + 1) / 8 + 1, 1);
		is_match = attempt.failed && matches_from(&attempt, 0, 0);
		free(attempt.failed);
		if (is_match)
			return true;
	}
	return false;
}

/* --- addresses --- */

static bool is_mapped(const uint8_t address[16])
{
	for (unsigned i = 0; i < 10; i++)
		if (address[i])
			return false;
	return address[10] == 0xff && address[11] == 0xff;
}

static bool is_zero(const uint8_t *bytes, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		if (bytes[i])
			return false;
	return true;
}

struct plain {
	bool is_ipv6;
	uint8_t address[16];
	unsigned prefix_len;
};

/* Without IPv4 inside IPv6, and with loopback where "unspecified" means that. */
static struct plain make_plain(bool is_ipv6, const uint8_t address[16], unsigned prefix_len,
			       bool is_target)
{
	struct plain plain = {.is_ipv6 = is_ipv6, .prefix_len = prefix_len};

	memcpy(plain.address, address, is_ipv6 ? 16 : 4);
	if (is_ipv6 && prefix_len >= 96 && is_mapped(address)) {
		plain = (struct plain){.prefix_len = prefix_len - 96};
		memcpy(plain.address, address + 12, 4);
	}
	if (is_target && plain.prefix_len == (plain.is_ipv6 ? 128 : 32) &&
	    is_zero(plain.address, plain.is_ipv6 ? 16 : 4)) {
		if (!plain.is_ipv6)
			plain.address[0] = 127;
		plain.address[plain.is_ipv6 ? 15 : 3] = 1;
	}
	return plain;
}

bool naive_net_matches(const struct bl_net *net, const struct naive_object *object,
		       uint8_t permission)
{
	bool is_target = permission == BL_NETWORK_CONNECT || permission == BL_NETWORK_SEND;
	struct plain wanted = make_plain(net->is_ipv6, net->address, net->prefix_len, is_target);
	struct plain given =
		make_plain(object->is_ipv6, object->address, object->is_ipv6 ? 128 : 32, is_target);

	if (wanted.is_ipv6 != given.is_ipv6)
		return false;
	for (unsigned bit = 0; bit < wanted.prefix_len; bit++)
		if ((wanted.address[bit / 8] ^ given.address[bit / 8]) & (0x80 >> bit % 8))
			return false;
	return true;
}

/* What bailiff-policy(5) says of each word; 0: it is no family's. */
static int family_of(enum bl_network_protocol protocol)
{
	static const struct {
		enum bl_network_protocol protocol;
		int family;
	} families[] = {
		{BL_NETWORK_UNIX, 1},       {BL_NETWORK_LLC, 26},     {BL_NETWORK_PPPOX, 24},
		{BL_NETWORK_NETLINK, 16},   {BL_NETWORK_PACKET, 17},  {BL_NETWORK_KEY, 15},
		{BL_NETWORK_RDS, 21},       {BL_NETWORK_CAN, 29},     {BL_NETWORK_TIPC, 30},
		{BL_NETWORK_BLUETOOTH, 31}, {BL_NETWORK_PHONET, 35},  {BL_NETWORK_IEEE802154, 36},
		{BL_NETWORK_ALG, 38},       {BL_NETWORK_NFC, 39},     {BL_NETWORK_VSOCK, 40},
		{BL_NETWORK_KCM, 41},       {BL_NETWORK_QIPCRTR, 42}, {BL_NETWORK_XDP, 44},
	};

	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (families[i].protocol == protocol)
			return families[i].family;
	return 0;
}

/* The rule's word is about sockets like this one. */
static bool word_matches(enum bl_network_protocol word, const struct naive_object *object)
{
	static const int others_never[] = {1, 2, 10, 16, 17, 40, 43};

	if (word == BL_NETWORK_ANY)
		return true;
	if (!object->family)
		return word == object->protocol;
	if (word != BL_NETWORK_OTHER)
		return family_of(word) == object->family;
	for (size_t i = 0; i < sizeof(others_never) / sizeof(others_never[0]); i++)
		if (others_never[i] == object->family)
			return false;
	return true;
}

static bool address_matches(const struct bl_rule *rule, const struct naive_object *object,
			    unsigned permission)
{
	if (rule->protocol == BL_NETWORK_UNIX ||
	    (rule->protocol != BL_NETWORK_ANY && rule->protocol != object->protocol))
		return false;
	if (rule->peer == BL_PEER_ANY)
		return true;
	if (rule->peer != BL_PEER_INET || object->port < rule->port_low ||
	    object->port > rule->port_high)
		return false;
	for (size_t i = 0; i < rule->nets_count; i++)
		if (naive_net_matches(&rule->nets[i], object, (uint8_t)permission))
			return true;
	return !rule->nets_count;
}

/* --- rules --- */

static bool object_matches(const struct bl_rule *rule, const struct naive_pattern *pattern,
			   const struct naive_object *object, unsigned permission)
{
	if (rule->section == BL_SECTION_PROCESS)
		return rule->access == object->number && rule->relations >> object->relation & 1;
	if (rule->section == BL_SECTION_PRIVILEGE || rule->section == BL_SECTION_CAPABILITY)
		return object->number < 64 && rule->numbers >> object->number & 1;
	if (object->is_socket)
		return rule->peer == BL_PEER_ANY && word_matches(rule->protocol, object);
	/* Nobody asks that of an address, or of a name. */
	if (rule->section == BL_SECTION_NETWORK && permission == BL_NETWORK_CREATE)
		return false;
	if (object->is_address)
		return address_matches(rule, object, permission);
	if (rule->section == BL_SECTION_NETWORK) {
		if (rule->protocol != BL_NETWORK_UNIX && rule->protocol != BL_NETWORK_ANY)
			return false;
		if (rule->peer == BL_PEER_ANY)
			return true;
		if (rule->peer != (object->is_abstract ? BL_PEER_ABSTRACT : BL_PEER_PATH))
			return false;
	}
	return naive_pattern_matches(pattern, object->text, object->text_len);
}

static bool subject_matches(const char *by, const char *const *subjects)
{
	for (; *subjects; subjects++)
		if (!strcmp(*subjects, by))
			return true;
	return false;
}

/* kill, deny, would kill, would deny, audit, allow; of equal ones the recorded one is stricter. */
static int strictness(const struct naive_answer *answer)
{
	static const int enforced[] = {
		[BL_VERDICT_ALLOW] = 0,
		[BL_VERDICT_AUDIT] = 10,
		[BL_VERDICT_DENY] = 40,
		[BL_VERDICT_KILL] = 50,
	};

	return enforced[answer->verdict] - (answer->is_would ? 20 : 0) + answer->is_recorded;
}

/* The first rule that is about running the object, whatever is asked of [exec]; or NULL. */
static const struct bl_rule *first_rule(const struct naive_policy *naive, enum bl_section section,
					unsigned permission, const struct naive_object *object,
					const char *const *subjects)
{
	const struct bl_policy *policy = naive->policy;

	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		if (rule->section == section && rule->permissions >> permission & 1 &&
		    (!rule->by || subject_matches(rule->by, subjects)) &&
		    (!rule->place || rule->place == object->peer) &&
		    object_matches(rule, &naive->patterns[i], object, permission))
			return rule;
	}
	return NULL;
}

/* Under "default = deny": what it allows cannot be used without creating a socket for it. */
static bool implies_create(const struct bl_rule *rule, const struct naive_object *object)
{
	if (!object->is_socket)
		return false;
	if (rule->protocol != BL_NETWORK_ANY || rule->peer == BL_PEER_ANY)
		return word_matches(rule->protocol, object);
	if (rule->peer != BL_PEER_INET)
		return object->family == 1;
	/* Neither has ports. */
	if (object->protocol == BL_NETWORK_RAW || object->protocol == BL_NETWORK_ICMP)
		return !object->family && !rule->port_low && rule->port_high == UINT16_MAX;
	return !object->family;
}

static const struct bl_rule *first_implying(const struct naive_policy *naive, unsigned permission,
					    const struct naive_object *object,
					    const char *const *subjects)
{
	const struct bl_policy *policy = naive->policy;

	for (size_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];
		bool is_implied = false;

		if (rule->section != BL_SECTION_NETWORK || rule->verdict > BL_VERDICT_AUDIT ||
		    (rule->by && !subject_matches(rule->by, subjects)))
			continue;
		if (permission == BL_NETWORK_CREATE)
			is_implied = implies_create(rule, object);
		if (permission == BL_NETWORK_LISTEN || permission == BL_NETWORK_ACCEPT)
			is_implied = rule->permissions >> BL_NETWORK_BIND & 1 &&
				     object_matches(rule, &naive->patterns[i], object, permission);
		if (is_implied)
			return rule;
	}
	return NULL;
}

static struct naive_answer answer_of(const struct bl_policy *policy, enum bl_verdict verdict,
				     bool is_logged)
{
	return (struct naive_answer){
		.verdict = verdict,
		.is_recorded = verdict != BL_VERDICT_ALLOW && is_logged,
		.policy = policy,
	};
}

static struct naive_answer ask_setting(const struct bl_policy *policy, enum bl_setting_key key)
{
	const struct bl_setting *setting = &policy->settings[key];
	struct naive_answer answer = answer_of(policy, setting->verdict, setting->is_logged);

	answer.setting = setting;
	if (!setting->is_present)
		return (struct naive_answer){0};
	return answer;
}

static struct naive_answer ask_exec(const struct naive_policy *naive, unsigned permission,
				    const struct naive_object *object, const char *const *subjects)
{
	const struct bl_policy *policy = naive->policy;
	struct naive_answer answer = answer_of(policy, BL_VERDICT_ALLOW, false);
	const struct bl_rule *rule =
		first_rule(naive, BL_SECTION_EXEC, BL_EXEC_EXECUTE, object, subjects);
	bool has_denied = rule && rule->verdict >= BL_VERDICT_DENY;

	answer.rule = rule;
	switch ((enum bl_exec_permission)permission) {
	case BL_EXEC_MAP:
		if (has_denied) {
			answer = answer_of(policy, rule->verdict, rule->is_logged);
			answer.rule = rule;
		}
		answer.is_without_line = !rule;
		return answer;
	case BL_EXEC_DRIFT_LAYER:
		return ask_setting(policy, BL_SETTING_DRIFT);
	case BL_EXEC_DRIFT_MOUNT:
		if (rule && !has_denied && policy->settings[BL_SETTING_DRIFT].is_present)
			return answer;
		return ask_setting(policy, BL_SETTING_DRIFT);
	case BL_EXEC_MEMORY:
		return ask_setting(policy, BL_SETTING_MEMORY);
	case BL_EXEC_ANONYMOUS:
		return ask_setting(policy, BL_SETTING_ANONYMOUS);
	case BL_EXEC_EXECUTE:
	case BL_EXEC_COUNT:
		break;
	}
	return answer;
}

static struct naive_answer ask_policy(const struct naive_policy *naive, enum bl_section section,
				      unsigned permission, const struct naive_object *object,
				      const char *const *subjects)
{
	const struct bl_policy *policy = naive->policy;
	const struct bl_rule *rule;
	struct naive_answer answer;

	if (section == BL_SECTION_EXEC && permission != BL_EXEC_EXECUTE)
		return ask_exec(naive, permission, object, subjects);
	rule = first_rule(naive, section, permission, object, subjects);
	answer = rule ? answer_of(policy, rule->verdict, rule->is_logged)
		      : answer_of(policy, policy->sections[section].fallback, true);
	answer.rule = rule;
	if (!rule && section == BL_SECTION_NETWORK && answer.verdict == BL_VERDICT_DENY) {
		rule = first_implying(naive, permission, object, subjects);
		if (rule)
			answer = answer_of(policy, BL_VERDICT_ALLOW, false);
		answer.rule = rule;
	}
	return answer;
}

/* One that may run things and says nothing of memory leaves it to the kernel, which refuses. */
static bool has_silent_policy(const struct naive_policy *policies, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct bl_policy *policy = policies[i].policy;

		if (policy->mode != BL_MODE_OFF && policy->sections[BL_SECTION_EXEC].is_present &&
		    !policy->settings[BL_SETTING_MEMORY].is_present)
			return true;
	}
	return false;
}

struct naive_answer naive_decide(const struct naive_policy *policies, size_t count,
				 enum bl_section section, unsigned permission,
				 const struct naive_object *object, const char *const *subjects,
				 bool is_audit_forced)
{
	struct naive_answer strictest = {0};

	/* Only of its own objects has such a section anything to say. */
	if (section >= BL_SECTION_PROCESS && section != object->facility)
		return strictest;
	for (size_t i = 0; i < count; i++) {
		const struct bl_policy *policy = policies[i].policy;
		struct naive_answer answer;

		if (policy->mode == BL_MODE_OFF || !policy->sections[section].is_present)
			continue;
		answer = ask_policy(&policies[i], section, permission, object, subjects);
		if (!answer.policy)
			continue;
		answer.is_would = answer.verdict >= BL_VERDICT_DENY &&
				  (is_audit_forced || policy->mode == BL_MODE_AUDIT);
		if (!strictest.policy || strictness(&answer) > strictness(&strictest))
			strictest = answer;
	}
	if (section == BL_SECTION_EXEC && permission == BL_EXEC_MEMORY &&
	    (strictest.verdict < BL_VERDICT_DENY || strictest.is_would) &&
	    has_silent_policy(policies, count))
		return (struct naive_answer){0};
	return strictest;
}
