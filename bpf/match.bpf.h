/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking a policy table, as abi.h describes it. The cost is the key's bytes; it does not grow with
 * rules (I9).
 *
 * Every offset read from a table is masked to the length of the value the table is in: a table is
 * made by our own compiler, but the verifier does not know it.
 */
#pragma once

#include "bpf/scratch.bpf.h"

/* Bytes a callback takes: more make the loop's own cost smaller and the program larger. */
#define WALK_CHUNK 16

/* A table: where it begins in a value of the map. Offsets in it are its own. */
struct table {
	const __u8 *value;
	const struct bl_table_header *header;
	__u32 base;
};

struct walk {
	struct table table;
	const __u8 *key;
	__u32 position;
	__u32 state;
	__u32 sinks;
};

/* What stands at an offset of the table. */
static __always_inline const void *at(const struct table *table, __u32 offset)
{
	return table->value + ((table->base + offset) & (BL_TABLE_MAX - 8));
}

static __always_inline __u32 number_at(const struct table *table, __u32 offset)
{
	return *(const __u32 *)(table->value + ((table->base + offset) & (BL_TABLE_MAX - 4)));
}

static __always_inline __u32 step(const struct table *table, __u32 state, __u8 byte)
{
	const struct bl_cell *own = at(table, state);
	const struct bl_cell *edge = at(table, state + table->header->classes[byte]);

	return edge->owner == state ? edge->next : own->next;
}

static long walk_chunk(__u32 index, struct walk *walk)
{
	__u32 position = (walk->position + index * WALK_CHUNK) & (BL_PATH_MAX - 1);
	const __u8 *key = walk->key + position;
	__u32 table_state = walk->state;

	_Pragma("unroll") for (int i = 0; i < WALK_CHUNK; i++)
		table_state = step(&walk->table, table_state, key[i]);
	walk->state = table_state;
	return table_state >= walk->sinks;
}

/* What is left of a chunk, by powers of two: that many bytes of the rest, if its bit is set. */
#define WALK_GROUP(count)                                                                          \
	do {                                                                                       \
		if (rest & (count) && walk.state < walk.sinks) {                                   \
			_Pragma("unroll") for (int i = 0; i < (count); i++)                        \
				walk.state = step(&walk.table, walk.state, walk.key[next + i]);    \
			next += (count);                                                           \
		}                                                                                  \
	} while (0)

/* From table_state, 0 for the start; to the state it ends in. */
static __always_inline __u32 walk_key(const struct table *table, const struct scratch *scratch,
				      __u32 position, __u32 key_len, __u32 table_state)
{
	struct walk walk = {
		.table = *table,
		.key = (const __u8 *)scratch->key,
		.position = position,
		.state = table_state ? table_state : table->header->start,
		.sinks = table->header->sinks,
	};
	__u32 rest = key_len % WALK_CHUNK;
	__u32 next;

	if (walk.state >= walk.sinks)
		return walk.state;
	if (key_len >= WALK_CHUNK)
		bpf_loop(key_len / WALK_CHUNK, walk_chunk, &walk, 0);
	next = (position + key_len - rest) & (BL_PATH_MAX - 1);
	WALK_GROUP(8);
	WALK_GROUP(4);
	WALK_GROUP(2);
	WALK_GROUP(1);
	return walk.state;
}

/*
 * Orders verdicts of one decision: an enforced denial above one of audit mode, that above audit and
 * allow.
 */
static __always_inline __u32 verdict_rank(__u8 verdict, __u8 flags)
{
	if (verdict < BL_VERDICT_DENY)
		return verdict;
	return flags & BL_DECISION_WOULD ? verdict : verdict + BL_VERDICT_COUNT;
}

/*
 * Takes an answer into the request if it is stricter than what is there, or as strict but recorded.
 * rule is the offset of its key in the table.
 */
static __always_inline void request_take(struct request *request, const struct table *table,
					 __u32 rule, __u8 verdict, __u8 flags, __u32 permission)
{
	__u32 rank = verdict_rank(verdict, flags);
	__u32 rank_so_far = verdict_rank(request->verdict, request->flags);
	bool is_recorded_first = (flags & ~request->flags) & BL_DECISION_RECORD;

	if (rule)
		request->named |= permission;
	if (rank < rank_so_far || rank == BL_VERDICT_ALLOW)
		return;
	if (flags & BL_DECISION_WOULD && !(request->asked_would & permission))
		return;
	if (verdict == BL_VERDICT_AUDIT && request->is_gain && !(request->own & permission))
		return;
	if (rank == rank_so_far && !is_recorded_first) {
		request->decided |= permission;
		return;
	}
	request->verdict = verdict;
	request->flags = flags;
	request->decided = permission;
	request->rule = *(const __u64 *)at(table, rule);
}

/* Whether a choice holds. Of what is not known, whatever restricts the subject does. */
static __always_inline bool is_choice_of(const struct request *request,
					 const struct bl_choice *choice)
{
	bool is_denial = choice->verdict >= BL_VERDICT_DENY;
	__u64 peer = BL_CHOICE_PEER(choice->flags);

	if (peer && !(request->by & BL_BY_PEER ? request->by & peer : is_denial))
		return false;
	if (!choice->by)
		return true;
	if (!request->is_subject_known)
		return is_denial;
	return request->by >> ((choice->by - 1) & 63) & 1;
}

