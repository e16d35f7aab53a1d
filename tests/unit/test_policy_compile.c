// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

#include "model.h"

#define READ    (1u << BL_FILE_READ)
#define WRITE   (1u << BL_FILE_WRITE)
#define EXECUTE (1u << BL_EXEC_EXECUTE)
#define CONNECT (1u << BL_NETWORK_CONNECT)
#define BIND    (1u << BL_NETWORK_BIND)

struct fixture {
	struct bl_policies policies;
	struct bl_diags diags;
	struct bl_generation generation;
	bool is_audit_forced;
};

static struct fixture *f;

static int set_up(void **state)
{
	f = calloc(1, sizeof(*f));
	return f ? 0 : -1;
}

static int tear_down(void **state)
{
	bl_generation_fini(&f->generation);
	bl_policies_fini(&f->policies);
	bl_diags_fini(&f->diags);
	free(f);
	return 0;
}

static struct bl_policy *add_policy(const char *name, const char *cgroup)
{
	struct bl_policy *policy = model_add_policy(&f->policies, name, BL_MODE_ENFORCE);

	if (cgroup)
		model_add_cgroup(policy, cgroup);
	return policy;
}

static struct bl_rule *add_file(struct bl_policy *policy, enum bl_verdict verdict,
				uint8_t permissions, const char *pattern)
{
	if (!policy->sections[BL_SECTION_FILE].is_present)
		model_set_default(policy, BL_SECTION_FILE, BL_VERDICT_ALLOW);
	return model_add_rule(policy, BL_SECTION_FILE, verdict, permissions, pattern);
}

static struct bl_rule *add_network(struct bl_policy *policy, enum bl_verdict verdict,
				   uint8_t permissions, enum bl_network_protocol protocol,
				   const char *net)
{
	struct bl_rule *rule;

	if (!policy->sections[BL_SECTION_NETWORK].is_present)
		model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_ALLOW);
	rule = model_add_rule(policy, BL_SECTION_NETWORK, verdict, permissions, NULL);
	rule->protocol = protocol;
	rule->peer = BL_PEER_ANY;
	if (net)
		model_add_net(rule, net);
	return rule;
}

static void compile(void)
{
	bl_generation_fini(&f->generation);
	assert_int_equal(
		bl_generation_compile(&f->policies, f->is_audit_forced, &f->diags, &f->generation),
		0);
	assert_int_equal(f->diags.count, 0);
}

/* The whole compile is refused with these diagnostics, "file:line:column: message\n" each. */
static void assert_refused(int error, const char *expected)
{
	struct bl_generation before = f->generation;
	char text[4096] = "";
	size_t len = 0;

	assert_int_equal(
		bl_generation_compile(&f->policies, f->is_audit_forced, &f->diags, &f->generation),
		error);
	assert_memory_equal(&before, &f->generation, sizeof(before));
	assert_int_equal(f->diags.errors, f->diags.count);
	for (size_t i = 0; i < f->diags.count; i++)
		len += (size_t)snprintf(text + len, sizeof(text) - len, "%s:%u:%u: %s\n",
					f->diags.items[i].file, f->diags.items[i].line,
					f->diags.items[i].column, f->diags.items[i].message);
	assert_string_equal(text, expected);
}

/* Of the profile the cgroup gets. */
static const struct bl_compiled_profile *profile_of(const char *cgroup)
{
	struct bl_selected selected = bl_evaluate_selectors(
		f->generation.selectors, f->generation.selectors_bytes, cgroup, strlen(cgroup));

	if (!selected.profile)
		return NULL;
	assert_true(selected.profile <= f->generation.profiles_count);
	return &f->generation.profiles[selected.profile - 1];
}

/* "policy:line verdict flags", the way a record would name it. */
static const char *ask_key(const void *key, size_t len, enum bl_section section,
			   unsigned permission, uint64_t by)
{
	static char text[128];
	const struct bl_compiled_profile *profile = &f->generation.profiles[0];
	struct bl_decided decided = bl_evaluate(profile->table, profile->table_bytes, key, len,
						section, permission, by);
	const struct bl_rule_entry *entry =
		bl_generation_find_rule(&f->generation, decided.rule_key);

	snprintf(text, sizeof(text), "%s:%u %s%s%s", entry ? entry->policy->name : "-",
		 entry ? entry->line : 0, bl_verdict_name(decided.verdict),
		 decided.flags & BL_DECISION_RECORD ? " record" : "",
		 decided.flags & BL_DECISION_WOULD ? " would" : "");
	return text;
}

static const char *ask_file(const char *path, enum bl_file_permission permission)
{
	return ask_key(path, strlen(path), BL_SECTION_FILE, permission, 0);
}

static const char *ask_net(enum bl_protocol protocol, const uint8_t address[4], uint16_t port,
			   enum bl_network_permission permission)
{
	uint8_t key[BL_KEY_INET4_LEN];

	return ask_key(key, bl_key_inet4(key, protocol, address, port), BL_SECTION_NETWORK,
		       permission, 0);
}

static const char *ask_net6(const uint8_t address[16], enum bl_network_permission permission)
{
	uint8_t key[BL_KEY_INET6_LEN];

	return ask_key(key, bl_key_inet6(key, BL_PROTOCOL_TCP, address, 80), BL_SECTION_NETWORK,
		       permission, 0);
}

static const char *ask_unix(const char *key, size_t len)
{
	return ask_key(key, len, BL_SECTION_NETWORK, BL_NETWORK_CONNECT, 0);
}

