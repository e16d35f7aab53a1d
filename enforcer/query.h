/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One access somebody asks about, in the words of explain and of policy tests:
 *
 *	exec PATH	read PATH	write PATH
 *	connect tcp ADDRESS:PORT	connect unix PATH	connect unix @NAME
 *
 * and the answer of a compiled profile.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/policy_compile.h"

struct bl_query {
	enum bl_section section;
	unsigned permission;
	uint8_t key[BL_PATH_MAX]; /* as bpf/abi.h describes */
	size_t key_len;
	const char *by; /* path of the subject's executable; NULL: one that no "by" matches */
};

struct bl_query_error {
	size_t word; /* index of the one that is wrong; the number of words if one is missing */
	char message[1024];
};

bool bl_query_is_operation(const char *word);

/* The words are bytes as they are, without escapes. -EINVAL with *reterr_error. */
int bl_query_parse(const char *const *words, size_t count, struct bl_query *ret_query,
		   struct bl_query_error *reterr_error) __attribute__((warn_unused_result));

struct bl_answer {
	enum bl_verdict verdict;
	bool is_recorded;
	bool is_would;                    /* not enforced: the deciding policy is in audit mode */
	const struct bl_rule_entry *rule; /* NULL: no policy mediates this */
};

/* generation is of bl_profile_compile(). -ENOMEM. */
int bl_query_answer(const struct bl_query *query, const struct bl_generation *generation,
		    struct bl_answer *ret_answer) __attribute__((warn_unused_result));
