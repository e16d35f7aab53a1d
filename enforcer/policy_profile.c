// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One profile: the rules of its policies, and who they are for, as patterns of one automaton. What
 * each set of matching patterns comes to is policy_decision.c's to know.
 */
#include "enforcer/policy_compile_parts.h"

#include <sys/socket.h>

#include "enforcer/cidr.h"
#include "enforcer/evaluate.h"
#include "enforcer/policy_decision.h"
#include "enforcer/util.h"

#define INET_PROTOCOLS ((1u << BL_PROTOCOL_COUNT) - 2)
/* Permissions for which the unspecified address stands for loopback. */
#define TARGET_PERMISSIONS (1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND)
#define CREATE_PERMISSION  (1u << BL_NETWORK_CREATE)
#define SERVER_PERMISSIONS (1u << BL_NETWORK_LISTEN | 1u << BL_NETWORK_ACCEPT)
#define GROUPS_PER_MEMBER  (BL_SECTION_COUNT << BL_PERMISSIONS_MAX)

struct profile {
	const struct bl_member **members;
	size_t members_count;
	struct bl_diags *diags;

	struct bl_glob *globs;
	size_t globs_capacity;
	struct bl_origin *origins;
	size_t origins_capacity;
	size_t count;
	struct bl_origin by[BL_BY_MAX]; /* a rule that has it */
	size_t by_count;

	/* of the rule whose patterns are being added */
	struct bl_origin origin;

	struct bl_decider decider;
};

static void profile_fini(struct profile *p)
{
	for (size_t i = 0; i < p->count; i++)
		bl_glob_fini(&p->globs[i]);
	free(p->members);
	free(p->globs);
	free(p->origins);
	bl_decider_fini(&p->decider);
}

static const struct bl_rule *origin_rule(const struct profile *p, const struct bl_origin *origin)
{
	return &p->members[origin->member]->policy->rules[origin->rule];
}

static void refuse_rule(const struct profile *p, const struct bl_origin *origin, size_t offset,
			const char *message)
{
	const struct bl_rule *rule = origin_rule(p, origin);
	const char *quoted = rule->pattern ? rule->pattern : rule->text;
	unsigned column = rule->source.column ? rule->source.column + (unsigned)offset : 0;

	if (origin->is_subject) {
		quoted = rule->by;
		column = 0;
	}
	bl_diags_add(p->diags, BL_SEVERITY_ERROR, p->members[origin->member]->policy->file,
		     rule->source.line, column, "\"%s\": %s", quoted, message);
}

static enum bl_mode section_mode(const struct profile *p, unsigned section)
{
	enum bl_mode mode = BL_MODE_OFF;

	for (size_t i = 0; i < p->members_count; i++)
		if (p->members[i]->policy->sections[section].is_present &&
		    p->members[i]->mode > mode)
			mode = p->members[i]->mode;
	return mode;
}

/* --- rules to patterns --- */

/* Takes the glob, also when it does not succeed. */
static int add_glob(struct profile *p, struct bl_glob *glob)
{
	int r;

	r = bl_grow(&p->globs, &p->globs_capacity, p->count + 1);
	if (r >= 0)
		r = bl_grow(&p->origins, &p->origins_capacity, p->count + 1);
	if (r < 0) {
		bl_glob_fini(glob);
		return r;
	}
	p->globs[p->count] = *glob;
	p->origins[p->count++] = p->origin;
	return 0;
}

static int add_path(struct profile *p, const char *pattern)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	int r;

	r = bl_glob_compile(pattern, false, &glob, &error);
	if (r == -EINVAL)
		refuse_rule(p, &p->origin, error.offset, error.message);
	return r < 0 ? r : add_glob(p, &glob);
}