/* --- deciding --- */

static void test_first_matching_rule_decides_each_permission(void **state)
{
	struct bl_policy *policy = add_policy("web", "/web");

	add_file(policy, BL_VERDICT_ALLOW, READ, "/etc/ssl/**");    /* line 10 */
	add_file(policy, BL_VERDICT_DENY, READ | WRITE, "/etc/**"); /* 11 */
	add_file(policy, BL_VERDICT_AUDIT, WRITE, "/etc/ssl/x");    /* 12: never */
	add_file(policy, BL_VERDICT_KILL, WRITE, "/var/*");         /* 13 */
	compile();
	assert_string_equal(ask_file("/etc/ssl/x", BL_FILE_READ), "web:10 allow");
	assert_string_equal(ask_file("/etc/ssl/x", BL_FILE_WRITE), "web:11 deny record");
	assert_string_equal(ask_file("/etc/x", BL_FILE_READ), "web:11 deny record");
	assert_string_equal(ask_file("/etc/x", BL_FILE_CREATE), "web:6 allow");
	assert_string_equal(ask_file("/var/x", BL_FILE_WRITE), "web:13 kill record");
	assert_string_equal(ask_file("/var/x", BL_FILE_READ), "web:6 allow");
	assert_string_equal(ask_key("/var/x", 6, BL_SECTION_EXEC, 0, 0), "-:0 allow");
}

static void test_default_deny_is_recorded_under_its_line(void **state)
{
	struct bl_policy *policy = add_policy("web", "/web");

	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW, EXECUTE, "/bin/*");
	compile();
	assert_string_equal(ask_key("/bin/x", 6, BL_SECTION_EXEC, 0, 0), "web:10 allow");
	assert_string_equal(ask_key("/tmp/x", 6, BL_SECTION_EXEC, 0, 0), "web:5 deny record");
}

static void test_unlogged_rule_is_not_recorded(void **state)
{
	struct bl_policy *policy = add_policy("web", "/web");

	add_file(policy, BL_VERDICT_DENY, READ, "/a")->is_logged = false;
	add_file(policy, BL_VERDICT_AUDIT, READ, "/b")->is_logged = false;
	compile();
	assert_string_equal(ask_file("/a", BL_FILE_READ), "web:10 deny");
	assert_string_equal(ask_file("/b", BL_FILE_READ), "web:11 audit");
}

static void test_strictest_policy_decides(void **state)
{
	static const struct {
		enum bl_verdict first;
		enum bl_mode first_mode;
		enum bl_verdict second;
		enum bl_mode second_mode;
		const char *expected;
	} cases[] = {
		{BL_VERDICT_ALLOW, BL_MODE_ENFORCE, BL_VERDICT_ALLOW, BL_MODE_ENFORCE,
		 "p:10 allow"},
		{BL_VERDICT_ALLOW, BL_MODE_ENFORCE, BL_VERDICT_AUDIT, BL_MODE_ENFORCE,
		 "q:10 audit record"},
		{BL_VERDICT_AUDIT, BL_MODE_ENFORCE, BL_VERDICT_DENY, BL_MODE_AUDIT,
		 "q:10 deny record would"},
		{BL_VERDICT_DENY, BL_MODE_ENFORCE, BL_VERDICT_KILL, BL_MODE_AUDIT,
		 "p:10 deny record"},
		{BL_VERDICT_KILL, BL_MODE_AUDIT, BL_VERDICT_DENY, BL_MODE_ENFORCE,
		 "q:10 deny record"},
		{BL_VERDICT_DENY, BL_MODE_AUDIT, BL_VERDICT_KILL, BL_MODE_AUDIT,
		 "q:10 kill record would"},
		{BL_VERDICT_DENY, BL_MODE_ENFORCE, BL_VERDICT_DENY, BL_MODE_ENFORCE,
		 "p:10 deny record"},
		{BL_VERDICT_KILL, BL_MODE_ENFORCE, BL_VERDICT_DENY, BL_MODE_ENFORCE,
		 "p:10 kill record"},
		{BL_VERDICT_ALLOW, BL_MODE_AUDIT, BL_VERDICT_DENY, BL_MODE_OFF, "p:10 allow"},
		{BL_VERDICT_AUDIT, BL_MODE_AUDIT, BL_VERDICT_ALLOW, BL_MODE_ENFORCE,
		 "p:10 audit record"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_policy *policy = add_policy("p", "/x");

		policy->mode = cases[i].first_mode;
		add_file(policy, cases[i].first, READ, "/a");
		policy = add_policy("q", "/x");
		policy->mode = cases[i].second_mode;
		add_file(policy, cases[i].second, READ, "/**");
		compile();
		assert_int_equal(f->generation.profiles_count, 1);
		assert_string_equal(ask_file("/a", BL_FILE_READ), cases[i].expected);
		bl_policies_fini(&f->policies);
	}
}

static void test_policy_without_the_section_has_no_say(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	policy = add_policy("q", "/x");
	add_file(policy, BL_VERDICT_DENY, READ, "/a");
	compile();
	assert_string_equal(ask_file("/a", BL_FILE_READ), "q:10 deny record");
	assert_string_equal(ask_file("/b", BL_FILE_READ), "q:6 allow");
	assert_string_equal(ask_key("/a", 2, BL_SECTION_EXEC, 0, 0), "p:5 deny record");
	assert_string_equal(ask_key("/a", 2, BL_SECTION_NETWORK, 0, 0), "-:0 allow");
}

static void test_forced_audit_enforces_nothing(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_file(policy, BL_VERDICT_KILL, READ, "/a");
	add_file(policy, BL_VERDICT_AUDIT, READ, "/b");
	f->is_audit_forced = true;
	compile();
	assert_string_equal(ask_file("/a", BL_FILE_READ), "p:10 kill record would");
	assert_string_equal(ask_file("/b", BL_FILE_READ), "p:11 audit record");
	assert_int_equal(f->generation.profiles[0].profile.mode[BL_SECTION_FILE], BL_MODE_AUDIT);
}

static void test_section_modes_are_the_strictest(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");
	const uint8_t *mode;

	policy->mode = BL_MODE_AUDIT;
	add_file(policy, BL_VERDICT_DENY, READ, "/a");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW);
	policy = add_policy("q", "/x");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW);
	policy = add_policy("r", "/x");
	policy->mode = BL_MODE_OFF;
	model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY);
	compile();
	mode = f->generation.profiles[0].profile.mode;
	assert_int_equal(mode[BL_SECTION_EXEC], BL_MODE_ENFORCE);
	assert_int_equal(mode[BL_SECTION_FILE], BL_MODE_AUDIT);
	assert_int_equal(mode[BL_SECTION_NETWORK], BL_MODE_OFF);
}

