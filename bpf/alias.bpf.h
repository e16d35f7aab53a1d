/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Another name for an object must not give more than the one it has: hard links, renames, mounts.
 * A file's new name is asked what it allows, and the old one is asked for just that. What is below
 * a directory has names without end; there the automaton's states say what is allowed for at least
 * one of them, and for all (struct bl_beyond).
 */
#pragma once

#include "bpf/check.bpf.h"

/* What an object may gain by a name. Reaching it matters if it is a socket. */
#define ASK_ALL                                                                                    \
	(BL_ASK_SECTION(BL_SECTION_EXEC) | BL_ASK_SECTION(BL_SECTION_FILE) | ASK_REACH)

/* The same among what is allowed: of peers on either side. */
#define ASK_GAINS (ASK_ALL | BL_ASK_OUTSIDE)

/* scratch->extents */
#define EXTENT_FROM 0
#define EXTENT_TO 1

static __always_inline void allowed_and(struct bl_allowed *allowed, const struct bl_allowed *also)
{
	allowed->enforced &= also->enforced;
	allowed->would &= also->would;
}

/*
 * What all profiles allow for the path in scratch and, it being a directory, below it, into
 * extents[which]. A name that has other spellings may be any below the last one that has not, and
 * what is below it, too.
 */
__noinline int extent_of(struct scratch *scratch, struct bl_label *label, __u32 which)
{
	const struct bl_allowed all = { ~0u, ~0u };
	struct request *request;
	struct extent *extent;
	bool is_folded;
	bool is_root;

	if (!scratch || !label)
		return -1;
	request = &scratch->request;
	extent = &scratch->extents[which & 1];
	is_root = scratch->try.key_len == 1;
	is_folded = scratch->try.folded_len;
	scratch->key[BL_PATH_MAX - 1] = '/';
	__builtin_memset(extent->states, 0, sizeof(extent->states));
	extent->self = all;
	extent->any = all;
	extent->all = all;
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++) {
		__u32 id = label->bound[i].profile;

		if (i >= label->count)
			break;
		if (!id)
			continue;
		request->asked = 0;
		request->wants_beyond = 1;
		request->position = scratch->try.position;
		request->key_len = scratch->try.key_len;
		if (is_folded)
			request->key_len -= scratch->try.folded_len - 1;
		request->skip = 0;
		request->state = 0;
		if (ask_profile(scratch, id))
			return -1;
		if (!is_folded)
			allowed_and(&extent->self, &request->beyond.self_any);
		/* The root directory's path ends in a '/' already. */
		if (!is_root && !is_folded) {
			request->position = BL_PATH_MAX - 1;
			request->key_len = 1;
			if (ask_profile(scratch, id))
				return -1;
		}
		extent->states[i] = is_folded ? ~which : request->state;
		allowed_and(&extent->any, &request->beyond.below_any);
		allowed_and(&extent->all, &request->beyond.below_all);
	}
	if (is_folded)
		extent->self = which == EXTENT_FROM ? extent->all : extent->any;
	return 0;
}

/* Why there is none: the path was not resolved, or a profile has no table. */
static __always_inline __u32 extent_fail(const struct scratch *scratch)
{
	return scratch->try.fail ? scratch->try.fail : BL_FAIL_TABLE;
}

/* All profiles say the same about everything below both. */
static __always_inline bool is_same_below(const struct extent *a, const struct extent *b)
{
	for (__u32 i = 0; i < BL_LABEL_BINDINGS_MAX; i++)
		if (a->states[i] != b->states[i])
			return false;
	return true;
}

/*
 * Refuses what may not be: permissions that would be gained, as an object of class "alias", which
 * scratch->try names. gained: enforced, and with audit mode's denials.
 */
static __always_inline int alias_refuse(struct scratch *scratch, struct bl_label *label,
					struct bl_allowed gained, __u8 operation)
{
	struct request *request = &scratch->request;
	__u32 mediated;
	__u8 mode;

	gained.enforced |= gained.enforced >> BL_OUTSIDE_SHIFT & ASK_REACH;
	gained.would |= gained.would >> BL_OUTSIDE_SHIFT & ASK_REACH;
	mediated = asked_of(label, gained.enforced | gained.would, &mode);
	if (!mediated)
		return 0;
	if (!(mediated & gained.enforced))
		mode = BL_MODE_AUDIT;
	request_begin(scratch, label, mediated, mode, operation);
	request->position = scratch->try.position;
	request->key_len = scratch->try.key_len;
	return verdict_fail_key(scratch, label, BL_FAIL_ALIAS);
}

