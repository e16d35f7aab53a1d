/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Path patterns: from text to a small nondeterministic program that automaton.c runs all at once.
 * Semantics are in bailiff-policy.5. Bytes, not characters. No I/O, no global state.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bl_node_op {
	BL_NODE_BYTES, /* consumes one byte of set, goes to next */
	BL_NODE_LOOP,  /* consumes any number of bytes of set, then goes to next */
	BL_NODE_SPLIT, /* goes to next and to other, consuming nothing */
	BL_NODE_MATCH, /* the end: the whole key was matched */
};

struct bl_byteset {
	uint64_t bits[4];
};

struct bl_node {
	enum bl_node_op op;
	uint32_t next;
	uint32_t other;
	struct bl_byteset set;
};

/*
 * Nodes of one pattern; node 0 is where it starts. next and other are indices into nodes and
 * greater than the node's own: a program leads forward, to its only MATCH, which is the last node.
 */
struct bl_glob {
	struct bl_node *nodes;
	size_t count;
};

/* A pattern may expand to so many nodes; more is refused. */
#define BL_GLOB_NODES_MAX 65536

struct bl_glob_error {
	size_t offset;       /* in bytes into the pattern */
	const char *message; /* static */
};

void bl_glob_fini(struct bl_glob *glob);

/*
 * Compiles a pattern that starts with '/' (or any bytes, if is_name: abstract sockets). -EINVAL
 * with *reterr_error when it is malformed; -ENOMEM. *ret_glob is written on success only. That a
 * pattern can never match a path the kernel makes ("//", "/../") is not looked for.
 */
int bl_glob_compile(const char *pattern, bool is_name, struct bl_glob *ret_glob,
		    struct bl_glob_error *reterr_error) __attribute__((warn_unused_result));

/* A pattern that matches text and nothing else, freed with free(). NULL: out of memory. */
char *bl_glob_quote(const char *text) __attribute__((warn_unused_result));

static inline bool bl_byteset_has(const struct bl_byteset *set, uint8_t byte)
{
	return set->bits[byte >> 6] >> (byte & 63) & 1;
}

static inline void bl_byteset_add(struct bl_byteset *set, uint8_t byte)
{
	set->bits[byte >> 6] |= UINT64_C(1) << (byte & 63);
}