/* --- by --- */

static void test_by_rules_become_lists(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");
	const struct bl_compiled_profile *profile;

	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	model_set_by(model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW, EXECUTE, "/bin/*"),
		     "/usr/sbin/nginx");
	model_set_by(model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_KILL, EXECUTE, "/bin/sh"),
		     "/usr/**");
	model_set_by(model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_KILL, EXECUTE, "/bin/s*"),
		     "/usr/sbin/nginx");
	model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_AUDIT, EXECUTE, "/bin/sh");
	policy = add_policy("q", "/x");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW);
	model_set_by(model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_DENY, EXECUTE, "/bin/sh"),
		     "/usr/**");
	compile();

	profile = &f->generation.profiles[0];
	assert_int_equal(profile->by_count, 2);
	assert_string_equal(profile->by[0], "/usr/sbin/nginx");
	assert_string_equal(profile->by[1], "/usr/**");
	assert_string_equal(ask_key("/bin/sh", 7, BL_SECTION_EXEC, 0, 0), "p:13 audit record");
	assert_string_equal(ask_key("/bin/sh", 7, BL_SECTION_EXEC, 0, 1), "p:10 allow");
	assert_string_equal(ask_key("/bin/sh", 7, BL_SECTION_EXEC, 0, 2), "p:11 kill record");
	assert_string_equal(ask_key("/bin/sh", 7, BL_SECTION_EXEC, 0, 3), "q:10 deny record");
	assert_string_equal(ask_key("/bin/ls", 7, BL_SECTION_EXEC, 0, 0), "p:5 deny record");
	assert_string_equal(ask_key("/bin/ls", 7, BL_SECTION_EXEC, 0, 1), "p:10 allow");
	assert_string_equal(ask_key("/sbin/x", 7, BL_SECTION_EXEC, 0, 3), "p:5 deny record");
}

static void test_choices_stand_as_the_abi_says(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");
	const uint8_t *table;
	struct bl_accept accept;
	struct bl_decision decision;
	struct bl_choice choices[4];
	uint64_t key;

	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	for (unsigned i = 0; i < 3; i++)
		model_set_by(
			model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW, EXECUTE, "/a"),
			i == 1 ? "/y" : "/x");
	policy = add_policy("q", "/x");
	policy->mode = BL_MODE_AUDIT;
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_ALLOW);
	model_add_rule(policy, BL_SECTION_EXEC, BL_VERDICT_KILL, EXECUTE, "/a");
	compile();

	table = f->generation.profiles[0].table;
	memcpy(&accept,
	       table + bl_evaluate_walk(table, f->generation.profiles[0].table_bytes, "/a", 2),
	       sizeof(accept));
	memcpy(&decision, table + accept.decisions[BL_SECTION_EXEC], sizeof(decision));
	assert_int_equal(decision.flags, BL_DECISION_LIST);
	assert_int_equal(decision.count, 4);
	memcpy(choices, table + decision.rule, sizeof(choices));
	/* The third rule is by the same as the first and never decides. */
	assert_int_equal(choices[0].by, 1);
	assert_int_equal(choices[0].is_last, 0);
	assert_int_equal(choices[1].by, 2);
	assert_int_equal(choices[1].is_last, 0);
	assert_int_equal(choices[2].by, 0);
	assert_int_equal(choices[2].is_last, 1);
	assert_int_equal(choices[2].verdict, BL_VERDICT_DENY);
	assert_int_equal(choices[2].flags, BL_DECISION_RECORD);
	assert_int_equal(choices[3].by, 0);
	assert_int_equal(choices[3].is_last, 1);
	assert_int_equal(choices[3].verdict, BL_VERDICT_KILL);
	assert_int_equal(choices[3].flags, BL_DECISION_RECORD | BL_DECISION_WOULD);
	memcpy(&key, table + choices[3].rule, sizeof(key));
	assert_ptr_equal(bl_generation_find_rule(&f->generation, key)->rule,
			 &f->policies.items[1].rules[0]);
}