/* Names of abstract sockets have '@' in front in their keys. */
static int add_name(struct profile *p, const char *pattern)
{
	struct bl_glob_error error;
	struct bl_glob glob;
	struct bl_node *nodes;
	int r;

	r = bl_glob_compile(pattern, true, &glob, &error);
	if (r == -EINVAL)
		refuse_rule(p, &p->origin, error.offset, error.message);
	if (r < 0)
		return r;
	nodes = reallocarray(glob.nodes, glob.count + 1, sizeof(*nodes));
	if (!nodes) {
		bl_glob_fini(&glob);
		return -ENOMEM;
	}
	glob.nodes = nodes;
	memmove(nodes + 1, nodes, glob.count++ * sizeof(*nodes));
	for (size_t i = 1; i < glob.count; i++) {
		nodes[i].next++;
		nodes[i].other++;
	}
	nodes[0] = (struct bl_node){.op = BL_NODE_BYTES, .next = 1};
	bl_byteset_add(&nodes[0].set, '@');
	return add_glob(p, &glob);
}

static int add_net(struct profile *p, unsigned protocols, const struct bl_net *net, uint16_t low,
		   uint16_t high)
{
	struct bl_glob glob;
	int r;

	r = bl_cidr_compile(protocols, net, low, high, &glob);
	if (r == -EINVAL)
		refuse_rule(p, &p->origin, 0, "not a network and a range of ports");
	return r < 0 ? r : add_glob(p, &glob);
}

static bool is_unspecified(const struct bl_net *net)
{
	static const uint8_t zero[16];

	return net->prefix_len == (net->is_ipv6 ? 128 : 32) &&
	       !memcmp(net->address, zero, sizeof(zero));
}

/*
 * A rule about 0.0.0.0 or :: itself means loopback where somebody is reached by it, because that is
 * what the kernel makes of it before the key is made.
 */
static int add_unspecified(struct profile *p, unsigned protocols, const struct bl_net *net,
			   const struct bl_rule *rule)
{
	static const struct bl_net loopback4 = {.address = {127, 0, 0, 1}, .prefix_len = 32};
	static const struct bl_net loopback6 = {
		.address = {[15] = 1}, .is_ipv6 = 1, .prefix_len = 128};
	uint8_t permissions = p->origin.permissions;
	int r = 0;

	p->origin.permissions = permissions & TARGET_PERMISSIONS;
	if (p->origin.permissions)
		r = add_net(p, protocols, net->is_ipv6 ? &loopback6 : &loopback4, rule->port_low,
			    rule->port_high);
	p->origin.permissions = permissions & (uint8_t)~TARGET_PERMISSIONS;
	if (r >= 0 && p->origin.permissions)
		r = add_net(p, protocols, net, rule->port_low, rule->port_high);
	p->origin.permissions = permissions;
	return r;
}

static int add_nets(struct profile *p, unsigned protocols, const struct bl_rule *rule)
{
	static const struct bl_net everywhere[] = {{.is_ipv6 = 0}, {.is_ipv6 = 1}};
	bool is_any = rule->peer == BL_PEER_ANY || !rule->nets_count;
	size_t count = is_any ? BL_ARRAY_LEN(everywhere) : rule->nets_count;
	uint16_t low = rule->peer == BL_PEER_ANY ? 0 : rule->port_low;
	uint16_t high = rule->peer == BL_PEER_ANY ? UINT16_MAX : rule->port_high;
	int r = 0;

	for (size_t i = 0; i < count && r >= 0; i++) {
		struct bl_net net = bl_cidr_unmap(is_any ? &everywhere[i] : &rule->nets[i]);

		r = is_unspecified(&net) ? add_unspecified(p, protocols, &net, rule)
					 : add_net(p, protocols, &net, low, high);
	}
	return r;
}

static int add_unix(struct profile *p, const struct bl_rule *rule)
{
	int r;

	switch (rule->peer) {
	case BL_PEER_PATH:
		return add_path(p, rule->pattern);
	case BL_PEER_ABSTRACT:
		return add_name(p, rule->pattern);
	case BL_PEER_ANY:
		r = add_path(p, "/**");
		return r < 0 ? r : add_name(p, "**");
	case BL_PEER_INET:
		break;
	}
	refuse_rule(p, &p->origin, 0, "a unix socket has no network address");
	return -EINVAL;
}

