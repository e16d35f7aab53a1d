/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the parts of automaton.c hand to each other; nobody else includes this.
 *
 *	patterns -> one nondeterministic automaton, common beginnings shared	automaton_nfa.c
 *	         -> deterministic, by subsets					automaton.c
 *	         -> minimal							automaton_minimize.c
 *	         -> rows laid into cells					automaton_pack.c
 *
 * Between them bytes are classes: bytes that no pattern tells apart are one class.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/automaton.h"

#define BL_GROUP_NONE UINT32_MAX

struct bl_nfa_node {
	enum bl_node_op op; /* the start, node 0, is a SPLIT; there are no others */
	uint32_t set;       /* BYTES, LOOP */
	uint32_t pattern;   /* MATCH: which; else one of those that pass here */
	uint32_t group;     /* of all patterns that pass here; BL_GROUP_NONE if they differ */
	uint32_t rank;      /* the least of them */
	uint32_t next;      /* successors: targets[next .. next of the following node) */
	bool is_settling;   /* a LOOP over every byte in front of a MATCH that has a group */
};

struct bl_nfa_set {
	struct bl_byteset bytes;
	uint64_t classes[4]; /* bit mask of classes */
	bool is_wide;        /* has the fallback class */
	uint32_t listed; /* in nfa.listed: the classes it has or, if it is wide, those it has not */
	uint32_t listed_count;
};

struct bl_nfa {
	struct bl_nfa_node *nodes; /* one more than count, for its next */
	size_t count;
	uint32_t *targets;
	struct bl_nfa_set *sets;
	size_t sets_count;
	uint8_t *listed;
	uint8_t class_of[256];
	uint32_t classes;
	uint32_t fallback_class; /* the class with the most bytes */
	uint32_t groups;         /* one more than the greatest */
};

void bl_nfa_fini(struct bl_nfa *nfa);
int bl_nfa_build(const struct bl_pattern *patterns, size_t count, struct bl_nfa *ret_nfa)
	__attribute__((warn_unused_result));

static inline bool bl_class_has(const uint64_t classes[4], uint32_t class)
{
	return classes[class >> 6] >> (class & 63) & 1;
}

struct bl_dfa_edge {
	uint32_t class;
	uint32_t to;
};

struct bl_dfa_state {
	uint32_t meaning;
	uint32_t fallback; /* where every class goes that has no edge */
	uint32_t edges;    /* its first; up to that of the next state, by class, none to fallback */
};

/* State 0 is the start. */
struct bl_dfa {
	struct bl_dfa_state *states; /* one more than count, for its edges */
	size_t states_capacity;
	size_t count;
	struct bl_dfa_edge *edges;
	size_t edges_capacity;
	size_t edges_count;
	uint8_t class_of[256];
	uint32_t classes;
};

void bl_dfa_fini(struct bl_dfa *dfa);

/* Replaces dfa by the smallest one that means the same. Unchanged on failure. */
int bl_dfa_minimize(struct bl_dfa *dfa) __attribute__((warn_unused_result));

/* -E2BIG: does not fit into cells_max. */
int bl_dfa_pack(const struct bl_dfa *dfa, size_t cells_max, struct bl_automaton *ret_automaton)
	__attribute__((warn_unused_result));