static void test_by_rule_does_not_hide_those_below_it(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	model_set_by(add_file(policy, BL_VERDICT_ALLOW, READ, "/**"), "/bin/a");
	add_file(policy, BL_VERDICT_DENY, READ, "/etc/*");
	compile();
	assert_string_equal(ask_file("/etc/x", BL_FILE_READ), "p:11 deny record");
	assert_string_equal(ask_key("/etc/x", 6, BL_SECTION_FILE, BL_FILE_READ, 1), "p:10 allow");
}

static void add_by_rules(struct bl_policy *policy, unsigned first, unsigned count)
{
	char by[32];

	for (unsigned i = first; i < first + count; i++) {
		snprintf(by, sizeof(by), "/bin/%u", i);
		model_set_by(add_file(policy, BL_VERDICT_DENY, READ, "/a"), by);
	}
}

static void test_sixty_two_by_patterns_are_the_most(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_by_rules(policy, 0, 40);
	policy = add_policy("q", "/x");
	add_by_rules(policy, 20, 42);
	compile();
	assert_int_equal(f->generation.profiles[0].by_count, 62);
	assert_string_equal(ask_key("/a", 2, BL_SECTION_FILE, BL_FILE_READ, UINT64_C(1) << 61),
			    "q:51 deny record");
	add_by_rules(policy, 90, 1);
	bl_generation_fini(&f->generation);
	assert_refused(
		-E2BIG,
		"q.ini:52:8: \"by /bin/90\": the policies that apply together have more than 62 different \"by\" patterns\n");
}

/* --- network --- */

static void test_any_peer_is_every_address_of_the_protocol(void **state)
{
	static const uint8_t address[4] = {1, 2, 3, 4};
	static const uint8_t address6[16] = {0xfd, 1};
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_TCP, NULL);
	compile();
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, address, 0, BL_NETWORK_CONNECT),
			    "p:10 deny record");
	assert_string_equal(ask_net6(address6, BL_NETWORK_CONNECT), "p:10 deny record");
	assert_string_equal(ask_net(BL_PROTOCOL_UDP, address, 0, BL_NETWORK_CONNECT), "p:7 allow");
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, address, 0, BL_NETWORK_BIND), "p:7 allow");
	assert_string_equal(ask_unix("/run/x", 6), "p:7 allow");
	assert_string_equal(ask_unix("@x", 2), "p:7 allow");
}

static void test_any_protocol_is_all_of_them_and_unix(void **state)
{
	static const uint8_t address[4] = {1, 2, 3, 4};
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_ANY, NULL);
	compile();
	for (unsigned i = 1; i < BL_PROTOCOL_COUNT; i++)
		assert_string_equal(ask_net((enum bl_protocol)i, address, 9, BL_NETWORK_CONNECT),
				    "p:10 deny record");
	assert_string_equal(ask_unix("/run/x", 6), "p:10 deny record");
	assert_string_equal(ask_unix("@x/y\0z", 6), "p:10 deny record");
	/* Only as the address of a socket. */
	assert_string_equal(ask_key("/run/x", 6, BL_SECTION_FILE, BL_FILE_READ, 0), "-:0 allow");
}

static void test_any_protocol_with_an_address_is_no_unix_socket(void **state)
{
	static const uint8_t address[4] = {10, 2, 3, 4};
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_ANY, "10.0.0.0/8");
	compile();
	assert_string_equal(ask_net(BL_PROTOCOL_SCTP, address, 9, BL_NETWORK_CONNECT),
			    "p:10 deny record");
	assert_string_equal(ask_unix("/run/x", 6), "p:7 allow");
}

static void test_unix_sockets_go_by_path_or_name(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");
	struct bl_rule *rule;

	model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_ALLOW);
	model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, CONNECT, "/run/*.sock");
	rule = model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, CONNECT, "{a,b}*");
	rule->peer = BL_PEER_ABSTRACT;
	compile();
	assert_string_equal(ask_unix("/run/x.sock", 11), "p:10 deny record");
	assert_string_equal(ask_unix("@/run/x.sock", 12), "p:7 allow");
	assert_string_equal(ask_unix("@a1", 3), "p:11 deny record");
	assert_string_equal(ask_unix("@b", 2), "p:11 deny record");
	assert_string_equal(ask_unix("@c", 2), "p:7 allow");
	assert_string_equal(ask_unix("a1", 2), "p:7 allow");
}

static void test_unspecified_target_is_loopback(void **state)
{
	static const uint8_t any[4] = {0, 0, 0, 0};
	static const uint8_t loopback[4] = {127, 0, 0, 1};
	static const uint8_t any6[16] = {0};
	static const uint8_t loopback6[16] = {[15] = 1};
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT | BIND, BL_NETWORK_TCP, "0.0.0.0/32");
	add_network(policy, BL_VERDICT_DENY, CONNECT | BIND, BL_NETWORK_TCP, "::/128");
	compile();
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, loopback, 80, BL_NETWORK_CONNECT),
			    "p:10 deny record");
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, any, 80, BL_NETWORK_CONNECT), "p:7 allow");
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, any, 80, BL_NETWORK_BIND), "p:10 deny record");
	assert_string_equal(ask_net(BL_PROTOCOL_TCP, loopback, 80, BL_NETWORK_BIND), "p:7 allow");
	assert_string_equal(ask_net6(loopback6, BL_NETWORK_CONNECT), "p:11 deny record");
	assert_string_equal(ask_net6(any6, BL_NETWORK_BIND), "p:11 deny record");
	assert_string_equal(ask_net6(loopback6, BL_NETWORK_BIND), "p:7 allow");
}