/* Families that "other" is not about: they have words of their own, or are the protocols'. */
static bool is_other_family(unsigned family)
{
	switch (family) {
	case AF_UNIX:
	case AF_INET:
	case AF_INET6:
	case AF_NETLINK:
	case AF_PACKET:
	case AF_VSOCK:
	case AF_SMC:
		return false;
	default:
		return true;
	}
}

/* The rule is about some ports only: not about protocols that have none. */
static bool has_ports(const struct bl_rule *rule)
{
	return rule->port_low > 0 || rule->port_high < UINT16_MAX;
}

/* Sockets of this kind are what the rule is about, whatever their addresses. */
static bool is_about_kind(const struct bl_rule *rule, unsigned kind)
{
	if (rule->protocol == BL_NETWORK_OTHER && kind >= BL_SOCKET_FAMILY(0))
		return is_other_family(kind - BL_SOCKET_FAMILY(0));
	if (rule->protocol != BL_NETWORK_ANY)
		return kind == bl_network_protocol_kind(rule->protocol);
	switch (rule->peer) {
	case BL_PEER_ANY:
		return true;
	case BL_PEER_INET:
		if ((kind == BL_PROTOCOL_RAW || kind == BL_PROTOCOL_ICMP) && has_ports(rule))
			return false;
		return kind && kind < BL_PROTOCOL_COUNT;
	case BL_PEER_PATH:
	case BL_PEER_ABSTRACT:
		return kind == BL_SOCKET_FAMILY(AF_UNIX);
	}
	return false;
}

/* Sockets that have no address, or none yet; but not those of the kinds in except. */
static int add_sockets(struct profile *p, const struct bl_rule *rule,
		       const struct bl_byteset *except)
{
	struct bl_byteset kinds = {0};
	bool is_empty = true;
	struct bl_glob glob;
	int r;

	for (unsigned kind = 0; kind <= UINT8_MAX; kind++) {
		if (!is_about_kind(rule, kind) || bl_byteset_has(except, (uint8_t)kind))
			continue;
		bl_byteset_add(&kinds, (uint8_t)kind);
		is_empty = false;
	}
	if (is_empty)
		return 0;
	r = bl_cidr_compile_key(BL_KEY_SOCKET, BL_KEY_SOCKET_LEN, &kinds, 1, &glob);
	return r < 0 ? r : add_glob(p, &glob);
}

static int refuse_peer(const struct profile *p, const char *message)
{
	refuse_rule(p, &p->origin, 0, message);
	return -EINVAL;
}

static unsigned protocols_of(uint8_t kind)
{
	return 1u << kind | (kind == BL_PROTOCOL_TCP ? 1u << BL_PROTOCOL_TCP_CHOSEN : 0);
}

static int add_network(struct profile *p, const struct bl_rule *rule)
{
	static const struct bl_byteset none;
	uint8_t kind = bl_network_protocol_kind(rule->protocol);
	bool is_any = rule->protocol == BL_NETWORK_ANY;
	bool is_unix = rule->protocol == BL_NETWORK_UNIX;
	bool is_inet = kind && kind < BL_PROTOCOL_COUNT;
	bool has_name = rule->peer == BL_PEER_PATH || rule->peer == BL_PEER_ABSTRACT;
	int r = 0;

	if (has_name && !is_unix && !is_any)
		return refuse_peer(p, "only unix sockets have names");
	if (rule->peer == BL_PEER_INET && is_unix)
		return refuse_peer(p, "a unix socket has no network address");
	if (rule->peer == BL_PEER_INET && !is_inet && !is_any)
		return refuse_peer(p, "sockets of this protocol have no addresses here");

	if (rule->peer == BL_PEER_ANY)
		r = add_sockets(p, rule, &none);
	/* A socket is created before it has an address. */
	p->origin.permissions &= (uint8_t)~CREATE_PERMISSION;
	if (!p->origin.permissions)
		return r;
	if (r >= 0 && (is_inet || is_any) && !has_name)
		r = add_nets(p, is_any ? INET_PROTOCOLS : protocols_of(kind), rule);
	if (r >= 0 && (is_unix || is_any) && rule->peer != BL_PEER_INET)
		r = add_unix(p, rule);
	return r;
}

