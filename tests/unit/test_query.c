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

#include "enforcer/policy_parse.h"
#include "enforcer/query.h"
#include "enforcer/util.h"

static const char policy_text[] = "[policy]\nname = t\n[select]\ncgroup = /t\n"
				  "[exec]\n"
				  "allow = /bin/sh by /usr/sbin/*\n"
				  "audit = /bin/sh by /usr/bin/cron\n"
				  "kill = /bin/sh by /tmp/**\n"
				  "deny = /bin/sh\n";

struct asked {
	const char *by;
	enum bl_verdict verdict;
	unsigned line;
};

static struct bl_answer ask(const struct bl_generation *generation, const char *by)
{
	const char *words[] = {"exec", "/bin/sh"};
	struct bl_query_error error;
	struct bl_query query;

	assert_int_equal(bl_query_parse(words, BL_ARRAY_LEN(words), &query, &error), 0);
	if (by)
		assert_int_equal(bl_query_set_by(&query, by, &error), 0);
	return bl_query_answer(&query, generation);
}

static void test_answer_depends_on_subject(void **state)
{
	static const struct asked cases[] = {
		{"/usr/sbin/nginx", BL_VERDICT_ALLOW, 6},
		{"/usr/bin/cron", BL_VERDICT_AUDIT, 7},
		{"/tmp/x", BL_VERDICT_KILL, 8},
		{"/usr/bin/other", BL_VERDICT_DENY, 9},
		{NULL, BL_VERDICT_DENY, 9},
	};
	const struct bl_policy *list[1];
	struct bl_policies policies = {0};
	struct bl_generation generation;
	struct bl_diags diags = {0};

	assert_int_equal(bl_policy_parse_whole_language(policy_text, strlen(policy_text), "t.ini",
							&diags, &policies),
			 0);
	list[0] = &policies.items[0];
	assert_int_equal(bl_profile_compile(list, 1, false, &diags, &generation), 0);

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_answer answer = ask(&generation, cases[i].by);

		assert_int_equal(answer.verdict, cases[i].verdict);
		assert_non_null(answer.rule);
		assert_int_equal(answer.rule->line, cases[i].line);
		assert_int_equal(answer.is_recorded, cases[i].verdict != BL_VERDICT_ALLOW);
		assert_false(answer.is_would);
	}
	bl_generation_fini(&generation);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

struct keyed {
	const char *words[3];
	size_t count;
	enum bl_section section;
	unsigned permission;
	const char *key;
	size_t key_len;
};