static void test_named_sets_are_one_rule(void **state)
{
	static const uint8_t first[4] = {10, 1, 1, 1};
	static const uint8_t second[4] = {192, 168, 1, 1};
	static const uint8_t third[16] = {0xfd, 1};
	struct bl_policy *policy = add_policy("p", "/x");
	struct bl_rule *rule =
		add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_TCP, "10.0.0.0/8");

	model_add_net(rule, "192.168.0.0/16");
	model_add_net(rule, "fd00::/8");
	model_set_by(rule, "/bin/a");
	compile();
	for (unsigned by = 0; by < 2; by++) {
		const char *expected = by ? "p:10 deny record" : "p:7 allow";
		uint8_t key[BL_KEY_INET6_LEN];

		assert_string_equal(ask_key(key, bl_key_inet4(key, BL_PROTOCOL_TCP, first, 1),
					    BL_SECTION_NETWORK, BL_NETWORK_CONNECT, by),
				    expected);
		assert_string_equal(ask_key(key, bl_key_inet4(key, BL_PROTOCOL_TCP, second, 1),
					    BL_SECTION_NETWORK, BL_NETWORK_CONNECT, by),
				    expected);
		assert_string_equal(ask_key(key, bl_key_inet6(key, BL_PROTOCOL_TCP, third, 1),
					    BL_SECTION_NETWORK, BL_NETWORK_CONNECT, by),
				    expected);
	}
}

static void test_address_of_a_packet_socket_is_refused(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_PACKET, "1.2.3.4/32");
	assert_refused(
		-EINVAL,
		"p.ini:10:8: \"deny = \": sockets of this protocol have no addresses here\n");
}

static void test_socket_path_of_an_inet_protocol_is_refused(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_ALLOW);
	model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, CONNECT, "/run/x")->protocol =
		BL_NETWORK_TCP;
	assert_refused(-EINVAL, "p.ini:10:8: \"/run/x\": only unix sockets have names\n");
}

static void test_address_of_a_unix_socket_is_refused(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_TCP, "1.2.3.4/32")->protocol =
		BL_NETWORK_UNIX;
	assert_refused(-EINVAL, "p.ini:10:8: \"deny = \": a unix socket has no network address\n");
}

/* --- numbers of rules --- */

static uint64_t key_of(const struct bl_policy *policy, size_t rule)
{
	for (size_t i = 0; i < f->generation.rules_count; i++)
		if (f->generation.rules[i].rule == &policy->rules[rule])
			return f->generation.rules[i].key;
	fail_msg("rule %zu of %s has no number", rule, policy->name);
	return 0;
}

static void test_rule_numbers_never_change(void **state)
{
	struct bl_policy *policy = add_policy("web", "/x");

	add_file(policy, BL_VERDICT_DENY, READ, "/etc/shadow");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	compile();
	/* Counters are kept under these: a change here loses them on every upgrade. */
	assert_int_equal(key_of(policy, 0), UINT64_C(0x466f67ad13fecd1e));
	assert_non_null(bl_generation_find_rule(&f->generation, UINT64_C(0xdb2bafcfba45a32f)));
}

static void test_rule_numbers_stay_when_lines_move(void **state)
{
	struct bl_policy *policy = add_policy("web", "/x");
	uint64_t shadow;
	uint64_t passwd;

	add_file(policy, BL_VERDICT_DENY, READ, "/etc/shadow");
	add_file(policy, BL_VERDICT_DENY, READ, "/etc/passwd");
	compile();
	shadow = key_of(policy, 0);
	passwd = key_of(policy, 1);
	bl_policies_fini(&f->policies);

	add_file(add_policy("other", "/x"), BL_VERDICT_DENY, READ, "/etc/shadow");
	policy = add_policy("web", "/x");
	add_file(policy, BL_VERDICT_DENY, READ, "/etc/passwd");
	add_file(policy, BL_VERDICT_DENY, READ, "/x");
	add_file(policy, BL_VERDICT_DENY, READ, "/etc/shadow");
	compile();
	assert_int_equal(key_of(policy, 2), shadow);
	assert_int_equal(key_of(policy, 0), passwd);
	assert_int_not_equal(key_of(&f->policies.items[0], 0), shadow);
}

static void test_equal_rules_have_numbers_of_their_own(void **state)
{
	struct bl_policy *policy = add_policy("web", "/x");

	for (unsigned i = 0; i < 3; i++)
		add_file(policy, BL_VERDICT_DENY, READ, "/a");
	/* The same line names two objects. */
	free(add_file(policy, BL_VERDICT_DENY, READ, "/b")->text);
	policy->rules[3].text = strdup(policy->rules[0].text);
	/* So does this one, and they are no patterns. */
	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_TCP, "10.0.0.0/8");
	add_network(policy, BL_VERDICT_DENY, CONNECT, BL_NETWORK_TCP, "11.0.0.0/8");
	compile();
	for (size_t a = 0; a < 6; a++)
		for (size_t b = 0; b < a; b++)
			assert_int_not_equal(key_of(policy, a), key_of(policy, b));
}