struct choices {
	struct request *request;
	struct table table;
	__u32 accept;	 /* offset of the accept set */
	__u32 first;	 /* offset of the choices */
	__u32 permission;
	__u32 is_settled; /* the policy whose choices these are has decided */
};

#define SILENT_AT __builtin_offsetof(struct bl_beyond, silent)
_Static_assert(SILENT_AT % 8 == 0, "the last of the words");

/*
 * What is not simply allowed is rare, and gone through by callbacks: one for each permission, and
 * in it one for each choice. 6.1 takes a field of the context that begins as a constant for one.
 */
static long choose(__u32 index, struct choices *choices)
{
	const struct bl_choice *choice =
		at(&choices->table, choices->first + index * sizeof(struct bl_choice));

	if (!choices->is_settled && is_choice_of(choices->request, choice)) {
		request_take(choices->request, &choices->table, choice->rule, choice->verdict,
			     choice->flags, choices->permission);
		choices->is_settled = 1;
	}
	if (choice->is_last)
		choices->is_settled = 0;
	return 0;
}

static long decide(__u32 index, struct choices *choices)
{
	struct request *request = choices->request;
	__u32 permission = 1u << (index & 31);
	__u32 section = index / BL_PERMISSIONS_MAX;
	__u32 within = index % BL_PERMISSIONS_MAX;
	const struct bl_decision *decision;
	__u32 decisions;

	if (!(request->pending & permission))
		return 0;
	if (index >= BL_ASK_MANY) {
		section = BL_SECTION_PROCESS + index - BL_ASK_MANY;
		within = BL_USE;
	}
	decisions = number_at(&choices->table, choices->accept + section * sizeof(__u32));
	decision = at(&choices->table, decisions + within * sizeof(*decision));
	if (!(decision->flags & BL_DECISION_LIST)) {
		request_take(request, &choices->table, decision->rule, decision->verdict,
			     decision->flags, permission);
		return 0;
	}
	choices->first = decision->rule;
	choices->permission = permission;
	choices->is_settled = decision->verdict; /* 0 */
	bpf_loop(decision->count, choose, choices, 0);
	return 0;
}

/* Takes what the state means into the request. */
static __always_inline void take_accept(struct request *request, const struct table *table,
					__u32 table_state)
{
	const struct bl_cell *own = at(table, table_state);
	__u32 accept = own->owner & ~BL_CELL_STATE;
	__u32 beyond = number_at(table, accept + 4 * BL_SECTION_COUNT);
	__u32 silent = number_at(table, beyond + SILENT_AT);

	request->silent = silent;
	request->pending = request->asked & (~silent | request->wants_named);
	if (request->pending) {
		struct choices choices = {
			.request = request,
			.table = *table,
			.accept = accept,
			.is_settled = request->pending,
		};

		bpf_loop(BL_ASK_COUNT, decide, &choices, 0);
	}
	if (!request->wants_beyond)
		return;
	_Pragma("unroll") for (__u32 i = 0; i < SILENT_AT; i += 8)
		*(__u64 *)((void *)&request->beyond + i) = *(const __u64 *)at(table, beyond + i);
}

/* The table of a profile or selector. Not 0: it has none. */
static __always_inline int table_of(__u32 id, struct table *ret)
{
	const struct bl_profile *profile = bpf_map_lookup_elem(&profiles, &id);
	__u32 zero = 0;
	__u32 value;
	__u64 base;
	void *inner;

	if (!profile || !profile->table_bytes)
		return -1;
	value = profile->value;
	base = profile->base;
	inner = bpf_map_lookup_elem(&tables, &value);
	ret->value = inner ? bpf_map_lookup_elem(inner, &zero) : NULL;
	/* The register that is compared has to be the one that is added. */
	barrier_var(base);
	if (!ret->value || base > BL_TABLE_MAX - sizeof(*ret->header))
		return -1;
	barrier_var(base);
	ret->base = base;
	ret->header = (const void *)(ret->value + base);
	return 0;
}

/*
 * Asks one profile about the key in scratch, as scratch->request says. Not 0: it has no table,
 * which must not happen and is a failure, not an allow. A global function, so that the verifier
 * goes through it once and not once for each caller.
 */
__noinline int ask_profile(struct scratch *scratch, __u32 id)
{
	struct request *request;
	struct table table;

	if (!scratch || table_of(id, &table))
		return -1;
	request = &scratch->request;
	request->state = walk_key(&table, scratch, request->position + request->skip,
				  request->key_len - request->skip, request->state);
	take_accept(request, &table, request->state);
	return 0;
}

/* Which profile the cgroup path in scratch is given. Not 0: there is no such selector table. */
__noinline int select_profile(struct scratch *scratch, __u32 key_len, __u32 id,
			      struct bl_selected *ret)
{
	const struct bl_selected *selected;
	const struct bl_cell *own;
	struct table table;

	if (!scratch || !ret || table_of(id, &table))
		return -1;
	own = at(&table, walk_key(&table, scratch, 0, key_len, 0));
	selected = at(&table, own->owner & ~BL_CELL_STATE);
	ret->profile = selected->profile;
	ret->is_own = selected->is_own;
	return 0;
}