static void test_parse_keys(void **state)
{
	static const struct keyed cases[] = {
		{{"exec", "/"}, 2, BL_SECTION_EXEC, BL_EXEC_EXECUTE, "/", 1},
		{{"read", "/a\\b c"}, 2, BL_SECTION_FILE, BL_FILE_READ, "/a\\b c", 6},
		{{"write", "/.../..x"}, 2, BL_SECTION_FILE, BL_FILE_WRITE, "/.../..x", 8},
		{{"connect", "unix", "/run/x"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "/run/x",
		 6},
		{{"connect", "unix", "@x"}, 3, BL_SECTION_NETWORK, BL_NETWORK_CONNECT, "@x", 2},
		{{"connect", "tcp", "1.2.3.4:258"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x01\x02\x03\x04\x01\x02",
		 8},
		{{"connect", "tcp", "[::ffff:1.2.3.4]:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x01\x02\x03\x04\x00\x01",
		 8},
		{{"connect", "tcp", "0.0.0.0:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x04\x01\x7f\x00\x00\x01\x00\x01",
		 8},
		{{"connect", "tcp", "[::]:1"},
		 3,
		 BL_SECTION_NETWORK,
		 BL_NETWORK_CONNECT,
		 "\x06\x01\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01\x00\x01",
		 20},
#define NETWORK(permission, key) BL_SECTION_NETWORK, BL_NETWORK_##permission, key, sizeof(key) - 1
		{{"create", "/tcp"}, 2, BL_SECTION_FILE, BL_FILE_CREATE, "/tcp", 4},
		{{"create", "tcp"}, 2, NETWORK(CREATE, "\x01\x01")},
		{{"create", "other"}, 2, NETWORK(CREATE, "\x01\x06")},
		{{"create", "unix"}, 2, NETWORK(CREATE, "\x01\x41")},
		{{"create", "packet"}, 2, NETWORK(CREATE, "\x01\x51")},
		{{"create", "xdp"}, 2, NETWORK(CREATE, "\x01\x6c")},
		{{"connect", "netlink"}, 2, NETWORK(CONNECT, "\x01\x50")},
		{{"send", "other"}, 2, NETWORK(SEND, "\x01\x06")},
		{{"bind", "unix"}, 2, NETWORK(BIND, "\x01\x41")},
		{{"bind", "unix", "@name"}, 3, NETWORK(BIND, "@name")},
		{{"accept", "unix", "/run/x"}, 3, NETWORK(ACCEPT, "/run/x")},
		{{"bind", "tcp", "0.0.0.0:80"}, 3, NETWORK(BIND, "\x04\x01\0\0\0\0\0\x50")},
		{{"send", "udp", "0.0.0.0:53"}, 3, NETWORK(SEND, "\x04\x02\x7f\0\0\x01\0\x35")},
		{{"listen", "sctp", "[::]:80"},
		 3,
		 NETWORK(LISTEN, "\x06\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x50")},
		{{"connect", "icmp", "1.2.3.4"}, 3, NETWORK(CONNECT, "\x04\x03\1\2\3\4\0\0")},
		{{"bind", "raw", "1.2.3.4"}, 3, NETWORK(BIND, "\x04\x04\1\2\3\4\0\0")},
#define USE(section, key) BL_SECTION_##section, BL_USE, key, sizeof(key) - 1
		{{"ptrace", "inside"}, 2, USE(PROCESS, "\x10\0\0\0\0\0\0\0")},
		{{"ptrace", "outside"}, 2, USE(PROCESS, "\x10\0\1\0\0\0\0\0")},
		{{"signal", "outside"}, 2, USE(PROCESS, "\x10\1\1\0\0\0\0\0")},
		{{"privilege", "mount"}, 2, USE(PRIVILEGE, "\x11\0")},
		{{"privilege", "swap"}, 2, USE(PRIVILEGE, "\x11\x0e")},
		{{"capability", "chown"}, 2, USE(CAPABILITY, "\x12\0")},
		{{"capability", "CAP_SYS_ADMIN"}, 2, USE(CAPABILITY, "\x12\x15")},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_query_error error;
		struct bl_query query;

		assert_int_equal(bl_query_parse(cases[i].words, cases[i].count, &query, &error), 0);
		assert_int_equal(query.asks[0].section, cases[i].section);
		assert_int_equal(query.asks[0].permission, cases[i].permission);
		assert_int_equal(query.key.len, cases[i].key_len);
		assert_memory_equal(query.key.bytes, cases[i].key, cases[i].key_len);
		assert_int_equal(query.by.len, 0);
	}
}

static void test_network_access_invalid_refused(void **state)
{
#define ANY_WORD                                                                                   \
	"expected tcp, udp, icmp, raw, packet, netlink, unix, vsock, sctp, alg, xdp, bluetooth, can, tipc, rds, kcm, qipcrtr, key, pppox, llc, nfc, phonet, ieee802154 or other"
	static const struct {
		const char *words[4];
		size_t word;
		const char *message;
	} cases[] = {
		{{"bind"}, 1, "no protocol: " ANY_WORD},
		{{"send", "any", "1.2.3.4:5"}, 1, "unknown protocol 'any': " ANY_WORD},
		{{"listen", "tpc"}, 1, "unknown protocol 'tpc': " ANY_WORD "; did you mean 'tcp'?"},
		{{"create", "etc/x"}, 1, "'etc/x' is no path and no protocol: " ANY_WORD},
		{{"create", "tcp", "1.2.3.4:5"},
		 2,
		 "unexpected '1.2.3.4:5': create has no address"},
		{{"bind", "tcp"}, 2, "no address: expected ADDRESS:PORT"},
		{{"bind", "icmp"}, 2, "no address: expected ADDRESS"},
		{{"bind", "tcp", "*:80"}, 2, "'*:80' is not one address: expected ADDRESS:PORT"},
		{{"bind", "tcp", "1.2.3.4"},
		 2,
		 "'1.2.3.4' is not one address: expected ADDRESS:PORT"},
		{{"bind", "raw", "1.2.3.4:5"},
		 2,
		 "'1.2.3.4:5' is not one address: expected ADDRESS"},
		{{"bind", "udp", "@private:5"},
		 2,
		 "'@private:5' is not one address: expected ADDRESS:PORT"},
		{{"bind", "packet", "eth0"}, 2, "unexpected 'eth0': packet has no addresses here"},
		{{"send", "other", "1.2.3.4"},
		 2,
		 "unexpected '1.2.3.4': other has no addresses here"},
		{{"send", "unix", "@x", "@y"}, 3, "unexpected '@y': expected one object"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_query_error error;
		struct bl_query query;
		size_t count = 0;

		while (count < 4 && cases[i].words[count])
			count++;
		assert_int_equal(bl_query_parse(cases[i].words, count, &query, &error), -EINVAL);
		assert_string_equal(error.message, cases[i].message);
		assert_int_equal(error.word, cases[i].word);
	}
}

static void test_facilities_invalid_refused(void **state)
{
	static const struct {
		const char *words[4];
		size_t word;
		const char *message;
	} cases[] = {
		{{"ptrace"}, 1, "nothing after 'ptrace': expected inside or outside"},
		{{"ptrace", "insde"},
		 1,
		 "unknown relation 'insde': expected inside or outside; did you mean 'inside'?"},
		{{"signal", "inside", "9"}, 2, "unexpected '9': expected one word"},
		{{"privilege"}, 1, "nothing after 'privilege': expected one word"},
		{{"privilege", "all"}, 1, "'all' is not one privilege"},
		{{"capability", "all"}, 1, "'all' is not one capability"},
		{{"privilege", "x"},
		 1,
		 "unknown privilege 'x': expected mount, userns, chroot, bpf, perf, module, keyring, io_uring, userfaultfd, kexec, rawio, settime, syslog, quota, swap or all"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_query_error error;
		struct bl_query query;
		size_t count = 0;

		while (count < 4 && cases[i].words[count])
			count++;
		assert_int_equal(bl_query_parse(cases[i].words, count, &query, &error), -EINVAL);
		assert_string_equal(error.message, cases[i].message);
		assert_int_equal(error.word, cases[i].word);
	}
}

static const char names_text[] = "[policy]\nname = t\n[select]\ncgroup = /t\n"
				 "[exec]\n"
				 "deny = /old/x\n"
				 "[file]\n"
				 "deny = read write /old/r\n"
				 "allow = read /new/by by /bin/a\n"
				 "deny = read /new/by\n"
				 "deny = create /new/no\n"
				 "deny = delete /old/no\n"
				 "deny = attr /old/attr /new/attr\n"
				 "[network]\n"
				 "deny = connect unix /old/sock\n"
				 "[privilege]\n"
				 "default = deny\n";

/* What is denied, or "allow"; with "gains" where the new name would give it. */
static const char *ask_names(const char *const *words, const char *mode_line)
{
	static char text[64];
	char policy[sizeof(names_text) + 64];
	const struct bl_policy *list[1];
	struct bl_policies policies = {0};
	struct bl_generation generation;
	struct bl_diags diags = {0};
	struct bl_query_error error;
	struct bl_query query;
	struct bl_answer answer;

	snprintf(policy, sizeof(policy), "%s[policy]\n%s\n", names_text, mode_line);
	assert_int_equal(bl_policy_parse(policy, strlen(policy), "t.ini", &diags, &policies), 0);
	list[0] = &policies.items[0];
	assert_int_equal(bl_profile_compile(list, 1, false, &diags, &generation), 0);
	assert_int_equal(bl_query_parse(words, 3, &query, &error), 0);
	answer = bl_query_answer(&query, &generation);
	snprintf(text, sizeof(text), "%s%s%s", answer.is_alias ? "gains " : "",
		 answer.is_would ? "would " : "",
		 answer.verdict == BL_VERDICT_ALLOW
			 ? "allow"
			 : bl_permission_name(answer.ask.section, answer.ask.permission));
	bl_generation_fini(&generation);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
	return text;
}

static void test_new_names_may_not_give_more(void **state)
{
	static const struct {
		const char *words[3];
		const char *answer;
	} cases[] = {
		{{"rename", "/a", "/b"}, "allow"},
		{{"link", "/a", "/b"}, "allow"},
		{{"rename", "/old/x", "/b"}, "gains execute"},
		{{"link", "/old/x", "/b"}, "gains execute"},
		{{"link", "/old/r", "/b"}, "gains read"},
		/* Read would be given to one subject, write to all. */
		{{"link", "/old/r", "/new/by"}, "gains read"},
		{{"link", "/old/r", "/old/r"}, "allow"},
		{{"link", "/new/by", "/b"}, "gains read"},
		{{"rename", "/a", "/new/by"}, "allow"},
		{{"rename", "/a", "/new/no"}, "create"},
		{{"link", "/a", "/new/no"}, "create"},
		{{"rename", "/old/no", "/b"}, "delete"},
		{{"link", "/old/no", "/b"}, "gains delete"},
		{{"link", "/old/attr", "/new/attr"}, "allow"},
		{{"link", "/old/sock", "/b"}, "gains connect"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_string_equal(ask_names(cases[i].words, ""), cases[i].answer);
	assert_string_equal(ask_names(cases[2].words, "mode = audit"), "gains would execute");
	assert_string_equal(ask_names(cases[6].words, "mode = audit"), "allow");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answer_depends_on_subject),
		cmocka_unit_test(test_parse_keys),
		cmocka_unit_test(test_network_access_invalid_refused),
		cmocka_unit_test(test_facilities_invalid_refused),
		cmocka_unit_test(test_new_names_may_not_give_more),
	};

	return cmocka_run_group_tests_name("query", tests, NULL, NULL);
}
