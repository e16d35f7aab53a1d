// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * One profile: the rules of its policies as patterns of one automaton, and what each set of
 * matching rules comes to, worked out here once so that nobody who walks the table has to.
 */
#include "enforcer/policy_compile_parts.h"

#include "enforcer/cidr.h"
#include "enforcer/evaluate.h"
#include "enforcer/util.h"

#define INET_PROTOCOLS ((1u << BL_PROTOCOL_COUNT) - 2)
/* Permissions for which the unspecified address stands for loopback. */
#define TARGET_PERMISSIONS (1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND)
#define GROUPS_PER_MEMBER  (BL_SECTION_COUNT << BL_PERMISSIONS_MAX)

/* What a pattern of the automaton came from; a rule may need several. */
struct origin {
	uint32_t member;
	uint32_t rule;
	uint8_t permissions;
	uint8_t by; /* as in struct bl_choice */
};

struct profile {
	const struct bl_member **members;
	size_t members_count;
	struct bl_diags *diags;

	struct bl_glob *globs;
	size_t globs_capacity;
	struct origin *origins;
	size_t origins_capacity;
	size_t count;
	const char *by[BL_BY_MAX];
	size_t by_count;

	/* of the rule whose patterns are being added */
	struct origin origin;

	struct bl_meanings meanings;
	struct bl_choice *choices;
	size_t choices_count;
	size_t choices_capacity;
};

static void profile_fini(struct profile *p)
{
	for (size_t i = 0; i < p->count; i++)
		bl_glob_fini(&p->globs[i]);
	free(p->members);
	free(p->globs);
	free(p->origins);
	free(p->choices);
	bl_meanings_fini(&p->meanings);
}

static const struct bl_rule *origin_rule(const struct profile *p, const struct origin *origin)
{
	return &p->members[origin->member]->policy->rules[origin->rule];
}

