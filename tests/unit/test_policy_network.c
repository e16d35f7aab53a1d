// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the lines of [network] come to, from text to verdict and line: in the words of explain, and
 * for keys that have no words, as bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <sys/socket.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_compile.h"
#include "enforcer/query.h"
#include "enforcer/util.h"

/* The section begins in line 5, its lines in 6. */
#define HEAD "[policy]\nname = t\n[select]\ncgroup = /t\n[network]\n"

struct compiled {
	struct bl_policies policies;
	struct bl_generation generation;
};

static void compile(const char *section, struct compiled *ret)
{
	struct bl_diags diags = {0};
	const struct bl_policy *list[1];
	char text[2048];

	*ret = (struct compiled){0};
	snprintf(text, sizeof(text), HEAD "%s", section);
	assert_int_equal(bl_policy_parse(text, strlen(text), "t.ini", &diags, &ret->policies), 0);
	list[0] = &ret->policies.items[0];
	assert_int_equal(bl_profile_compile(list, 1, false, &diags, &ret->generation), 0);
	assert_int_equal(diags.count, 0);
	bl_diags_fini(&diags);
}

static void compiled_fini(struct compiled *compiled)
{
	bl_generation_fini(&compiled->generation);
	bl_policies_fini(&compiled->policies);
}

/* "deny 7": the verdict and the line that decided. */
static const char *ask(const struct compiled *compiled, const char *access)
{
	static char answered[64];
	const char *words[8];
	struct bl_query_error error;
	struct bl_query query;
	struct bl_answer answer;
	char text[256];
	size_t count = 0;

	snprintf(text, sizeof(text), "%s", access);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		words[count++] = word;
	if (bl_query_parse(words, count, &query, &error) < 0)
		fail_msg("%s: %s", access, error.message);
	answer = bl_query_answer(&query, &compiled->generation);
	snprintf(answered, sizeof(answered), "%s%s %u", bl_verdict_name(answer.verdict),
		 answer.is_recorded ? " record" : "", answer.rule ? answer.rule->line : 0);
	return answered;
}

static enum bl_verdict ask_kind(const struct compiled *compiled, unsigned kind, unsigned permission)
{
	const struct bl_compiled_profile *profile = &compiled->generation.profiles[0];
	uint8_t key[BL_KEY_SOCKET_LEN];

	return bl_evaluate(profile->table, profile->table_bytes, key,
			   bl_key_socket(key, (uint8_t)kind), BL_SECTION_NETWORK, permission, 0)
		.verdict;
}

struct asked {
	const char *access;
	const char *answer;
};

static void check_answers(const char *section, const struct asked *cases, size_t count)
{
	struct compiled compiled;

	compile(section, &compiled);
	for (size_t i = 0; i < count; i++)
		if (strcmp(ask(&compiled, cases[i].access), cases[i].answer) != 0)
			fail_msg("%s: %s, not %s", cases[i].access, ask(&compiled, cases[i].access),
				 cases[i].answer);
	compiled_fini(&compiled);
}

#define assert_answers(section, ...)                                                               \
	check_answers(section, (const struct asked[]){__VA_ARGS__},                                \
		      BL_ARRAY_LEN(((const struct asked[]){__VA_ARGS__})))

/* --- words --- */

static void test_connect_is_also_sending(void **state)
{
	assert_answers("deny = connect udp 10.0.0.0/8\ndeny = send udp 11.0.0.0/8\n",
		       {"connect udp 10.1.1.1:1", "deny record 6"},
		       {"send udp 10.1.1.1:1", "deny record 6"},
		       {"send udp 11.1.1.1:1", "deny record 7"},
		       {"connect udp 11.1.1.1:1", "allow 5"}, {"bind udp 10.1.1.1:1", "allow 5"});
}

static void test_all_is_every_operation(void **state)
{
	assert_answers(
		"deny = all tcp *\n", {"create tcp", "deny record 6"},
		{"connect tcp 1.2.3.4:1", "deny record 6"}, {"bind tcp 1.2.3.4:1", "deny record 6"},
		{"listen tcp [::1]:1", "deny record 6"}, {"accept tcp 1.2.3.4:1", "deny record 6"},
		{"send tcp 1.2.3.4:1", "deny record 6"}, {"create udp", "allow 5"});
}

