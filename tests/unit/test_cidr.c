// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "enforcer/cidr.h"
#include "enforcer/evaluate.h"
#include "enforcer/util.h"

#include "matcher.h"

#define TCP (1u << BL_PROTOCOL_TCP)
#define UDP (1u << BL_PROTOCOL_UDP)

static struct bl_net net_of(const char *address, unsigned prefix_len)
{
	struct bl_net net = {
		.is_ipv6 = strchr(address, ':') != NULL,
		.prefix_len = (uint8_t)prefix_len,
	};

	assert_int_equal(inet_pton(net.is_ipv6 ? AF_INET6 : AF_INET, address, net.address), 1);
	return net;
}

static size_t key_of(uint8_t key[BL_KEY_INET6_LEN], enum bl_protocol protocol, const char *address,
		     unsigned port)
{
	struct bl_net net = net_of(address, 0);

	return net.is_ipv6 ? bl_key_inet6(key, protocol, net.address, (uint16_t)port)
			   : bl_key_inet4(key, protocol, net.address, (uint16_t)port);
}

static void build(unsigned protocols, const char *address, unsigned prefix_len, unsigned low,
		  unsigned high, struct bl_automaton *ret_automaton)
{
	struct bl_net net = net_of(address, prefix_len);
	struct bl_glob glob;

	assert_int_equal(bl_cidr_compile(protocols, &net, (uint16_t)low, (uint16_t)high, &glob), 0);
	matcher_build(&glob, 1, ret_automaton);
	bl_glob_fini(&glob);
}

static const struct {
	const char *net;
	unsigned prefix_len;
	const char *inside[4];
	const char *outside[6];
} nets[] = {
	{"0.0.0.0", 0, {"0.0.0.0", "255.255.255.255", "::ffff:1.2.3.4"}, {"::", "::1"}},
	{"128.0.0.0", 1, {"128.0.0.0", "255.0.0.1"}, {"127.255.255.255", "0.0.0.0"}},
	{"10.0.0.0", 8, {"10.0.0.0", "10.255.255.255"}, {"9.255.255.255", "11.0.0.0"}},
	{"10.32.0.0", 11, {"10.32.0.0", "10.63.255.255"}, {"10.31.255.255", "10.64.0.0"}},
	{"192.168.1.0", 24, {"192.168.1.0", "192.168.1.255"}, {"192.168.0.255", "192.168.2.0"}},
	{"192.168.1.6", 31, {"192.168.1.6", "192.168.1.7"}, {"192.168.1.5", "192.168.1.8"}},
	{"127.0.0.1", 32, {"127.0.0.1"}, {"127.0.0.0", "127.0.0.2", "::1"}},

	{"::", 0, {"::", "ffff::", "::1"}, {"0.0.0.0", "1.2.3.4"}},
	{"fe80::", 10, {"fe80::", "febf:ffff::1"}, {"fe7f::", "fec0::"}},
	{"fd00::", 8, {"fd00::", "fdff::1"}, {"fc00::", "fe00::"}},
	{"2001:db8::", 33, {"2001:db8:7fff::"}, {"2001:db8:8000::", "2001:db9::"}},
	{"::1", 128, {"::1"}, {"::", "::2", "127.0.0.1"}},

	/* IPv4 inside IPv6 */
	{"::ffff:0:0", 96, {"0.0.0.0", "255.1.2.3", "::ffff:9.9.9.9"}, {"::", "::1"}},
	{"::ffff:10.0.0.0", 104, {"10.1.2.3"}, {"11.0.0.0", "::ff:10.0.0.0"}},
	{"::ffff:1.2.3.4", 128, {"1.2.3.4", "::ffff:1.2.3.4"}, {"1.2.3.5"}},
	/* A net around the mapped ones is an IPv6 net, and covers no IPv4 address. */
	{"::", 64, {"::2", "::fffe:1.2.3.4"}, {"1.2.3.4", "::ffff:1.2.3.4", "1::"}},
};

static void test_nets_cover_their_addresses(void **state)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(nets); i++) {
		struct bl_automaton automaton;
		uint8_t key[BL_KEY_INET6_LEN];

		build(TCP, nets[i].net, nets[i].prefix_len, 80, 80, &automaton);
		for (size_t k = 0; k < BL_ARRAY_LEN(nets[i].inside) && nets[i].inside[k]; k++) {
			size_t len = key_of(key, BL_PROTOCOL_TCP, nets[i].inside[k], 80);

			if (!matcher_meaning(&automaton, key, len))
				fail_msg("%s/%u lacks %s", nets[i].net, nets[i].prefix_len,
					 nets[i].inside[k]);
			/* The key as a whole, not a part of it or more. */
			assert_false(matcher_meaning(&automaton, key, len - 1));
			key[len - 1] = 81;
			assert_false(matcher_meaning(&automaton, key, len));
		}
		for (size_t k = 0; k < BL_ARRAY_LEN(nets[i].outside) && nets[i].outside[k]; k++) {
			size_t len = key_of(key, BL_PROTOCOL_TCP, nets[i].outside[k], 80);

			if (matcher_meaning(&automaton, key, len))
				fail_msg("%s/%u has %s", nets[i].net, nets[i].prefix_len,
					 nets[i].outside[k]);
		}
		bl_automaton_fini(&automaton);
	}
}