static void refuse_rule(const struct profile *p, const struct origin *origin, size_t offset,
			const char *message)
{
	const struct bl_rule *rule = origin_rule(p, origin);

	bl_diags_add(p->diags, BL_SEVERITY_ERROR, p->members[origin->member]->policy->file,
		     rule->source.line,
		     rule->source.column ? rule->source.column + (unsigned)offset : 0, "\"%s\": %s",
		     rule->pattern ? rule->pattern : rule->text, message);
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

static int add_network(struct profile *p, const struct bl_rule *rule)
{
	static const unsigned protocols[] = {
		[BL_NETWORK_TCP] = 1u << BL_PROTOCOL_TCP,
		[BL_NETWORK_UDP] = 1u << BL_PROTOCOL_UDP,
		[BL_NETWORK_ICMP] = 1u << BL_PROTOCOL_ICMP,
		[BL_NETWORK_RAW] = 1u << BL_PROTOCOL_RAW,
		[BL_NETWORK_SCTP] = 1u << BL_PROTOCOL_SCTP,
		[BL_NETWORK_OTHER] = 1u << BL_PROTOCOL_OTHER,
		[BL_NETWORK_ANY] = INET_PROTOCOLS,
		[BL_NETWORK_PROTOCOL_COUNT] = 0,
	};
	bool is_unix = rule->peer == BL_PEER_PATH || rule->peer == BL_PEER_ABSTRACT;
	int r = 0;

	if (rule->protocol == BL_NETWORK_UNIX)
		return add_unix(p, rule);
	if (rule->protocol >= BL_NETWORK_PROTOCOL_COUNT || !protocols[rule->protocol]) {
		refuse_rule(p, &p->origin, 0, "the tables have no addresses of this protocol");
		return -EINVAL;
	}
	if (is_unix && rule->protocol != BL_NETWORK_ANY) {
		refuse_rule(p, &p->origin, 0, "only unix sockets have names");
		return -EINVAL;
	}
	if (!is_unix)
		r = add_nets(p, protocols[rule->protocol], rule);
	if (r >= 0 && rule->protocol == BL_NETWORK_ANY && rule->peer != BL_PEER_INET)
		r = add_unix(p, rule);
	return r;
}

/* 0: the rule has no "by". */
static int number_by(struct profile *p, const struct bl_rule *rule, uint8_t *ret_by)
{
	*ret_by = 0;
	if (!rule->by)
		return 0;
	for (size_t i = 0; i < p->by_count; i++)
		if (!strcmp(p->by[i], rule->by)) {
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
	p->by[p->by_count++] = rule->by;
	*ret_by = (uint8_t)p->by_count;
	return 0;
}

static int add_rules(struct profile *p, uint32_t member)
{
	const struct bl_policy *policy = p->members[member]->policy;
	int r;

	for (uint32_t i = 0; i < policy->rules_count; i++) {
		const struct bl_rule *rule = &policy->rules[i];

		p->origin = (struct origin){
			.member = member,
			.rule = i,
			.permissions = rule->permissions,
		};
		r = number_by(p, rule, &p->origin.by);
		if (r < 0)
			return r;
		r = rule->section == BL_SECTION_NETWORK ? add_network(p, rule)
							: add_path(p, rule->pattern);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Patterns for the automaton. A group is what one policy says about the same permissions; a rule
 * with a "by" decides for some subjects only and takes nothing from those below it.
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
		const struct origin *origin = &p->origins[i];
		size_t group = (size_t)origin->member * GROUPS_PER_MEMBER +
			       ((size_t)origin_rule(p, origin)->section << BL_PERMISSIONS_MAX) +
			       (origin->permissions & ((1u << BL_PERMISSIONS_MAX) - 1));

		patterns[i] = (struct bl_pattern){.glob = &p->globs[i], .group = UINT32_MAX};
		if (origin->by)
			continue;
		if (groups[group] == UINT32_MAX)
			groups[group] = groups_count++;
		patterns[i].group = groups[group];
		patterns[i].rank = origin->rule;
	}
	*ret_patterns = TAKE(patterns);
	return 0;
}

/* --- matching rules to decisions --- */

static uint8_t flags_of(const struct bl_member *member, enum bl_verdict verdict, bool is_logged)
{
	uint8_t flags = 0;

	if (verdict != BL_VERDICT_ALLOW && is_logged)
		flags |= BL_DECISION_RECORD;
	if (verdict >= BL_VERDICT_DENY && member->mode == BL_MODE_AUDIT)
		flags |= BL_DECISION_WOULD;
	return flags;
}

static int add_choice(struct profile *p, const struct bl_choice *choice, uint64_t key)
{
	int r;

	r = bl_grow(&p->choices, &p->choices_capacity, p->choices_count + 1);
	if (r < 0)
		return r;
	p->choices[p->choices_count] = *choice;
	r = bl_pool_intern(&p->meanings.keys, &key, sizeof(key),
			   &p->choices[p->choices_count].rule);
	if (r < 0)
		return r;
	p->choices_count++;
	return 0;
}

/* ids: the member's among the matching patterns. */
static int add_choices(struct profile *p, uint32_t number, enum bl_section section,
		       uint8_t permission, const uint32_t *ids, size_t count)
{
	const struct bl_member *member = p->members[number];
	const struct bl_policy *policy = member->policy;
	struct bl_choice fallback = {
		.verdict = (uint8_t)policy->sections[section].fallback,
		.flags = flags_of(member, policy->sections[section].fallback, true),
		.is_last = 1,
	};
	uint64_t chosen = 0;
	int r;

	for (size_t i = 0; i < count; i++) {
		const struct origin *origin = &p->origins[ids[i]];
		const struct bl_rule *rule = origin_rule(p, origin);
		struct bl_choice choice = {
			.verdict = (uint8_t)rule->verdict,
			.flags = flags_of(member, rule->verdict, rule->is_logged),
			.by = origin->by,
			.is_last = !origin->by,
		};

		if (rule->section != section || !(origin->permissions & permission))
			continue;
		if (origin->by && chosen >> (origin->by - 1) & 1)
			continue;
		r = add_choice(p, &choice, member->keys[origin->rule]);
		if (r < 0 || choice.is_last)
			return r;
		chosen |= UINT64_C(1) << (origin->by - 1);
	}
	return add_choice(p, &fallback, member->keys[policy->rules_count + section]);
}

/* Puts choices of all policies in a row, or the best of them if none depends on the subject. */
static int settle_choices(struct profile *p, struct bl_decision *ret_decision)
{
	const struct bl_choice *best = p->choices;
	bool is_list = false;
	uint32_t offset;
	int r;

	if (!p->choices_count) {
		*ret_decision = (struct bl_decision){.rule = BL_RULE_NONE};
		return 0;
	}
	for (size_t i = 0; i < p->choices_count; i++) {
		const struct bl_choice *choice = &p->choices[i];

		is_list = is_list || choice->by;
		if (bl_decision_rank(choice->verdict, choice->flags) >
		    bl_decision_rank(best->verdict, best->flags))
			best = choice;
	}
	if (!is_list) {
		*ret_decision = (struct bl_decision){
			.rule = best->rule,
			.verdict = best->verdict,
			.flags = best->flags,
		};
		return 0;
	}
	if (p->choices_count > UINT16_MAX)
		return -E2BIG;
	r = bl_pool_intern(&p->meanings.choices, p->choices, p->choices_count * sizeof(*best),
			   &offset);
	if (r < 0)
		return r;
	*ret_decision = (struct bl_decision){
		.rule = offset,
		.flags = BL_DECISION_LIST,
		.count = (uint16_t)p->choices_count,
	};
	return 0;
}

static int decide(struct profile *p, enum bl_section section, unsigned permission,
		  const uint32_t *ids, size_t count, struct bl_decision *ret_decision)
{
	size_t at = 0;
	int r;

	p->choices_count = 0;
	for (uint32_t member = 0; member < p->members_count; member++) {
		size_t start = at;

		while (at < count && p->origins[ids[at]].member == member)
			at++;
		if (!p->members[member]->policy->sections[section].is_present)
			continue;
		r = add_choices(p, member, section, (uint8_t)(1u << permission), ids + start,
				at - start);
		if (r < 0)
			return r;
	}
	return settle_choices(p, ret_decision);
}

static int64_t find_meaning(void *context, const uint32_t *ids, size_t count)
{
	struct profile *p = context;
	struct bl_accept accept = {0};
	uint32_t offset;
	int r;

	for (unsigned section = 0; section < BL_SECTION_COUNT; section++) {
		struct bl_decision decisions[BL_PERMISSIONS_MAX] = {0};
		unsigned permissions = bl_permission_count((enum bl_section)section);

		for (unsigned i = 0; i < permissions; i++) {
			r = decide(p, (enum bl_section)section, i, ids, count, &decisions[i]);
			if (r < 0)
				return r;
		}
		r = bl_pool_intern(&p->meanings.decisions, decisions,
				   permissions * sizeof(*decisions), &accept.decisions[section]);
		if (r < 0)
			return r;
	}
	r = bl_pool_intern(&p->meanings.accepts, &accept, sizeof(accept), &offset);
	return r < 0 ? r : (int64_t)(offset / sizeof(accept));
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
		rules, largest->rules_count, BL_TABLE_LARGE);
}

static void refuse_size(const struct profile *p, const struct bl_automaton_error *error)
{
	for (size_t i = 0; i < error->culprits_count; i++)
		refuse_rule(p, &p->origins[error->culprits[i]], 0, error->message);
	if (!error->culprits_count && p->members_count)
		refuse_number(p);
}

static int build_table(struct profile *p, const struct bl_pattern *patterns, struct bl_table *ret)
{
	bl_cleanup(bl_automaton_fini) struct bl_automaton automaton = {0};
	struct bl_automaton_error error = {0};
	int r;

	r = bl_automaton_build(patterns, p->count, find_meaning, p, bl_table_cells_max(0),
			       &automaton, &error);
	if (r >= 0)
		r = bl_table_write(&automaton, &p->meanings, false, ret);
	if (r == -E2BIG && automaton.cells) {
		/*
		 * Once more, with the room there is beside the decisions, to hear who does not fit.
		 */
		bl_automaton_fini(&automaton);
		r = bl_automaton_build(patterns, p->count, find_meaning, p,
				       bl_table_cells_max(bl_meanings_bytes(&p->meanings)),
				       &automaton, &error);
		if (r >= 0)
			r = -E2BIG;
	}
	if (r == -E2BIG)
		refuse_size(p, &error);
	return r;
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
		profile->by[i] = p->by[i];
	profile->by_count = p->by_count;
	for (unsigned i = 0; i < BL_SECTION_COUNT; i++)
		profile->profile.mode[i] = (uint8_t)section_mode(p, i);
	return 0;
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
		if (r < 0)
			return r;
	}
	r = make_patterns(&p, &patterns);
	if (r < 0)
		return r;
	r = export_profile(&p, &made);
	if (r < 0)
		return r;
	r = build_table(&p, patterns, &table);
	if (r < 0)
		return r;
	made.table = table.bytes;
	made.table_bytes = table.size;
	made.used_bytes = table.used;
	made.profile.size_class = (uint8_t)table.size_class;
	*ret_profile = made;
	made = (struct bl_compiled_profile){0};
	return 0;
}