static void test_numbers_of_equal_rules_stay(void **state)
{
	struct bl_policy *policy = add_policy("web", "/x");
	uint64_t keys[3];

	for (unsigned i = 0; i < 3; i++)
		add_file(policy, BL_VERDICT_DENY, READ, "/a");
	compile();
	for (unsigned i = 0; i < 3; i++)
		keys[i] = key_of(policy, i);
	bl_policies_fini(&f->policies);

	add_file(add_policy("other", "/x"), BL_VERDICT_DENY, READ, "/a");
	policy = add_policy("web", "/x");
	add_file(policy, BL_VERDICT_DENY, READ, "/b");
	for (unsigned i = 0; i < 3; i++)
		add_file(policy, BL_VERDICT_DENY, READ, "/a");
	compile();
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(key_of(policy, i + 1), keys[i]);
}

static void test_colliding_numbers_are_parted_alike_each_time(void **state)
{
	uint64_t keys[3];

	/* Policies of one name, which the loader refuses, are the cheap way to equal numbers. */
	for (unsigned round = 0; round < 2; round++) {
		for (unsigned i = 0; i < 3; i++)
			add_file(add_policy("p", "/x"), BL_VERDICT_DENY, READ, "/a");
		compile();
		assert_int_equal(f->generation.rules_count, 6);
		for (size_t i = 0; i < 3; i++) {
			uint64_t key = key_of(&f->policies.items[i], 0);

			assert_int_not_equal(key, 0);
			assert_true(!round || keys[i] == key);
			for (size_t k = 0; k < i; k++)
				assert_int_not_equal(keys[k], key);
			keys[i] = key;
		}
		assert_string_equal(ask_file("/a", BL_FILE_READ), "p:10 deny record");
		bl_policies_fini(&f->policies);
	}
}

static void test_rules_are_found_by_number(void **state)
{
	struct bl_policy *policy = add_policy("web", "/x");
	const struct bl_rule_entry *rules;

	add_file(policy, BL_VERDICT_DENY, READ, "/a");
	model_set_default(policy, BL_SECTION_EXEC, BL_VERDICT_DENY);
	policy = add_policy("off", "/x");
	policy->mode = BL_MODE_OFF;
	add_file(policy, BL_VERDICT_DENY, READ, "/a");
	compile();
	rules = f->generation.rules;
	assert_int_equal(f->generation.rules_count, 3);
	for (size_t i = 0; i < f->generation.rules_count; i++) {
		assert_true(!i || rules[i - 1].key < rules[i].key);
		assert_ptr_equal(bl_generation_find_rule(&f->generation, rules[i].key), &rules[i]);
		assert_null(bl_generation_find_rule(&f->generation, rules[i].key + 1));
		assert_string_equal(rules[i].policy->name, "web");
		assert_int_equal(rules[i].line, rules[i].rule                         ? 10
						: rules[i].section == BL_SECTION_EXEC ? 5
										      : 6);
		assert_string_equal(rules[i].text, rules[i].rule ? "deny = /a"
						   : rules[i].section == BL_SECTION_EXEC
							   ? "default = deny"
							   : "default = allow");
	}
	assert_null(bl_generation_find_rule(&f->generation, 0));
}

/* --- selectors --- */

static void assert_selected(const char *cgroup, const char *policies, bool is_own)
{
	const struct bl_compiled_profile *profile = profile_of(cgroup);
	struct bl_selected selected = bl_evaluate_selectors(
		f->generation.selectors, f->generation.selectors_bytes, cgroup, strlen(cgroup));
	char names[64] = "";

	for (size_t i = 0; profile && i < profile->policies_count; i++)
		strcat(names, profile->policies[i]->name);
	if (strcmp(names, policies) != 0 || selected.is_own != is_own)
		fail_msg("%s: \"%s\" %u, expected \"%s\" %d", cgroup, names, selected.is_own,
			 policies, is_own);
}

static void test_cgroups_select_themselves_and_what_is_below(void **state)
{
	add_policy("a", "/sys/a.service");
	add_policy("b", "/sys/*");
	add_policy("c", "/sys/a.service/x");
	model_add_cgroup(&f->policies.items[2], "/z");
	add_policy("off", "/**")->mode = BL_MODE_OFF;
	compile();
	assert_selected("/", "", false);
	assert_selected("/sys", "", false);
	assert_selected("/sys/b", "b", true);
	assert_selected("/sys/b/y", "b", false);
	assert_selected("/sys/a.service", "ab", true);
	assert_selected("/sys/a.serviced", "b", true);
	assert_selected("/sys/a.service/y/z", "ab", false);
	assert_selected("/sys/a.service/x", "abc", true);
	assert_selected("/sys/a.service/x/y", "abc", false);
	assert_selected("/z", "c", true);
	assert_selected("/z/z", "c", false);
	assert_selected("/zz", "", false);
	assert_int_equal(f->generation.profiles_count, 4);
}

static void test_root_selects_everything(void **state)
{
	add_policy("a", "/");
	add_policy("b", "/x/**");
	compile();
	assert_selected("/", "a", true);
	assert_selected("/y", "a", false);
	assert_selected("/y/z", "a", false);
	assert_selected("/x", "a", false);
	assert_selected("/x/y", "ab", true);
	assert_selected("/x/y/z", "ab", true);
	assert_int_equal(f->generation.profiles_count, 2);
}

static void test_no_policies_bind_nothing(void **state)
{
	compile();
	assert_selected("/", "", false);
	assert_selected("/a", "", false);
	assert_int_equal(f->generation.profiles_count, 0);
	assert_true(f->generation.selectors_bytes > 0);
}

