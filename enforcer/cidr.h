/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Networks and port ranges, and what else is no text, as node programs over the keys of bpf/abi.h,
 * so that they are decided by the same automaton as paths. No I/O, no global state.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/glob.h"
#include "enforcer/policy.h"

/*
 * Every key of one of the protocols (bit 1 << enum bl_protocol), with an address in net and a port
 * in the range. An IPv6 net inside ::ffff:0:0/96 is the IPv4 net it maps. -EINVAL: no protocol, a
 * prefix longer than the address, or port_low above port_high.
 */
int bl_cidr_compile(unsigned protocols, const struct bl_net *net, uint16_t port_low,
		    uint16_t port_high, struct bl_glob *ret_glob)
	__attribute__((warn_unused_result));

/*
 * Every key of that length whose first byte is kind, and whose next ones are in the sets. -ENOMEM.
 */
int bl_cidr_compile_key(uint8_t kind, size_t len, const struct bl_byteset *sets, size_t count,
			struct bl_glob *ret_glob) __attribute__((warn_unused_result));

/* If it is an IPv6 net of IPv4-mapped addresses, the IPv4 net; else the net itself. */
struct bl_net bl_cidr_unmap(const struct bl_net *net);
