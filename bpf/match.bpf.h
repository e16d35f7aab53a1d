/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Walking a policy table, as abi.h describes it. The cost is the key's bytes; it does not grow with
 * rules (I9).
 *
 * Every offset read from a table is masked to the table's size: a table is made by our own
 * compiler, but the verifier does not know it. The code exists once for each size class, because a
 * mask has to be a constant.
 */
#pragma once

#include "bpf/maps.bpf.h"

/* Bytes a callback takes: more make the loop's own cost smaller and the program larger. */
#define WALK_CHUNK 16

/* What is asked of a label's profiles, and the answer so far. */
struct request {
	__u64 rule; /* key of the rule that decided */
	__u32 position; /* of the key in scratch->key */
	__u32 key_len;
	__u8 operation; /* enum bl_operation */
	__u8 section;
	__u8 mode;    /* the strictest of the label's profiles for the section */
	__u8 asked;   /* permissions */
	__u8 decided; /* those among them that the verdict is about */
	__u8 verdict;
	__u8 flags;
	__u8 pad;
};

struct walk {
	const __u8 *table;
	const __u8 *key;
	__u32 position;
	__u32 state;
	__u32 sinks;
};

static __always_inline __u32 step(const __u8 *table, __u32 mask, __u32 state, __u8 byte)
{
	const struct bl_table_header *header = (const void *)table;
	const struct bl_cell *own = (const void *)(table + (state & mask));
	const struct bl_cell *edge =
		(const void *)(table + ((state + header->classes[byte]) & mask));

	return edge->owner == state ? edge->next : own->next;
}

#define WALK(size_class, bytes)                                                                    \
	static long walk_chunk_##size_class(__u32 index, struct walk *walk)                        \
	{                                                                                          \
		__u32 at = (walk->position + index * WALK_CHUNK) & (BL_PATH_MAX - 1);              \
		const __u8 *key = walk->key + at;                                                  \
		__u32 table_state = walk->state;                                                   \
                                                                                                   \
		_Pragma("unroll") for (int i = 0; i < WALK_CHUNK; i++)                             \
			table_state = step(walk->table, (bytes)-8, table_state, key[i]);           \
		walk->state = table_state;                                                         \
		return table_state >= walk->sinks;                                                 \
	}                                                                                          \
                                                                                                   \
	static __always_inline __u32 walk_##size_class(const __u8 *table,                          \
						       const struct scratch *scratch,              \
						       __u32 position, __u32 key_len)              \
	{                                                                                          \
		const struct bl_table_header *header = (const void *)table;                        \
		struct walk walk = {                                                               \
			.table = table,                                                            \
			.key = (const __u8 *)scratch->key,                                         \
			.position = position,                                                      \
			.state = header->start,                                                    \
			.sinks = header->sinks,                                                    \
		};                                                                                 \
		__u32 rest = key_len % WALK_CHUNK;                                                 \
		__u32 at;                                                                          \
                                                                                                   \
		if (key_len >= WALK_CHUNK)                                                         \
			bpf_loop(key_len / WALK_CHUNK, walk_chunk_##size_class, &walk, 0);         \
		at = (position + key_len - rest) & (BL_PATH_MAX - 1);                              \
		for (__u32 i = 0; i < WALK_CHUNK - 1; i++) {                                       \
			if (i >= rest || walk.state >= walk.sinks)                                 \
				break;                                                             \
			walk.state = step(table, (bytes)-8, walk.state, walk.key[at + i]);         \
		}                                                                                  \
		return walk.state;                                                                 \
	}

WALK(small, BL_TABLE_SMALL)
WALK(medium, BL_TABLE_MEDIUM)
WALK(large, BL_TABLE_LARGE)

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
 * Takes a decision's answer into the request if it is stricter than what is there, or as strict but
 * recorded.
 */
static __always_inline void request_take(struct request *request, const __u8 *table, __u32 mask,
					 const struct bl_decision *decision, __u32 permission)
{
	__u32 rank = verdict_rank(decision->verdict, decision->flags);
	__u32 rank_so_far = verdict_rank(request->verdict, request->flags);
	bool is_recorded_first = (decision->flags & ~request->flags) & BL_DECISION_RECORD;

	if (rank < rank_so_far || rank == BL_VERDICT_ALLOW)
		return;
	if (rank == rank_so_far && !is_recorded_first) {
		request->decided |= 1u << permission;
		return;
	}
	request->verdict = decision->verdict;
	request->flags = decision->flags;
	request->decided = 1u << permission;
	request->rule = *(const __u64 *)(table + (decision->rule & mask));
}

static __always_inline void request_take_accept(struct request *request, const __u8 *table,
						__u32 mask, __u32 table_state)
{
	const struct bl_cell *own = (const void *)(table + (table_state & mask));
	__u32 accept = (own->owner & ~BL_CELL_STATE) + request->section * sizeof(__u32);
	__u32 decisions = *(const __u32 *)(table + (accept & (mask + 4)));

	for (__u32 i = 0; i < BL_PERMISSIONS_MAX; i++) {
		const struct bl_decision *decision;

		if (!(request->asked & (1u << i)))
			continue;
		decision = (const void *)(table + ((decisions + i * sizeof(*decision)) & mask));
		request_take(request, table, mask, decision, i);
	}
}

/* The table of a profile or selector, for the size class it has. */
#define TABLE_OF(size_class)                                                                       \
	static __always_inline const __u8 *table_##size_class(__u32 id)                            \
	{                                                                                          \
		void *inner = bpf_map_lookup_elem(&tables_##size_class, &id);                      \
		__u32 zero = 0;                                                                    \
                                                                                                   \
		return inner ? bpf_map_lookup_elem(inner, &zero) : NULL;                           \
	}

TABLE_OF(small)
TABLE_OF(medium)
TABLE_OF(large)

#define ASK(size_class, bytes)                                                                     \
	static __always_inline int ask_##size_class(struct request *request,                       \
						    struct scratch *scratch, __u32 id)             \
	{                                                                                          \
		const __u8 *table = table_##size_class(id);                                        \
                                                                                                   \
		if (!table)                                                                        \
			return -1;                                                                 \
		request_take_accept(request, table, (bytes)-8,                                     \
				    walk_##size_class(table, scratch, request->position,           \
						      request->key_len));                          \
		return 0;                                                                          \
	}

