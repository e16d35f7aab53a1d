/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Network addresses as policies write them. Text in, numbers out; says where the text is wrong.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy.h"

struct bl_address_error {
	size_t offset; /* in bytes into the text */
	char message[192];
};

/* What stands in front of the port of an endpoint. */
struct bl_endpoint {
	bool is_any;     /* "*" */
	const char *set; /* "@name": points at the name in the text, set_len bytes */
	size_t set_len;
	struct bl_net net; /* neither of both */
	bool has_port;
	uint16_t port_low; /* 0..65535 without has_port */
	uint16_t port_high;
};

/*
 * "10.0.0.0/8", "fd00::/8" or "[fd00::]/8". IPv4-mapped IPv6 becomes the IPv4 address. -EINVAL with
 * *reterr_error, also for bits set beyond the prefix.
 */
int bl_net_parse(const char *text, size_t len, struct bl_net *ret_net,
		 struct bl_address_error *reterr_error) __attribute__((warn_unused_result));

/*
 * "ADDRESS[:PORT[-PORT]]" where ADDRESS is "*", "@set" or a net, IPv6 in brackets. -EINVAL
 * likewise.
 */
int bl_endpoint_parse(const char *text, struct bl_endpoint *ret_endpoint,
		      struct bl_address_error *reterr_error) __attribute__((warn_unused_result));

/* The unspecified address means this host when one connects to it. Others stay what they are. */
void bl_net_resolve_target(struct bl_net *net);