/* Permissions below "to" that are not allowed everywhere below "from", and what replaces them. */
static __always_inline struct bl_allowed gained_below(const struct extent *from,
						      const struct extent *to, __u32 asked_from,
						      __u32 asked_to)
{
	if (is_same_below(from, to))
		return (struct bl_allowed){ 0, 0 };
	return (struct bl_allowed){
		(((to->any.enforced & ASK_GAINS) | asked_from) & ~from->all.enforced) |
			(asked_to & ~to->all.enforced),
		(((to->any.would & ASK_GAINS) | asked_from) & ~from->all.would) |
			(asked_to & ~to->all.would),
	};
}

/* A directory takes everything below it along. */
__noinline int check_move_below(struct scratch *scratch, struct bl_label *label)
{
	struct bl_allowed gained;
	struct move *move;

	if (!scratch || !label)
		return -EPERM;
	move = &scratch->move;
	path_begin(scratch, move->to_mount, move->to_dentry);
	if (path_resolve(scratch) || extent_of(scratch, label, EXTENT_TO))
		return verdict_fail(label, move->operation, move->asked_to, move->mode,
				    extent_fail(scratch));
	path_begin(scratch, move->from_mount, move->from_dentry);
	if (path_resolve(scratch) || extent_of(scratch, label, EXTENT_FROM))
		return verdict_fail(label, move->operation, move->asked_from, move->mode,
				    extent_fail(scratch));
	gained = gained_below(&scratch->extents[EXTENT_FROM], &scratch->extents[EXTENT_TO],
			      move->asked_from & ASK_FILE(DELETE),
			      move->asked_to & ASK_FILE(CREATE));
	return alias_refuse(scratch, label, gained, move->operation);
}

/* Asks the new name whether it may be made. */
static __always_inline void ask_new_name(struct scratch *scratch, struct bl_label *label,
					 __u32 asked)
{
	const struct move *move = &scratch->move;
	__u8 mode;

	request_begin(scratch, label, asked_of(label, asked, &mode), move->mode, move->operation);
	scratch->request.wants_beyond = 1;
}

/* Asks the old name, of peers that are there. */
static __always_inline void ask_old_of(struct scratch *scratch, struct bl_label *label, __u32 asked,
				       struct bl_allowed given, __u64 peer)
{
	const struct move *move = &scratch->move;
	__u8 mode;

	request_begin(scratch, label, asked_of(label, asked | given.enforced, &mode), move->mode,
		      move->operation);
	scratch->request.asked_would = asked | given.would;
	scratch->request.own = asked;
	scratch->request.is_gain = 1;
	scratch->request.peer = peer;
}

/*
 * Asks the old name for what the new one, just asked, allows. All sections matter, whichever the
 * operation itself belongs to: a name may be one that may be run.
 */
static __always_inline void ask_old_name(struct scratch *scratch, struct bl_label *label,
					 __u32 asked)
{
	struct move *move = &scratch->move;
	struct bl_allowed given = scratch->request.self;

	given.enforced &= move->gains;
	move->outside.enforced = given.enforced >> BL_OUTSIDE_SHIFT & ASK_REACH;
	move->outside.would = given.would >> BL_OUTSIDE_SHIFT & ASK_REACH;
	ask_old_of(scratch, label, asked, given, BL_BY_INSIDE);
}

/* Whether the old name has to be asked of peers outside as well, after ask_old_name(). */
static __always_inline bool must_ask_outside(const struct scratch *scratch,
					     const struct bl_label *label)
{
	return label->conditions & BL_CONDITION_PEER && scratch->move.outside.enforced;
}

static __always_inline void ask_old_name_outside(struct scratch *scratch, struct bl_label *label)
{
	struct bl_allowed given = scratch->move.outside;

	ask_old_of(scratch, label, 0, given, BL_BY_OUTSIDE);
}

/*
 * The other way round, for names that are exchanged: rare, so that both are resolved. Whether both
 * may be made and removed has been asked; what the second object gains has not.
 */
__noinline int check_move_back(struct scratch *scratch, struct bl_label *label)
{
	struct move *move;
	int verdict;

	if (!scratch || !label)
		return -EPERM;
	move = &scratch->move;
	move->gains = ASK_GAINS;
	ask_new_name(scratch, label, 0);
	path_begin(scratch, move->from_mount, move->from_dentry);
	verdict = check_try(scratch, label);
	if (verdict)
		return verdict;
	ask_old_name(scratch, label, 0);
	path_begin(scratch, move->to_mount, move->to_dentry);
	verdict = check_try(scratch, label);
	if (verdict || !must_ask_outside(scratch, label))
		return verdict;
	ask_old_name_outside(scratch, label);
	path_begin(scratch, move->to_mount, move->to_dentry);
	return check_try(scratch, label);
}

/* Exchanges the two names of a move. */
static __always_inline void move_turn(struct move *move)
{
	__u64 mount = move->from_mount;
	__u64 dentry = move->from_dentry;

	move->from_mount = move->to_mount;
	move->from_dentry = move->to_dentry;
	move->to_mount = mount;
	move->to_dentry = dentry;
}