ASK(small, BL_TABLE_SMALL)
ASK(medium, BL_TABLE_MEDIUM)
ASK(large, BL_TABLE_LARGE)

/*
 * Asks one profile about the key in scratch. Not 0: it has no table, which must not happen and is a
 * failure, not an allow. A global function, so that the verifier goes through it once and not once
 * for each caller.
 */
__noinline int ask_profile(struct request *request, struct scratch *scratch, __u32 id)
{
	const struct bl_profile *profile = bpf_map_lookup_elem(&profiles, &id);

	if (!profile || !request || !scratch)
		return -1;
	switch (profile->size_class) {
	case BL_SIZE_SMALL:
		return ask_small(request, scratch, id);
	case BL_SIZE_MEDIUM:
		return ask_medium(request, scratch, id);
	case BL_SIZE_LARGE:
		return ask_large(request, scratch, id);
	}
	return -1;
}

#define SELECT(size_class, bytes)                                                                  \
	static __always_inline int select_##size_class(struct scratch *scratch, __u32 key_len,     \
						       __u32 id, struct bl_selected *ret)          \
	{                                                                                          \
		const __u8 *table = table_##size_class(id);                                        \
		const struct bl_cell *own;                                                         \
		const struct bl_selected *selected;                                                \
		__u32 table_state;                                                                 \
                                                                                                   \
		if (!table)                                                                        \
			return -1;                                                                 \
		table_state = walk_##size_class(table, scratch, 0, key_len);                       \
		own = (const void *)(table + (table_state & ((bytes)-8)));                         \
		selected = (const void *)(table + (own->owner & ((bytes)-8)));                     \
		ret->profile = selected->profile;                                                  \
		ret->is_own = selected->is_own;                                                    \
		return 0;                                                                          \
	}

SELECT(small, BL_TABLE_SMALL)
SELECT(medium, BL_TABLE_MEDIUM)
SELECT(large, BL_TABLE_LARGE)

/* Which profile the cgroup path in scratch is given. Not 0: there is no such selector table. */
__noinline int select_profile(struct scratch *scratch, __u32 key_len, __u32 id,
			      struct bl_selected *ret)
{
	const struct bl_profile *profile = bpf_map_lookup_elem(&profiles, &id);

	if (!profile || !scratch || !ret)
		return -1;
	switch (profile->size_class) {
	case BL_SIZE_SMALL:
		return select_small(scratch, key_len, id, ret);
	case BL_SIZE_MEDIUM:
		return select_medium(scratch, key_len, id, ret);
	case BL_SIZE_LARGE:
		return select_large(scratch, key_len, id, ret);
	}
	return -1;
}