/* Who may have the kernel choose a port may serve on the one it chose. */
static int add_chosen(struct profile *p, const struct bl_rule *rule)
{
	bool is_about_tcp = rule->protocol == BL_NETWORK_TCP || rule->protocol == BL_NETWORK_ANY;
	struct bl_rule chosen = *rule;

	if (rule->peer != BL_PEER_INET || rule->port_low > 0 || !is_about_tcp)
		return 0;
	chosen.port_high = UINT16_MAX;
	return add_nets(p, 1u << BL_PROTOCOL_TCP_CHOSEN, &chosen);
}

/*
 * What a rule allows is of no use without a socket, and what is bound is there to be listened on.
 * Of several rules with the same "by" the first brings these: *given is what it has brought.
 */
static int add_implied(struct profile *p, const struct bl_rule *rule, struct bl_byteset *given)
{
	uint8_t permissions = rule->permissions >> BL_NETWORK_BIND & 1 ? SERVER_PERMISSIONS : 0;
	int r;

	p->origin.permissions = CREATE_PERMISSION;
	r = add_sockets(p, rule, given);
	for (unsigned kind = 0; kind <= UINT8_MAX; kind++)
		if (is_about_kind(rule, kind))
			bl_byteset_add(given, (uint8_t)kind);
	p->origin.permissions = permissions & (uint8_t)~rule->permissions;
	if (r >= 0 && p->origin.permissions)
		r = add_network(p, rule);
	p->origin.permissions = permissions;
	return r < 0 || !permissions ? r : add_chosen(p, rule);
}

/* --- sections with keys of their own --- */

static const struct {
	uint8_t kind;
	uint8_t len;
} own_keys[BL_SECTION_COUNT] = {
	[BL_SECTION_PROCESS] = {BL_KEY_PROCESS, BL_KEY_PROCESS_LEN},
	[BL_SECTION_PRIVILEGE] = {BL_KEY_PRIVILEGE, BL_KEY_PRIVILEGE_LEN},
	[BL_SECTION_CAPABILITY] = {BL_KEY_CAPABILITY, BL_KEY_CAPABILITY_LEN},
};

static int add_own_key(struct profile *p, enum bl_section section, const struct bl_byteset *sets,
		       size_t count)
{
	struct bl_glob glob;
	int r;

	r = bl_cidr_compile_key(own_keys[section].kind, own_keys[section].len, sets, count, &glob);
	return r < 0 ? r : add_glob(p, &glob);
}

static int add_process(struct profile *p, const struct bl_rule *rule)
{
	struct bl_byteset sets[2] = {{.bits = {UINT64_C(1) << rule->access}},
				     {.bits = {rule->relations}}};

	return add_own_key(p, rule->section, sets, BL_ARRAY_LEN(sets));
}

static int add_numbers(struct profile *p, const struct bl_rule *rule)
{
	struct bl_byteset set = {.bits = {rule->numbers}};

	return add_own_key(p, rule->section, &set, 1);
}

/* Behind everything else: whose keys these are. */
static int add_sections(struct profile *p)
{
	int r = 0;

	for (unsigned i = BL_SECTION_PROCESS; i < BL_SECTION_COUNT && r >= 0; i++) {
		p->origin = (struct bl_origin){.is_section = true, .section = (enum bl_section)i};
		if (section_mode(p, i) != BL_MODE_OFF)
			r = add_own_key(p, (enum bl_section)i, NULL, 0);
	}
	return r;
}

