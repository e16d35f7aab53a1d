// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The walk of bpf/match.bpf.h over the same bytes. Where the kernel masks an offset, this refuses
 * the table: nothing is read outside of it, whatever it holds, and a table that leads outside
 * decides nothing but denials.
 */
#include "enforcer/evaluate.h"

#include <stdbool.h>
#include <string.h>

static const unsigned permission_counts[] = {
	[BL_SECTION_EXEC] = BL_EXEC_COUNT,       [BL_SECTION_FILE] = BL_FILE_COUNT,
	[BL_SECTION_NETWORK] = BL_NETWORK_COUNT, [BL_SECTION_PROCESS] = BL_USE_COUNT,
	[BL_SECTION_PRIVILEGE] = BL_USE_COUNT,   [BL_SECTION_CAPABILITY] = BL_USE_COUNT,
};
_Static_assert(sizeof(permission_counts) / sizeof(permission_counts[0]) == BL_SECTION_COUNT,
	       "a count for each section");

/* Copies what stands at offset, if all of it lies behind the header. */
static bool read_at(const void *table, size_t table_bytes, size_t offset, void *ret, size_t bytes)
{
	if (offset < sizeof(struct bl_table_header) || offset > table_bytes ||
	    bytes > table_bytes - offset)
		return false;
	memcpy(ret, (const uint8_t *)table + offset, bytes);
	return true;
}

uint32_t bl_evaluate_walk(const void *table, size_t table_bytes, const void *key, size_t key_len)
{
	struct bl_table_header header;
	const uint8_t *bytes = key;
	struct bl_cell own;
	struct bl_cell edge;
	uint32_t state;

	if (table_bytes < sizeof(header))
		return 0;
	memcpy(&header, table, sizeof(header));
	state = header.start;
	for (size_t i = 0; i < key_len && state < header.sinks; i++) {
		if (!read_at(table, table_bytes, state, &own, sizeof(own)) ||
		    !read_at(table, table_bytes, (size_t)state + header.classes[bytes[i]], &edge,
			     sizeof(edge)))
			return 0;
		state = edge.owner == state ? edge.next : own.next;
	}
	if (!read_at(table, table_bytes, state, &own, sizeof(own)))
		return 0;
	return own.owner & ~BL_CELL_STATE;
}

unsigned bl_decision_rank(uint8_t verdict, uint8_t flags)
{
	unsigned rank = verdict;

	if (verdict >= BL_VERDICT_DENY && !(flags & BL_DECISION_WOULD))
		rank += BL_VERDICT_COUNT;
	return rank * 2 + ((flags & BL_DECISION_RECORD) != 0);
}

/* Whether a choice holds; as is_choice_of() of bpf/match.bpf.h, for a subject that is known. */
static bool is_choice_of(const struct bl_choice *choice, uint64_t by)
{
	uint64_t peer = BL_CHOICE_PEER(choice->flags);

	if (peer && !(by & BL_BY_PEER ? by & peer : choice->verdict >= BL_VERDICT_DENY))
		return false;
	return !choice->by || by >> (choice->by - 1) & 1;
}

/* The choice of the policies that ranks highest; of equal ones the first. */
static bool choose(const void *table, size_t table_bytes, const struct bl_decision *list,
		   uint64_t by, struct bl_decision *ret_decision)
{
	struct bl_choice best = {0};
	bool has_best = false;
	bool is_decided = false;

	for (unsigned i = 0; i < list->count; i++) {
		struct bl_choice choice;

		if (!read_at(table, table_bytes, (size_t)list->rule + i * sizeof(choice), &choice,
			     sizeof(choice)) ||
		    choice.by > BL_BY_MAX)
			return false;
		if (!is_decided && is_choice_of(&choice, by)) {
			is_decided = true;
			if (!has_best || bl_decision_rank(choice.verdict, choice.flags) >
						 bl_decision_rank(best.verdict, best.flags))
				best = choice;
			has_best = true;
		}
		if (choice.is_last)
			is_decided = false;
	}
	*ret_decision = (struct bl_decision){
		.rule = best.rule,
		.verdict = best.verdict,
		.flags = best.flags,
	};
	return has_best;
}