/* --- protocols --- */

static void test_star_is_all_addresses_and_the_socket(void **state)
{
	static const char *const words[] = {"tcp", "udp", "icmp", "raw", "sctp"};

	for (size_t i = 0; i < BL_ARRAY_LEN(words); i++) {
		const char *port = i == 2 || i == 3 ? "" : ":9";
		struct compiled compiled;
		char text[64];

		snprintf(text, sizeof(text), "deny = create bind %s *\n", words[i]);
		compile(text, &compiled);
		snprintf(text, sizeof(text), "create %s", words[i]);
		assert_string_equal(ask(&compiled, text), "deny record 6");
		snprintf(text, sizeof(text), "bind %s 0.0.0.0%s", words[i], port);
		assert_string_equal(ask(&compiled, text), "deny record 6");
		snprintf(text, sizeof(text), "bind %s [fd00::1]%s", words[i], port);
		assert_string_equal(ask(&compiled, text), "deny record 6");
		for (unsigned kind = 0; kind <= UINT8_MAX; kind++)
			assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_CREATE),
					 kind == i + BL_PROTOCOL_TCP ? BL_VERDICT_DENY
								     : BL_VERDICT_ALLOW);
		compiled_fini(&compiled);
	}
}

static void test_families_have_words(void **state)
{
	static const struct {
		const char *word;
		unsigned family;
	} cases[] = {
		{"packet", AF_PACKET}, {"netlink", AF_NETLINK},
		{"vsock", AF_VSOCK},   {"alg", 38},
		{"xdp", 44},           {"bluetooth", 31},
		{"can", 29},           {"tipc", 30},
		{"rds", 21},           {"kcm", 41},
		{"qipcrtr", 42},       {"key", 15},
		{"pppox", 24},         {"llc", 26},
		{"nfc", 39},           {"phonet", 35},
		{"ieee802154", 36},    {"unix", AF_UNIX},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct compiled compiled;
		char text[64];

		snprintf(text, sizeof(text), "deny = create bind %s *\n", cases[i].word);
		compile(text, &compiled);
		for (unsigned kind = 0; kind <= UINT8_MAX; kind++) {
			enum bl_verdict expected = kind == BL_SOCKET_FAMILY(cases[i].family)
							   ? BL_VERDICT_DENY
							   : BL_VERDICT_ALLOW;

			assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_CREATE), expected);
			assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_BIND), expected);
			assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_SEND),
					 BL_VERDICT_ALLOW);
		}
		compiled_fini(&compiled);
	}
}

static void test_unix_star_is_paths_names_and_none(void **state)
{
	assert_answers("deny = bind unix *\ndeny = send unix /run/* @x*\n",
		       {"bind unix /run/x", "deny record 6"}, {"bind unix @a", "deny record 6"},
		       {"bind unix", "deny record 6"}, {"create unix", "allow 5"},
		       {"send unix /run/x", "deny record 7"}, {"send unix @xy", "deny record 7"},
		       {"send unix", "allow 5"}, {"send unix @y", "allow 5"});
}

static void test_other_is_what_has_no_word_of_its_own(void **state)
{
	static const unsigned named[] = {AF_UNIX,   AF_INET,  AF_INET6, AF_NETLINK,
					 AF_PACKET, AF_VSOCK, AF_SMC};
	uint8_t key[BL_KEY_INET6_LEN];
	static const uint8_t address[16] = {10};
	const struct bl_compiled_profile *profile;
	struct compiled compiled;
	size_t len;

	compile("allow = create alg\ndeny = create connect other *\n", &compiled);
	profile = &compiled.generation.profiles[0];
	for (unsigned kind = 0; kind <= UINT8_MAX; kind++) {
		bool is_other = kind == BL_PROTOCOL_OTHER || kind >= BL_SOCKET_FAMILY(0);

		for (size_t i = 0; i < BL_ARRAY_LEN(named); i++)
			is_other = is_other && kind != BL_SOCKET_FAMILY(named[i]);
		assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_CONNECT),
				 is_other ? BL_VERDICT_DENY : BL_VERDICT_ALLOW);
		assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_CREATE),
				 is_other && kind != BL_SOCKET_FAMILY(AF_ALG) ? BL_VERDICT_DENY
									      : BL_VERDICT_ALLOW);
	}
	for (unsigned i = 1; i < BL_PROTOCOL_COUNT; i++) {
		len = i % 2 ? bl_key_inet4(key, (enum bl_protocol)i, address, 9)
			    : bl_key_inet6(key, (enum bl_protocol)i, address, 9);
		assert_int_equal(bl_evaluate(profile->table, profile->table_bytes, key, len,
					     BL_SECTION_NETWORK, BL_NETWORK_CONNECT, 0)
					 .verdict,
				 i == BL_PROTOCOL_OTHER ? BL_VERDICT_DENY : BL_VERDICT_ALLOW);
	}
	compiled_fini(&compiled);
}