/* --- rules --- */

/* 0: the rule has no "by". */
static int number_by(struct profile *p, const struct bl_rule *rule, uint8_t *ret_by)
{
	*ret_by = 0;
	if (!rule->by)
		return 0;
	for (size_t i = 0; i < p->by_count; i++)
		if (!strcmp(origin_rule(p, &p->by[i])->by, rule->by)) {
			*ret_by = (uint8_t)(i + 1);
			return 0;
		}
	if (p->by_count == BL_BY_MAX) {
		bl_diags_add(
			p->diags, BL_SEVERITY_ERROR, p->members[p->origin.member]->policy->file,
			rule->source.line, rule->source.column,
			"\"by %s\": the policies that apply together have more than %d different \"by\" patterns",
			rule->by, BL_BY_MAX);
		return -E2BIG;
	}
	p->by[p->by_count] = p->origin;
	p->by[p->by_count].is_subject = true;
	*ret_by = p->by[p->by_count].by = (uint8_t)(p->by_count + 1);
	p->by_count++;
	return 0;
}

static int add_objects(struct profile *p, const struct bl_rule *rule)
{
	switch (rule->section) {
	case BL_SECTION_EXEC:
	case BL_SECTION_FILE:
		return add_path(p, rule->pattern);
	case BL_SECTION_NETWORK:
		return add_network(p, rule);
	case BL_SECTION_PROCESS:
		return add_process(p, rule);
	case BL_SECTION_PRIVILEGE:
	case BL_SECTION_CAPABILITY:
		return add_numbers(p, rule);
	case BL_SECTION_COUNT:
		break;
	}
	return -EINVAL;
}