static void add_overlapping(unsigned count)
{
	char pattern[64];
	char name[16];

	for (unsigned i = 0; i < count; i++) {
		unsigned len = (unsigned)snprintf(pattern, sizeof(pattern), "/");

		for (unsigned k = 0; k < count; k++)
			len += (unsigned)snprintf(pattern + len, sizeof(pattern) - len, "%s",
						  k == i ? "a" : "[ab]");
		snprintf(name, sizeof(name), "p%u", i);
		add_policy(name, pattern);
	}
}

static void test_combinations_are_bounded(void **state)
{
	/* Each of n policies goes by one letter of n: 2^n - 1 combinations. */
	add_overlapping(8);
	compile();
	assert_int_equal(f->generation.profiles_count, 255);
	bl_generation_fini(&f->generation);
	bl_policies_fini(&f->policies);

	add_overlapping(9);
	assert_int_equal(bl_generation_compile(&f->policies, false, &f->diags, &f->generation),
			 -E2BIG);
	assert_true(f->diags.count > 0);
	assert_int_equal(f->diags.items[0].line, 3);
	assert_int_equal(f->diags.items[0].column, 10);
	assert_non_null(strstr(f->diags.items[0].message,
			       "with the other cgroup patterns it selects more than 510 different "
			       "combinations of policies"));
}

static void test_cgroup_stars_that_multiply_are_refused_by_name(void **state)
{
	add_policy("p", "/kube/**a???????????????????????b");
	assert_refused(
		-E2BIG,
		"p.ini:3:10: \"/kube/**a???????????????????????b\": the stars of the patterns multiply into too many partial matches\n");
}

static void test_bad_cgroup_pattern_is_named(void **state)
{
	add_policy("p", "/a[b");
	assert_refused(-EINVAL, "p.ini:3:12: \"/a[b\": '[' is never closed\n");
}

/* --- one profile --- */

static void test_profile_without_selectors(void **state)
{
	const struct bl_policy *policies[2];

	add_file(add_policy("p", NULL), BL_VERDICT_DENY, READ, "/a");
	add_file(add_policy("q", NULL), BL_VERDICT_KILL, READ, "/a");
	f->policies.items[0].mode = BL_MODE_OFF;
	policies[0] = &f->policies.items[0];
	policies[1] = &f->policies.items[1];
	assert_int_equal(bl_profile_compile(policies, 2, false, &f->diags, &f->generation), 0);
	assert_int_equal(f->generation.profiles_count, 1);
	assert_int_equal(f->generation.profiles[0].policies_count, 1);
	assert_int_equal(f->generation.selectors_bytes, 0);
	assert_null(f->generation.selectors);
	assert_string_equal(ask_file("/a", BL_FILE_READ), "q:10 kill record");
}

static void test_profile_of_nothing_allows(void **state)
{
	assert_int_equal(bl_profile_compile(NULL, 0, false, &f->diags, &f->generation), 0);
	assert_string_equal(ask_file("/a", BL_FILE_READ), "-:0 allow");
}

/* --- size --- */

static void add_files(struct bl_policy *policy, unsigned count, const char *before,
		      const char *after)
{
	char pattern[128];

	for (unsigned i = 0; i < count; i++) {
		snprintf(pattern, sizeof(pattern), "%s%05u%s", before, i, after);
		add_file(policy, BL_VERDICT_DENY, READ, pattern);
	}
}

static void assert_offsets_inside(const struct bl_compiled_profile *profile)
{
	const struct bl_table_header *header = profile->table;
	const uint8_t *bytes = profile->table;
	uint32_t greatest = 0;

	assert_int_equal(header->size_bytes, profile->table_bytes);
	assert_int_equal(profile->table_bytes % 8, 0);
	for (unsigned byte = 0; byte < 256; byte++)
		if (header->classes[byte] > greatest)
			greatest = header->classes[byte];
	for (size_t at = sizeof(*header); at < profile->table_bytes; at += sizeof(struct bl_cell)) {
		struct bl_cell cell;

		memcpy(&cell, bytes + at, sizeof(cell));
		/* Behind the cells stand the accept sets, and their offsets have no BL_CELL_STATE. */
		if (cell.owner == BL_CELL_FREE || !(cell.owner & BL_CELL_STATE))
			continue;
		if ((cell.owner & ~BL_CELL_STATE) >= profile->table_bytes ||
		    cell.next >= profile->table_bytes)
			continue;
		assert_true(at + greatest < profile->table_bytes);
	}
}

/* Tables stand one behind the other: what leads out of one leads into another. */
static void test_no_offset_leads_out_of_a_table(void **state)
{
	static const unsigned rules[] = {5, 300, 4000};

	for (size_t i = 0; i < BL_ARRAY_LEN(rules); i++) {
		add_files(add_policy("p", "/x"), rules[i], "/srv/", "/directory/file");
		compile();
		assert_offsets_inside(&f->generation.profiles[0]);
		assert_string_equal(ask_file("/srv/00003/directory/file", BL_FILE_READ),
				    "p:13 deny record");
		bl_policies_fini(&f->policies);
	}
}

static void test_stars_that_multiply_are_refused_by_name(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_file(policy, BL_VERDICT_ALLOW, READ, "/usr/**");
	add_file(policy, BL_VERDICT_DENY, READ, "/**a???????????????????????b");
	add_file(policy, BL_VERDICT_DENY, READ, "/etc/shadow");
	assert_int_equal(bl_generation_compile(&f->policies, false, &f->diags, &f->generation),
			 -E2BIG);
	assert_true(f->diags.errors > 0);
	assert_string_equal(f->diags.items[0].file, "p.ini");
	assert_int_equal(f->diags.items[0].line, 11);
	assert_int_equal(f->diags.items[0].column, 8);
	assert_string_equal(
		f->diags.items[0].message,
		"\"/**a???????????????????????b\": the stars of the patterns multiply into too many partial matches");
}