static void test_every_port_of_a_range_and_no_other(void **state)
{
	static const unsigned ranges[][2] = {
		{0, 65535},   {0, 0},       {65535, 65535}, {80, 80},     {255, 256},
		{0, 255},     {256, 511},   {256, 65535},   {0, 65279},   {1000, 2000},
		{1023, 1024}, {1024, 2047}, {1025, 2047},   {1024, 2046}, {1, 65534},
		{511, 1024},  {512, 513},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(ranges); i++) {
		struct bl_automaton automaton;
		uint8_t key[BL_KEY_INET6_LEN];

		build(TCP, "10.0.0.0", 8, ranges[i][0], ranges[i][1], &automaton);
		for (unsigned port = 0; port <= 65535; port++) {
			bool is_inside = port >= ranges[i][0] && port <= ranges[i][1];
			size_t len = key_of(key, BL_PROTOCOL_TCP, "10.1.1.1", port);

			if (matcher_meaning(&automaton, key, len) != is_inside)
				fail_msg("%u in %u-%u", port, ranges[i][0], ranges[i][1]);
		}
		bl_automaton_fini(&automaton);
	}
}

static void test_protocols_are_told_apart(void **state)
{
	struct bl_automaton automaton;
	uint8_t key[BL_KEY_INET6_LEN];
	size_t len;

	build(TCP | UDP, "::", 0, 53, 53, &automaton);
	for (unsigned i = 1; i < BL_PROTOCOL_COUNT; i++) {
		len = key_of(key, (enum bl_protocol)i, "::5", 53);
		assert_int_equal(matcher_meaning(&automaton, key, len),
				 i == BL_PROTOCOL_TCP || i == BL_PROTOCOL_UDP);
	}
	bl_automaton_fini(&automaton);
}

static void test_what_is_no_network_is_refused(void **state)
{
	struct bl_glob glob = {.count = 7};
	struct bl_net net = net_of("1.2.3.4", 33);
	struct bl_net net6 = net_of("::1", 129);
	struct bl_net good = net_of("1.2.3.4", 32);

	assert_int_equal(bl_cidr_compile(TCP, &net, 0, 1, &glob), -EINVAL);
	assert_int_equal(bl_cidr_compile(TCP, &net6, 0, 1, &glob), -EINVAL);
	assert_int_equal(bl_cidr_compile(0, &good, 0, 1, &glob), -EINVAL);
	assert_int_equal(bl_cidr_compile(1u << BL_PROTOCOL_COUNT, &good, 0, 1, &glob), -EINVAL);
	assert_int_equal(bl_cidr_compile(TCP, &good, 2, 1, &glob), -EINVAL);
	assert_int_equal(glob.count, 7);
}

static void test_keys_are_as_the_abi_says(void **state)
{
	static const uint8_t inet4[] = {4, 1, 10, 0, 0, 1, 0x1f, 0x90};
	static const uint8_t inet6[] = {6, 2, 0xfd, 0, 0, 0, 0, 0, 0, 0,
					0, 0, 0,    0, 0, 0, 0, 9, 0, 53};
	uint8_t key[BL_KEY_INET6_LEN];

	assert_int_equal(key_of(key, BL_PROTOCOL_TCP, "10.0.0.1", 8080), sizeof(inet4));
	assert_memory_equal(key, inet4, sizeof(inet4));
	assert_int_equal(key_of(key, BL_PROTOCOL_TCP, "::ffff:10.0.0.1", 8080), sizeof(inet4));
	assert_memory_equal(key, inet4, sizeof(inet4));
	assert_int_equal(key_of(key, BL_PROTOCOL_UDP, "fd00::9", 53), sizeof(inet6));
	assert_memory_equal(key, inet6, sizeof(inet6));
}

static void test_sets_of_bytes_and_any_behind_them(void **state)
{
	static const struct {
		uint8_t key[5];
		size_t len;
		bool is_match;
	} cases[] = {
		{{7, 1, 3, 0}, 4, true},     {{7, 1, 4, 255}, 4, true}, {{7, 0, 3, 0}, 4, false},
		{{7, 1, 1, 0}, 4, false},    {{8, 1, 3, 0}, 4, false},  {{7, 1, 3}, 3, false},
		{{7, 1, 3, 0, 0}, 5, false}, {{7, 1, 4, '/'}, 4, true},
	};
	const struct bl_byteset sets[] = {{.bits = {1u << 1}}, {.bits = {1u << 3 | 1u << 4}}};
	struct bl_automaton automaton;
	struct bl_glob glob;
	uint32_t outside;

	assert_int_equal(bl_cidr_compile_key(7, 4, sets, BL_ARRAY_LEN(sets), &glob), 0);
	matcher_build(&glob, 1, &automaton);
	outside = matcher_meaning(&automaton, "", 0);
	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_int_equal(matcher_meaning(&automaton, cases[i].key, cases[i].len) != outside,
				 cases[i].is_match);
	bl_automaton_fini(&automaton);
	bl_glob_fini(&glob);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sets_of_bytes_and_any_behind_them),
		cmocka_unit_test(test_nets_cover_their_addresses),
		cmocka_unit_test(test_every_port_of_a_range_and_no_other),
		cmocka_unit_test(test_protocols_are_told_apart),
		cmocka_unit_test(test_what_is_no_network_is_refused),
		cmocka_unit_test(test_keys_are_as_the_abi_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