static void test_any_star_is_everything(void **state)
{
	struct compiled compiled;

	assert_answers("deny = all any *\n", {"connect tcp 1.2.3.4:5", "deny record 6"},
		       {"send sctp [::1]:1", "deny record 6"}, {"bind unix /x", "deny record 6"},
		       {"bind unix @x", "deny record 6"}, {"create other", "deny record 6"},
		       {"connect icmp 1.1.1.1", "deny record 6"});
	compile("deny = all any *\n", &compiled);
	for (unsigned kind = 0; kind <= UINT8_MAX; kind++)
		for (unsigned i = 0; i < BL_NETWORK_COUNT; i++)
			assert_int_equal(ask_kind(&compiled, kind, i), BL_VERDICT_DENY);
	compiled_fini(&compiled);
}

static void test_any_with_an_address_is_every_protocol_there(void **state)
{
	assert_answers("deny = all any 10.0.0.0/8 *:25\n",
		       {"connect tcp 10.0.0.1:1", "deny record 6"},
		       {"connect raw 10.0.0.1", "deny record 6"},
		       {"send udp 11.0.0.1:25", "deny record 6"},
		       {"send udp 11.0.0.1:26", "allow 5"}, {"create tcp", "allow 5"},
		       {"connect unix /x", "allow 5"}, {"connect netlink", "allow 5"});
}

static void test_unspecified_is_loopback_as_a_target_only(void **state)
{
	assert_answers(
		"deny = connect bind tcp 0.0.0.0:80 [::]:80\n",
		{"connect tcp 127.0.0.1:80", "deny record 6"},
		{"connect tcp 0.0.0.0:80", "deny record 6"},
		{"connect tcp [::]:80", "deny record 6"}, {"send tcp [::1]:80", "deny record 6"},
		{"bind tcp 0.0.0.0:80", "deny record 6"}, {"bind tcp [::]:80", "deny record 6"},
		{"bind tcp 127.0.0.1:80", "allow 5"}, {"bind tcp [::1]:80", "allow 5"});
	assert_answers(
		"deny = listen accept tcp 0.0.0.0:80\n", {"listen tcp 0.0.0.0:80", "deny record 6"},
		{"accept tcp 0.0.0.0:80", "deny record 6"}, {"listen tcp 127.0.0.1:80", "allow 5"},
		{"accept tcp 127.0.0.1:80", "allow 5"});
}

/* --- sets --- */