static void test_rules_that_do_not_fit_are_refused_by_name(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_files(policy, 9000, "/", "/a/path/that/nothing/else/has/a/part/of");
	assert_int_equal(bl_generation_compile(&f->policies, false, &f->diags, &f->generation),
			 -E2BIG);
	assert_int_equal(f->diags.errors, 3);
	assert_string_equal(f->diags.items[0].file, "p.ini");
	assert_true(f->diags.items[0].line >= 10);
	assert_non_null(
		strstr(f->diags.items[0].message, "the automaton does not fit into a table"));
}

/* The cells alone would fit, and so would what they mean. */
static void test_cells_and_decisions_that_do_not_fit_are_refused_by_name(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_files(policy, 34000, "/", "");
	compile();
	assert_true(f->generation.profiles[0].table_bytes > BL_TABLE_MAX / 2);
	bl_generation_fini(&f->generation);
	add_files(policy, 10000, "/a", "");
	assert_int_equal(bl_generation_compile(&f->policies, false, &f->diags, &f->generation),
			 -E2BIG);
	assert_int_equal(f->diags.errors, 3);
	assert_non_null(
		strstr(f->diags.items[0].message, "the automaton does not fit into a table"));
}

static void test_decisions_that_do_not_fit_are_refused_with_their_number(void **state)
{
	add_files(add_policy("p", "/x"), 100, "/p/", "");
	add_files(add_policy("q", "/x"), 65000, "/", "");
	assert_refused(
		-E2BIG,
		"q.ini:0:0: the 65100 rules that apply together, 65000 of them in this policy, do not fit into a table of 4194304 bytes\n");
}

static void test_bad_pattern_is_named(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	add_file(policy, BL_VERDICT_DENY, READ, "/a{b");
	assert_refused(-EINVAL, "p.ini:10:10: \"/a{b\": '{' is never closed\n");
}

static void test_bad_name_is_named(void **state)
{
	struct bl_policy *policy = add_policy("p", "/x");

	model_set_default(policy, BL_SECTION_NETWORK, BL_VERDICT_ALLOW);
	model_add_rule(policy, BL_SECTION_NETWORK, BL_VERDICT_DENY, CONNECT, "a}")->peer =
		BL_PEER_ABSTRACT;
	assert_refused(-EINVAL, "p.ini:10:9: \"a}\": '}' without '{'\n");
}

static void test_bad_range_of_ports_is_named(void **state)
{
	struct bl_rule *rule = add_network(add_policy("p", "/x"), BL_VERDICT_DENY, CONNECT,
					   BL_NETWORK_TCP, "1.2.3.4/32");

	rule->port_low = 2;
	rule->port_high = 1;
	assert_refused(-EINVAL, "p.ini:10:8: \"deny = \": not a network and a range of ports\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_first_matching_rule_decides_each_permission),
		TEST(test_default_deny_is_recorded_under_its_line),
		TEST(test_unlogged_rule_is_not_recorded),
		TEST(test_strictest_policy_decides),
		TEST(test_policy_without_the_section_has_no_say),
		TEST(test_forced_audit_enforces_nothing),
		TEST(test_section_modes_are_the_strictest),
		TEST(test_by_rules_become_lists),
		TEST(test_choices_stand_as_the_abi_says),
		TEST(test_by_rule_does_not_hide_those_below_it),
		TEST(test_sixty_two_by_patterns_are_the_most),
		TEST(test_any_peer_is_every_address_of_the_protocol),
		TEST(test_any_protocol_is_all_of_them_and_unix),
		TEST(test_any_protocol_with_an_address_is_no_unix_socket),
		TEST(test_unix_sockets_go_by_path_or_name),
		TEST(test_unspecified_target_is_loopback),
		TEST(test_named_sets_are_one_rule),
		TEST(test_address_of_a_packet_socket_is_refused),
		TEST(test_socket_path_of_an_inet_protocol_is_refused),
		TEST(test_address_of_a_unix_socket_is_refused),
		TEST(test_rule_numbers_never_change),
		TEST(test_rule_numbers_stay_when_lines_move),
		TEST(test_equal_rules_have_numbers_of_their_own),
		TEST(test_numbers_of_equal_rules_stay),
		TEST(test_colliding_numbers_are_parted_alike_each_time),
		TEST(test_rules_are_found_by_number),
		TEST(test_cgroups_select_themselves_and_what_is_below),
		TEST(test_root_selects_everything),
		TEST(test_no_policies_bind_nothing),
		TEST(test_combinations_are_bounded),
		TEST(test_cgroup_stars_that_multiply_are_refused_by_name),
		TEST(test_bad_cgroup_pattern_is_named),
		TEST(test_profile_without_selectors),
		TEST(test_profile_of_nothing_allows),
		TEST(test_no_offset_leads_out_of_a_table),
		TEST(test_stars_that_multiply_are_refused_by_name),
		TEST(test_rules_that_do_not_fit_are_refused_by_name),
		TEST(test_cells_and_decisions_that_do_not_fit_are_refused_by_name),
		TEST(test_decisions_that_do_not_fit_are_refused_with_their_number),
		TEST(test_bad_pattern_is_named),
		TEST(test_bad_name_is_named),
		TEST(test_bad_range_of_ports_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