static int add_rules(struct profile *p, uint32_t member)
{
	const struct bl_policy *policy = p->members[member]->policy;
	int r;

	for (uint32_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		p->origin = (struct bl_origin){
			.member = member,
			.rule = i,
			.permissions = rule->permissions,
			.place = rule->place,
		};
		r = number_by(p, rule, &p->origin.by);
		if (r < 0)
			return r;
		r = add_objects(p, rule);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Behind all rules of the member: what they say themselves goes first. */
static int add_implied_rules(struct profile *p, uint32_t member)
{
	const struct bl_policy *policy = p->members[member]->policy;
	struct bl_byteset given[BL_BY_MAX + 1] = {0};
	int r;

	if (policy->sections[BL_SECTION_NETWORK].fallback != BL_VERDICT_DENY)
		return 0;
	for (uint32_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		if (rule->section != BL_SECTION_NETWORK || rule->verdict > BL_VERDICT_AUDIT)
			continue;
		p->origin = (struct bl_origin){.member = member, .rule = i, .is_implied = true};
		r = number_by(p, rule, &p->origin.by);
		if (r >= 0)
			r = add_implied(p, rule, &given[p->origin.by]);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Every path is also an executable that some subject may run, so the same walk tells which "by"
 * patterns it matches. They come behind all rules.
 */
static int add_subjects(struct profile *p)
{
	int r;

	for (size_t i = 0; i < p->by_count; i++) {
		p->origin = p->by[i];
		r = add_path(p, origin_rule(p, &p->origin)->by);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Patterns for the automaton. A group is what one policy says about the same permissions; a rule
 * with a condition decides for some only and takes nothing from those below it.
 */
static int make_patterns(const struct profile *p, struct bl_pattern **ret_patterns)
{
	bl_cleanup_free struct bl_pattern *patterns = calloc(p->count + 1, sizeof(*patterns));
	bl_cleanup_free uint32_t *groups =
		reallocarray(NULL, p->members_count + 1, GROUPS_PER_MEMBER * sizeof(*groups));
	uint32_t groups_count = 0;

	if (!patterns || !groups)
		return -ENOMEM;
	memset(groups, 0xff, (p->members_count + 1) * GROUPS_PER_MEMBER * sizeof(*groups));
	for (size_t i = 0; i < p->count; i++) {
		const struct bl_origin *origin = &p->origins[i];
		size_t group;

		patterns[i] = (struct bl_pattern){.glob = &p->globs[i], .group = UINT32_MAX};
		if (origin->by || origin->place || origin->is_section)
			continue;
		group = (size_t)origin->member * GROUPS_PER_MEMBER +
			((size_t)origin_rule(p, origin)->section << BL_PERMISSIONS_MAX) +
			(origin->permissions & ((1u << BL_PERMISSIONS_MAX) - 1));
		if (groups[group] == UINT32_MAX)
			groups[group] = groups_count++;
		patterns[i].group = groups[group];
		patterns[i].rank = origin->rule;
		if (origin->is_implied)
			patterns[i].rank +=
				(uint32_t)p->members[origin->member]->policy->rules_count;
	}
	*ret_patterns = TAKE(patterns);
	return 0;
}

/* --- the table --- */

/* Many small rules: no pattern is to blame, so it is the policy with most of them. */
static void refuse_number(const struct profile *p)
{
	const struct bl_policy *largest = p->members[0]->policy;
	size_t rules = 0;

	for (size_t i = 0; i < p->members_count; i++) {
		const struct bl_policy *policy = p->members[i]->policy;

		rules += policy->rules_count;
		if (policy->rules_count > largest->rules_count)
			largest = policy;
	}
	bl_diags_add(
		p->diags, BL_SEVERITY_ERROR, largest->file, 0, 0,
		"the %zu rules that apply together, %zu of them in this policy, do not fit into a table of %u bytes",
		rules, largest->rules_count, BL_TABLE_MAX);
}

static void refuse_size(const struct profile *p, const struct bl_automaton_error *error)
{
	for (size_t i = 0; i < error->culprits_count; i++)
		if (!p->origins[error->culprits[i]].is_section)
			refuse_rule(p, &p->origins[error->culprits[i]], 0, error->message);
	if (!error->culprits_count && p->members_count)
		refuse_number(p);
}

static int write_table(const struct profile *p, struct bl_automaton *automaton,
		       size_t *ret_meanings_bytes, struct bl_table *ret)
{
	struct bl_meanings meanings = p->decider.meanings;
	int r;

	meanings.accepts = meanings.beyonds = (struct bl_pool){0};
	r = bl_below_add(automaton, &p->decider.meanings, &meanings);
	if (r >= 0) {
		*ret_meanings_bytes = bl_meanings_bytes(&meanings);
		r = bl_table_write(automaton, &meanings, false, ret);
	}
	bl_pool_fini(&meanings.accepts);
	bl_pool_fini(&meanings.beyonds);
	return r;
}

static int build_table(struct profile *p, const struct bl_pattern *patterns, struct bl_table *ret)
{
	bl_cleanup(bl_automaton_fini) struct bl_automaton automaton = {0};
	struct bl_automaton_error error = {0};
	size_t meanings_bytes = 0;
	int r;

	r = bl_automaton_build(patterns, p->count, bl_decider_find, &p->decider,
			       bl_table_cells_max(0), &automaton, &error);
	if (r >= 0)
		r = write_table(p, &automaton, &meanings_bytes, ret);
	if (r == -E2BIG && automaton.cells) {
		/*
		 * Once more, with the room there is beside the decisions, to hear who does not fit.
		 */
		bl_automaton_fini(&automaton);
		r = bl_automaton_build(patterns, p->count, bl_decider_find, &p->decider,
				       bl_table_cells_max(meanings_bytes), &automaton, &error);
		if (r >= 0)
			r = -E2BIG;
	}
	if (r == -E2BIG)
		refuse_size(p, &error);
	return r;
}

static int export_profile(const struct profile *p, struct bl_compiled_profile *profile)
{
	profile->policies = calloc(p->members_count + 1, sizeof(const struct bl_policy *));
	profile->by = calloc(p->by_count + 1, sizeof(const char *));
	if (!profile->policies || !profile->by)
		return -ENOMEM;
	for (size_t i = 0; i < p->members_count; i++)
		profile->policies[i] = p->members[i]->policy;
	profile->policies_count = p->members_count;
	for (size_t i = 0; i < p->by_count; i++)
		profile->by[i] = origin_rule(p, &p->by[i])->by;
	profile->by_count = p->by_count;
	profile->profile.conditions = profile->by_count ? BL_CONDITION_BY : 0;
	for (size_t i = 0; i < p->count; i++)
		if (p->origins[i].place)
			profile->profile.conditions |= BL_CONDITION_PEER;
	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		profile->profile.mode[i] = (uint8_t)section_mode(p, i);
	return 0;
}

static bool is_silent(const struct bl_compiled_profile *profile, const uint8_t *key, size_t len,
		      enum bl_section section)
{
	struct bl_beyond beyond =
		bl_evaluate_beyond(profile->table, profile->table_bytes, key, len);

	return beyond.silent & BL_ASK((unsigned)section, BL_USE);
}

/* What is allowed without a record needs no walk: asked of the table, so that both say the same. */
static void note_silent(struct bl_compiled_profile *profile)
{
	struct bl_profile *record = &profile->profile;
	uint8_t key[BL_KEY_PROCESS_LEN];

	for (unsigned i = 0; i < BL_ACCESS_COUNT; i++)
		for (unsigned k = 0; k < BL_RELATION_COUNT; k++)
			if (is_silent(profile, key,
				      bl_key_process(key, (enum bl_access)i, (enum bl_relation)k),
				      BL_SECTION_PROCESS))
				record->silent_accesses |= (uint8_t)BL_ACCESS_BIT(i, k);
	for (unsigned i = 0; i < 32; i++)
		if (is_silent(profile, key, bl_key_privilege(key, i), BL_SECTION_PRIVILEGE))
			record->silent_privileges |= UINT32_C(1) << i;
	for (unsigned i = 0; i < 64; i++)
		if (is_silent(profile, key, bl_key_capability(key, i), BL_SECTION_CAPABILITY))
			record->silent_capabilities |= UINT64_C(1) << i;
}

int bl_profile_build(const struct bl_member *all, const uint32_t *members, size_t count,
		     struct bl_diags *diags, struct bl_compiled_profile *ret_profile)
{
	bl_cleanup(profile_fini) struct profile p = {.diags = diags};
	bl_cleanup(bl_compiled_profile_fini) struct bl_compiled_profile made = {0};
	bl_cleanup_free struct bl_pattern *patterns = NULL;
	struct bl_table table;
	int r;

	p.members = calloc(count + 1, sizeof(const struct bl_member *));
	if (!p.members)
		return -ENOMEM;
	for (; p.members_count < count; p.members_count++)
		p.members[p.members_count] = &all[members[p.members_count]];
	for (uint32_t i = 0; i < count; i++) {
		r = add_rules(&p, i);
		if (r >= 0)
			r = add_implied_rules(&p, i);
		if (r < 0)
			return r;
	}
	r = add_subjects(&p);
	if (r >= 0)
		r = add_sections(&p);
	if (r < 0)
		return r;
	r = make_patterns(&p, &patterns);
	if (r < 0)
		return r;
	p.decider.members = p.members;
	p.decider.members_count = p.members_count;
	p.decider.origins = p.origins;
	r = export_profile(&p, &made);
	if (r < 0)
		return r;
	r = build_table(&p, patterns, &table);
	if (r < 0)
		return r;
	made.table = table.bytes;
	made.table_bytes = table.size;
	note_silent(&made);
	*ret_profile = made;
	made = (struct bl_compiled_profile){0};
	return 0;
}