static void test_shipped_sets_need_no_section(void **state)
{
	static const struct {
		const char *set;
		const char *inside[8];
		const char *outside[8];
	} cases[] = {
		{"private",
		 {"10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255", "192.168.9.9",
		  "100.64.0.0", "100.127.255.255", "[fdff::1]"},
		 {"9.255.255.255", "11.0.0.0", "172.15.0.1", "172.32.0.0", "192.169.0.0",
		  "100.128.0.0", "[fe00::1]", "[fbff::]"}},
		{"loopback",
		 {"127.0.0.1", "127.255.255.255", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"},
		 {"126.255.255.255", "128.0.0.0", "[::2]", "[fe80::1]"}},
		{"link-local",
		 {"169.254.0.0", "169.254.255.255", "[fe80::1]", "[febf:ffff::]"},
		 {"169.253.255.255", "169.255.0.0", "[fec0::]", "[fe7f::]"}},
		{"metadata",
		 {"169.254.169.254", "[fd00:ec2::254]", "100.100.100.200", "192.0.0.192",
		  "[fd20:ce::254]"},
		 {"169.254.169.253", "[fd00:ec2::253]", "100.100.100.201", "192.0.0.193",
		  "[fd20:ce::]"}},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct compiled compiled;
		char text[64];

		snprintf(text, sizeof(text), "deny = connect any @%s\n", cases[i].set);
		compile(text, &compiled);
		for (size_t k = 0; k < 8 && cases[i].inside[k]; k++) {
			snprintf(text, sizeof(text), "send udp %s:9", cases[i].inside[k]);
			assert_string_equal(ask(&compiled, text), "deny record 6");
		}
		for (size_t k = 0; k < 8 && cases[i].outside[k]; k++) {
			snprintf(text, sizeof(text), "send udp %s:9", cases[i].outside[k]);
			assert_string_equal(ask(&compiled, text), "allow 5");
		}
		compiled_fini(&compiled);
	}
	assert_answers("deny = connect tcp @metadata:80\n",
		       {"connect tcp 169.254.169.254:80", "deny record 6"},
		       {"connect tcp 169.254.169.254:81", "allow 5"});
}

/* --- what an allowance implies --- */

static void test_design_example_is_usable(void **state)
{
	assert_answers("default = deny\n"
		       "allow = connect tcp 10.0.0.0/8:5432\n"
		       "allow = connect udp 10.96.0.10:53\n"
		       "allow = bind tcp *:8080\n"
		       "allow = connect unix /run/app/*.sock\n"
		       "deny = create packet\n",
		       {"create tcp", "allow 7"}, {"connect tcp 10.1.1.1:5432", "allow 7"},
		       {"connect tcp 10.1.1.1:80", "deny record 6"}, {"create udp", "allow 8"},
		       {"send udp 10.96.0.10:53", "allow 8"}, {"bind tcp 0.0.0.0:8080", "allow 9"},
		       {"listen tcp [::]:8080", "allow 9"}, {"accept tcp 10.2.2.2:8080", "allow 9"},
		       {"listen tcp 0.0.0.0:80", "deny record 6"}, {"create unix", "allow 10"},
		       {"connect unix /run/app/x.sock", "allow 10"},
		       {"bind unix /run/app/x.sock", "deny record 6"},
		       {"create packet", "deny record 11"}, {"create icmp", "deny record 6"},
		       {"create netlink", "deny record 6"});
}

static void test_implied_stands_behind_all_rules(void **state)
{
	assert_answers(
		"allow = bind tcp *:8080\n"
		"audit = create tcp\n"
		"deny = listen tcp 127.0.0.1\n"
		"kill = create tcp\n"
		"default = deny\n",
		{"create tcp", "audit record 7"}, {"listen tcp 127.0.0.1:8080", "deny record 8"},
		{"listen tcp 127.0.0.2:8080", "allow 6"}, {"accept tcp 127.0.0.1:8080", "allow 6"});
}

static void test_implied_by_audit_is_not_recorded(void **state)
{
	assert_answers("default = deny\naudit = bind vsock *\n", {"bind vsock", "audit record 7"},
		       {"create vsock", "allow 7"}, {"listen vsock", "allow 7"},
		       {"accept vsock", "allow 7"}, {"connect vsock", "deny record 6"});
}

static void test_nothing_is_implied_by_denials_or_where_all_is_allowed(void **state)
{
	assert_answers("default = deny\ndeny = connect tcp *\nkill = bind udp *\n",
		       {"create tcp", "deny record 6"}, {"listen udp 1.1.1.1:1", "deny record 6"});
	assert_answers("allow = connect tcp *\ndeny = create raw\n", {"create tcp", "allow 5"},
		       {"create raw", "deny record 7"});
}

static void test_any_implies_what_it_can_be(void **state)
{
	struct compiled compiled;

	assert_answers("default = deny\nallow = connect any @private\n", {"create tcp", "allow 7"},
		       {"create udp", "allow 7"}, {"create icmp", "allow 7"},
		       {"create raw", "allow 7"}, {"create sctp", "allow 7"},
		       {"create other", "allow 7"}, {"create unix", "deny record 6"},
		       {"create netlink", "deny record 6"}, {"create alg", "deny record 6"});
	compile("default = deny\nallow = connect any *\n", &compiled);
	for (unsigned kind = 0; kind <= UINT8_MAX; kind++)
		assert_int_equal(ask_kind(&compiled, kind, BL_NETWORK_CREATE), BL_VERDICT_ALLOW);
	compiled_fini(&compiled);
}

static void test_implied_holds_for_the_same_subjects(void **state)
{
	assert_answers("default = deny\n"
		       "allow = bind tcp *:80 by /bin/a\n"
		       "allow = connect tcp *:443 by /bin/b\n"
		       "allow = connect tcp *:22\n",
		       {"create tcp by /bin/a", "allow 7"}, {"create tcp by /bin/b", "allow 8"},
		       {"create tcp by /bin/c", "allow 9"},
		       {"listen tcp 1.2.3.4:80 by /bin/a", "allow 7"},
		       {"listen tcp 1.2.3.4:80 by /bin/b", "deny record 6"},
		       {"accept tcp 1.2.3.4:80", "deny record 6"});
}

static enum bl_verdict ask_chosen(const struct compiled *compiled, uint16_t port,
				  unsigned permission)
{
	static const uint8_t address[4] = {10, 0, 0, 1};
	const struct bl_compiled_profile *profile = &compiled->generation.profiles[0];
	uint8_t key[BL_KEY_INET4_LEN];

	return bl_evaluate(profile->table, profile->table_bytes, key,
			   bl_key_inet4(key, BL_PROTOCOL_TCP_CHOSEN, address, port),
			   BL_SECTION_NETWORK, permission, 0)
		.verdict;
}

static void test_port_0_implies_those_the_kernel_chooses(void **state)
{
	struct compiled compiled;

	compile("default = deny\nallow = bind tcp 10.0.0.0/8:0\ndeny = accept tcp *:5000\n",
		&compiled);
	assert_int_equal(ask_chosen(&compiled, 0, BL_NETWORK_LISTEN), BL_VERDICT_ALLOW);
	assert_int_equal(ask_chosen(&compiled, 5000, BL_NETWORK_LISTEN), BL_VERDICT_ALLOW);
	assert_int_equal(ask_chosen(&compiled, 5001, BL_NETWORK_ACCEPT), BL_VERDICT_ALLOW);
	assert_int_equal(ask_chosen(&compiled, 5000, BL_NETWORK_ACCEPT), BL_VERDICT_DENY);
	assert_string_equal(ask(&compiled, "listen tcp 10.0.0.1:5000"), "deny record 6");
	compiled_fini(&compiled);

	compile("default = deny\nallow = bind tcp 10.0.0.1:80\nallow = bind udp *:0\n", &compiled);
	assert_int_equal(ask_chosen(&compiled, 80, BL_NETWORK_LISTEN), BL_VERDICT_ALLOW);
	assert_int_equal(ask_chosen(&compiled, 81, BL_NETWORK_LISTEN), BL_VERDICT_DENY);
	compiled_fini(&compiled);

	compile("deny = listen tcp *:81\n", &compiled);
	assert_int_equal(ask_chosen(&compiled, 81, BL_NETWORK_LISTEN), BL_VERDICT_DENY);
	assert_int_equal(ask_chosen(&compiled, 82, BL_NETWORK_LISTEN), BL_VERDICT_ALLOW);
	compiled_fini(&compiled);
}

/* --- where the peer is --- */

static void test_peers_are_told_apart_by_where_they_are(void **state)
{
	assert_answers("allow = connect unix /run/log\n"
		       "allow = send unix outside by /bin/a\n"
		       "deny = connect unix outside\n"
		       "audit = connect unix inside\n",
		       {"connect unix /run/log outside", "allow 6"},
		       {"connect unix /run/x outside", "deny record 8"},
		       {"connect unix /run/x inside", "audit record 9"},
		       {"connect unix @x outside", "deny record 8"},
		       {"connect unix outside", "deny record 8"},
		       {"send unix /run/x outside", "deny record 8"},
		       {"send unix /run/x outside by /bin/a", "allow 7"},
		       {"send unix /run/x inside by /bin/a", "audit record 9"},
		       {"connect unix /run/x outside by /bin/a", "deny record 8"},
		       /* Not known: what denies holds, what allows does not. */
		       {"connect unix /run/x", "deny record 8"},
		       {"send unix /run/x by /bin/a", "deny record 8"},
		       {"bind unix /run/x", "allow 5"});
}

static void test_allowed_peers_imply_a_socket(void **state)
{
	assert_answers("default = deny\nallow = connect unix inside\n", {"create unix", "allow 7"},
		       {"connect unix /x inside", "allow 7"},
		       {"connect unix /x outside", "deny record 6"},
		       {"connect unix /x", "deny record 6"});
}

/* What is allowed for some name and for every name, of peers inside and outside: "any all any all". */
static void assert_reach(const char *section, const char *expected)
{
	const uint32_t inside = BL_ASK(BL_SECTION_NETWORK, BL_NETWORK_CONNECT);
	const uint32_t outside = inside << BL_OUTSIDE_SHIFT;
	struct compiled compiled;
	struct bl_beyond beyond;
	char text[16];

	compile(section, &compiled);
	beyond = bl_evaluate_beyond(compiled.generation.profiles[0].table,
				    compiled.generation.profiles[0].table_bytes, "/", 1);
	snprintf(text, sizeof(text), "%d %d %d %d", !!(beyond.below_any.enforced & inside),
		 !!(beyond.below_all.enforced & inside), !!(beyond.below_any.enforced & outside),
		 !!(beyond.below_all.enforced & outside));
	assert_string_equal(text, expected);
	compiled_fini(&compiled);
}

static void test_names_are_compared_for_peers_on_either_side(void **state)
{
	assert_reach("deny = connect unix outside\n", "1 1 0 0");
	assert_reach("deny = connect unix inside outside\n", "0 0 0 0");
	assert_reach("deny = connect unix outside\nallow = connect unix inside\n"
		     "deny = connect unix *\n",
		     "1 1 0 0");
	assert_reach("default = deny\nallow = connect unix inside\n", "1 1 0 0");
	assert_reach("allow = connect unix /a\ndeny = connect unix outside\n", "1 1 1 0");
	assert_reach("allow = connect unix inside\n", "1 1 1 1");
}

static void test_other_implies_its_families(void **state)
{
	assert_answers("default = deny\nallow = bind other *\n", {"create alg", "allow 7"},
		       {"listen tipc", "allow 7"}, {"create other", "allow 7"},
		       {"create packet", "deny record 6"}, {"create tcp", "deny record 6"});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connect_is_also_sending),
		cmocka_unit_test(test_all_is_every_operation),
		cmocka_unit_test(test_star_is_all_addresses_and_the_socket),
		cmocka_unit_test(test_families_have_words),
		cmocka_unit_test(test_unix_star_is_paths_names_and_none),
		cmocka_unit_test(test_other_is_what_has_no_word_of_its_own),
		cmocka_unit_test(test_any_star_is_everything),
		cmocka_unit_test(test_any_with_an_address_is_every_protocol_there),
		cmocka_unit_test(test_unspecified_is_loopback_as_a_target_only),
		cmocka_unit_test(test_shipped_sets_need_no_section),
		cmocka_unit_test(test_design_example_is_usable),
		cmocka_unit_test(test_implied_stands_behind_all_rules),
		cmocka_unit_test(test_implied_by_audit_is_not_recorded),
		cmocka_unit_test(test_nothing_is_implied_by_denials_or_where_all_is_allowed),
		cmocka_unit_test(test_any_implies_what_it_can_be),
		cmocka_unit_test(test_implied_holds_for_the_same_subjects),
		cmocka_unit_test(test_port_0_implies_those_the_kernel_chooses),
		cmocka_unit_test(test_peers_are_told_apart_by_where_they_are),
		cmocka_unit_test(test_allowed_peers_imply_a_socket),
		cmocka_unit_test(test_names_are_compared_for_peers_on_either_side),
		cmocka_unit_test(test_other_implies_its_families),
	};

	return cmocka_run_group_tests_name("policy_network", tests, NULL, NULL);
}
