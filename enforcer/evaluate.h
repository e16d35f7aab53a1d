/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decides in user space from the very bytes the kernel walks: explain, policy tests, fuzzing, and
 * binding of cgroups that existed before. Reads tables, changes nothing, allocates nothing.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

struct bl_decided {
	enum bl_verdict verdict;
	uint8_t flags;     /* BL_DECISION_RECORD, BL_DECISION_WOULD */
	uint64_t rule_key; /* 0: no rule, the section is not mediated */
};

/*
 * A table that is not one (offsets outside of it) denies, with no rule and no flags. key is one of
 * the keys of bpf/abi.h. by: what bl_evaluate_beyond() says of the subject's path, and BL_BY_INSIDE
 * or BL_BY_OUTSIDE if it is known where the peer is. table must come from policy_compile;
 * table_bytes is its whole length.
 */
struct bl_decided bl_evaluate(const void *table, size_t table_bytes, const void *key,
			      size_t key_len, enum bl_section section, unsigned permission,
			      uint64_t by);

/*
 * What a profile's table says of a key beyond its decisions. Of a table that is not one: that
 * everything may be allowed and nothing surely is, and no "by" pattern.
 */
struct bl_beyond bl_evaluate_beyond(const void *table, size_t table_bytes, const void *key,
				    size_t key_len);

/* Which profile a selector table gives to the cgroup path. */
struct bl_selected bl_evaluate_selectors(const void *table, size_t table_bytes, const char *cgroup,
					 size_t cgroup_len);

/*
 * The accept offset a walk ends in, 0 if it leaves the table; what the two above share with tests
 * and fuzzers.
 */
uint32_t bl_evaluate_walk(const void *table, size_t table_bytes, const void *key, size_t key_len);

/*
 * Orders verdicts when several policies decide: an enforced denial is above one that only would be,
 * that above audit and allow; of equal ones, the one that is recorded. Of equals the first policy's
 * decision stands.
 */
unsigned bl_decision_rank(uint8_t verdict, uint8_t flags);

/* The key of a socket without an address: enum bl_protocol, or BL_SOCKET_FAMILY(). */
size_t bl_key_socket(uint8_t key[BL_KEY_SOCKET_LEN], uint8_t kind);

/* Of a process that is not named: no rule depends on which it is, nor on the signal. */
size_t bl_key_process(uint8_t key[BL_KEY_PROCESS_LEN], enum bl_access access,
		      enum bl_relation relation);
size_t bl_key_privilege(uint8_t key[BL_KEY_PRIVILEGE_LEN], unsigned privilege);
size_t bl_key_capability(uint8_t key[BL_KEY_CAPABILITY_LEN], unsigned capability);

/*
 * Keys of addresses. Returns the length. port in host order; address in network order. An
 * IPv4-mapped address gives the IPv4 key. That the unspecified address means loopback when it is
 * connected to is the caller's to know.
 */
size_t bl_key_inet4(uint8_t key[BL_KEY_INET4_LEN], enum bl_protocol protocol,
		    const uint8_t address[4], uint16_t port);
size_t bl_key_inet6(uint8_t key[BL_KEY_INET6_LEN], enum bl_protocol protocol,
		    const uint8_t address[16], uint16_t port);
