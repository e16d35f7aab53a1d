/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access somebody asks about, in the words of explain and of policy tests:
 *
 *	exec PATH	read PATH	write PATH	create PATH	delete PATH
 *	attr PATH	map PATH	drift PATH	drift-mount PATH
 *	memory PATH	anonymous
 *	rename OLD NEW	link OLD NEW
 *	create PROTOCOL
 *	OPERATION tcp|udp|sctp ADDRESS:PORT	OPERATION icmp|raw ADDRESS
 *	OPERATION unix [PATH|@NAME] [inside|outside]	OPERATION PROTOCOL
 *	ptrace inside|outside	signal inside|outside
 *	privilege NAME	capability NAME
 *
 * with connect, bind, listen, accept and send for OPERATION,
 * each with "by EXE" behind it, or without; and the answer of a compiled profile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/policy_compile.h"

#define BL_QUERY_ASKS_MAX 2

struct bl_query_key {
	uint8_t bytes[BL_PATH_MAX]; /* as bpf/abi.h describes */
	size_t len;
};

struct bl_query {
	struct bl_query_ask {
		enum bl_section section;
		unsigned permission;
		bool is_old; /* asked of the old name */
	} asks[BL_QUERY_ASKS_MAX];
	size_t asks_count;
	struct bl_query_key key; /* of rename and link the new name */
	struct bl_query_key old; /* of those two: what the new name may not give more than */
	struct bl_query_key by;  /* the subject's executable; len 0: one that no "by" matches */
	uint64_t peer;           /* BL_BY_INSIDE, BL_BY_OUTSIDE; 0: not known */
};

struct bl_query_error {
	size_t word; /* index of the one that is wrong; the number of words if one is missing */
	char message[1024];
};

bool bl_query_is_operation(const char *word);

/* The words are bytes as they are, without escapes. -EINVAL with *reterr_error. */
int bl_query_parse(const char *const *words, size_t count, struct bl_query *ret_query,
		   struct bl_query_error *reterr_error) __attribute__((warn_unused_result));

/* By name, as "--by EXE" does. -EINVAL with *reterr_error, whose word means nothing then. */
int bl_query_set_by(struct bl_query *query, const char *exe, struct bl_query_error *reterr_error)
	__attribute__((warn_unused_result));

struct bl_answer {
	enum bl_verdict verdict;
	bool is_recorded;
	bool is_would;                    /* not enforced: the deciding policy is in audit mode */
	const struct bl_rule_entry *rule; /* NULL: no policy mediates this */
	struct bl_query_ask ask;          /* what was decided by it */
	bool is_alias; /* it is denied because the new name would give it, and the old does not */
	bool is_mediated; /* some policy has the section */
};

/*
 * What is denied most strictly of all that is asked; what a rule decides before what none does.
 * generation is of bl_profile_compile().
 */
struct bl_answer bl_query_answer(const struct bl_query *query,
				 const struct bl_generation *generation);
