// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/cidr.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

/* Family, protocol, 16 address bytes, three alternatives of two port bytes, two SPLITs, MATCH. */
#define NODES_MAX 32

static const uint8_t mapped_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

struct program {
	struct bl_node nodes[NODES_MAX];
	uint32_t count;
};

/* One byte between low and high, going on to the node after it. */
static void add_range(struct program *p, uint8_t low, uint8_t high)
{
	struct bl_node *node = &p->nodes[p->count++];

	*node = (struct bl_node){.op = BL_NODE_BYTES, .next = p->count};
	for (unsigned byte = low; byte <= high; byte++)
		bl_byteset_add(&node->set, (uint8_t)byte);
}

static void add_address(struct program *p, const struct bl_net *net)
{
	unsigned bytes = net->is_ipv6 ? 16 : 4;

	for (unsigned i = 0; i < bytes; i++) {
		unsigned bits = net->prefix_len > i * 8 ? net->prefix_len - i * 8 : 0;
		uint8_t host = bits >= 8 ? 0 : (uint8_t)(0xff >> bits);

		add_range(p, net->address[i] & (uint8_t)~host, net->address[i] | host);
	}
}

struct port_range {
	uint8_t high_low; /* first and last value of the high byte */
	uint8_t high_high;
	uint8_t low_low;
	uint8_t low_high;
};

/* A range of ports as at most three products of byte ranges. */
static size_t split_ports(uint16_t low, uint16_t high, struct port_range ranges[3])
{
	uint8_t first = (uint8_t)(low >> 8);
	uint8_t last = (uint8_t)(high >> 8);
	unsigned whole_first = first + ((low & 0xff) != 0);
	int whole_last = last - ((high & 0xff) != 0xff);
	size_t count = 0;

	if (first == last) {
		ranges[0] = (struct port_range){first, first, (uint8_t)low, (uint8_t)high};
		return 1;
	}
	if (whole_first != first)
		ranges[count++] = (struct port_range){first, first, (uint8_t)low, 0xff};
	if ((int)whole_first <= whole_last)
		ranges[count++] =
			(struct port_range){(uint8_t)whole_first, (uint8_t)whole_last, 0, 0xff};
	if (whole_last != last)
		ranges[count++] = (struct port_range){last, last, 0, (uint8_t)high};
	return count;
}

static void add_ports(struct program *p, uint16_t low, uint16_t high)
{
	struct port_range ranges[3];
	size_t count = split_ports(low, high, ranges);
	uint32_t ends[3];

	for (size_t i = 0; i < count; i++) {
		uint32_t split = p->count;

		if (i + 1 < count)
			p->nodes[p->count++] = (struct bl_node){
				.op = BL_NODE_SPLIT, .next = split + 1, .other = split + 3};
		add_range(p, ranges[i].high_low, ranges[i].high_high);
		ends[i] = p->count;
		add_range(p, ranges[i].low_low, ranges[i].low_high);
	}
	for (size_t i = 0; i < count; i++)
		p->nodes[ends[i]].next = p->count;
}

struct bl_net bl_cidr_unmap(const struct bl_net *net)
{
	struct bl_net unmapped = {0};

	if (!net->is_ipv6 || net->prefix_len < 96 ||
	    memcmp(net->address, mapped_prefix, sizeof(mapped_prefix)) != 0)
		return *net;
	memcpy(unmapped.address, net->address + sizeof(mapped_prefix), 4);
	unmapped.prefix_len = (uint8_t)(net->prefix_len - 96);
	return unmapped;
}

static int finish(struct program *p, struct bl_glob *ret_glob)
{
	struct bl_node *nodes;

	p->nodes[p->count++] = (struct bl_node){.op = BL_NODE_MATCH};
	nodes = calloc(p->count, sizeof(*nodes));
	if (!nodes)
		return -ENOMEM;
	memcpy(nodes, p->nodes, p->count * sizeof(*nodes));
	*ret_glob = (struct bl_glob){.nodes = nodes, .count = p->count};
	return 0;
}

int bl_cidr_compile(unsigned protocols, const struct bl_net *net, uint16_t port_low,
		    uint16_t port_high, struct bl_glob *ret_glob)
{
	struct bl_net unmapped = bl_cidr_unmap(net);
	struct program p = {0};

	if (!protocols || protocols >= 1u << BL_PROTOCOL_COUNT || port_low > port_high ||
	    unmapped.prefix_len > (unmapped.is_ipv6 ? 128 : 32))
		return -EINVAL;

	add_range(&p, unmapped.is_ipv6 ? BL_KEY_INET6 : BL_KEY_INET4,
		  unmapped.is_ipv6 ? BL_KEY_INET6 : BL_KEY_INET4);
	p.nodes[p.count] = (struct bl_node){.op = BL_NODE_BYTES, .next = p.count + 1};
	p.nodes[p.count++].set.bits[0] = protocols;
	add_address(&p, &unmapped);
	add_ports(&p, port_low, port_high);
	return finish(&p, ret_glob);
}

int bl_cidr_compile_key(uint8_t kind, size_t len, const struct bl_byteset *sets, size_t count,
			struct bl_glob *ret_glob)
{
	struct program p = {0};

	add_range(&p, kind, kind);
	for (size_t i = 1; i < len; i++) {
		add_range(&p, 0, UINT8_MAX);
		if (i <= count)
			p.nodes[i].set = sets[i - 1];
	}
	return finish(&p, ret_glob);
}