struct bl_decided bl_evaluate(const void *table, size_t table_bytes, const void *key,
			      size_t key_len, enum bl_section section, unsigned permission,
			      uint64_t by)
{
	const struct bl_decided refused = {.verdict = BL_VERDICT_DENY};
	struct bl_decided decided = {0};
	struct bl_decision decision;
	struct bl_accept accept;

	if ((unsigned)section >= BL_SECTION_COUNT || permission >= permission_counts[section])
		return refused;
	if (!read_at(table, table_bytes, bl_evaluate_walk(table, table_bytes, key, key_len),
		     &accept, sizeof(accept)) ||
	    !read_at(table, table_bytes,
		     (size_t)accept.decisions[section] + permission * sizeof(decision), &decision,
		     sizeof(decision)))
		return refused;
	if (decision.flags & BL_DECISION_LIST &&
	    !choose(table, table_bytes, &decision, by, &decision))
		return refused;
	if (decision.verdict >= BL_VERDICT_COUNT)
		return refused;

	decided.verdict = (enum bl_verdict)decision.verdict;
	decided.flags = decision.flags & (BL_DECISION_RECORD | BL_DECISION_WOULD);
	if (decision.rule && !read_at(table, table_bytes, decision.rule, &decided.rule_key,
				      sizeof(decided.rule_key)))
		return refused;
	return decided;
}

struct bl_beyond bl_evaluate_beyond(const void *table, size_t table_bytes, const void *key,
				    size_t key_len)
{
	static const struct bl_allowed everything = {UINT32_MAX, UINT32_MAX};
	struct bl_beyond beyond;
	struct bl_accept accept;

	if (!read_at(table, table_bytes, bl_evaluate_walk(table, table_bytes, key, key_len),
		     &accept, sizeof(accept)) ||
	    !read_at(table, table_bytes, accept.beyond, &beyond, sizeof(beyond)))
		return (struct bl_beyond){.self_any = everything, .below_any = everything};
	return beyond;
}

struct bl_selected bl_evaluate_selectors(const void *table, size_t table_bytes, const char *cgroup,
					 size_t cgroup_len)
{
	struct bl_selected selected;

	if (!read_at(table, table_bytes, bl_evaluate_walk(table, table_bytes, cgroup, cgroup_len),
		     &selected, sizeof(selected)))
		return (struct bl_selected){0};
	return selected;
}

size_t bl_key_socket(uint8_t key[BL_KEY_SOCKET_LEN], uint8_t kind)
{
	key[0] = BL_KEY_SOCKET;
	key[1] = kind;
	return BL_KEY_SOCKET_LEN;
}

size_t bl_key_process(uint8_t key[BL_KEY_PROCESS_LEN], enum bl_access access,
		      enum bl_relation relation)
{
	memset(key, 0, BL_KEY_PROCESS_LEN);
	key[0] = BL_KEY_PROCESS;
	key[1] = (uint8_t)access;
	key[2] = (uint8_t)relation;
	return BL_KEY_PROCESS_LEN;
}

size_t bl_key_privilege(uint8_t key[BL_KEY_PRIVILEGE_LEN], unsigned privilege)
{
	key[0] = BL_KEY_PRIVILEGE;
	key[1] = (uint8_t)privilege;
	return BL_KEY_PRIVILEGE_LEN;
}

size_t bl_key_capability(uint8_t key[BL_KEY_CAPABILITY_LEN], unsigned capability)
{
	key[0] = BL_KEY_CAPABILITY;
	key[1] = (uint8_t)capability;
	return BL_KEY_CAPABILITY_LEN;
}

size_t bl_key_inet4(uint8_t key[BL_KEY_INET4_LEN], enum bl_protocol protocol,
		    const uint8_t address[4], uint16_t port)
{
	key[0] = BL_KEY_INET4;
	key[1] = (uint8_t)protocol;
	memcpy(key + 2, address, 4);
	key[6] = (uint8_t)(port >> 8);
	key[7] = (uint8_t)port;
	return BL_KEY_INET4_LEN;
}

size_t bl_key_inet6(uint8_t key[BL_KEY_INET6_LEN], enum bl_protocol protocol,
		    const uint8_t address[16], uint16_t port)
{
	static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

	if (!memcmp(address, mapped, sizeof(mapped)))
		return bl_key_inet4(key, protocol, address + sizeof(mapped), port);
	key[0] = BL_KEY_INET6;
	key[1] = (uint8_t)protocol;
	memcpy(key + 2, address, 16);
	key[18] = (uint8_t)(port >> 8);
	key[19] = (uint8_t)port;
	return BL_KEY_INET6_LEN;
}
