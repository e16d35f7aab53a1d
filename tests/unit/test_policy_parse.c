// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/policy.h"
#include "enforcer/policy_parse.h"
#include "enforcer/util.h"

/* Four lines; what a case adds begins in line 5. */
#define HEAD "[policy]\nname = t\n[select]\ncgroup = /t\n"

#define X10 "xxxxxxxxxx"
#define X50 X10 X10 X10 X10 X10

/* Diagnostics as "LINE:COLUMN: MESSAGE\n", each. */
static char *diags_text(const struct bl_diags *diags)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	for (size_t i = 0; i < diags->count; i++)
		fprintf(stream, "%u:%u: %s\n", diags->items[i].line, diags->items[i].column,
			diags->items[i].message);
	assert_int_equal(fclose(stream), 0);
	return text;
}

struct bad {
	const char *text;
	const char *diags;
};

static void assert_bytes_refused(const char *bytes, size_t len, const char *expected,
				 bool is_whole_language)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char *text;
	int r;

	r = is_whole_language
		    ? bl_policy_parse_whole_language(bytes, len, "t.ini", &diags, &policies)
		    : bl_policy_parse(bytes, len, "t.ini", &diags, &policies);
	text = diags_text(&diags);
	assert_string_equal(text, expected);
	assert_int_equal(r, -EINVAL);
	assert_int_equal(diags.errors, diags.count);

	free(text);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

static void assert_refused(const char *text, const char *expected, bool is_whole_language)
{
	assert_bytes_refused(text, strlen(text), expected, is_whole_language);
}

#define assert_all_refused(cases, is_whole_language)                                               \
	do {                                                                                       \
		for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)                                   \
			assert_refused((cases)[i].text, (cases)[i].diags, is_whole_language);      \
	} while (0)

static struct bl_policies parse_text(const char *text, bool is_whole_language)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char *messages;
	int r;

	r = is_whole_language
		    ? bl_policy_parse_whole_language(text, strlen(text), "t.ini", &diags, &policies)
		    : bl_policy_parse(text, strlen(text), "t.ini", &diags, &policies);
	messages = diags_text(&diags);
	assert_string_equal(messages, "");
	assert_int_equal(r, 0);
	free(messages);
	bl_diags_fini(&diags);
	return policies;
}

/* --- lines --- */

static void test_lines_malformed_refused(void **state)
{
	static const struct bad cases[] = {
		{HEAD "name\n", "5:1: expected 'key = value', a '[section]' or a comment\n"},
		{HEAD "  name\n", "5:3: expected 'key = value', a '[section]' or a comment\n"},
		{HEAD "name ; x = y\n",
		 "5:1: expected 'key = value', a '[section]' or a comment\n"},
		{HEAD "[exec]\nallow: /x\n", "6:6: expected '=' after the key, not ':'\n"},
		{HEAD "[exec]\n = /x\n", "6:2: expected a key before '='\n"},
		{"x = y\nz = y\n" HEAD,
		 "1:1: a key before any section: expected a '[section]' first\n"},
		{HEAD "[exec\nallow = x\n", "5:2: section header without ']': expected '[NAME]'\n"},
		{HEAD "[exec] x\nallow = x\n",
		 "5:8: text after a section header: only a comment may follow, a blank and ';'\n"},
		{HEAD "[exec];x\n",
		 "5:7: text after a section header: only a comment may follow, a blank and ';'\n"},
		{HEAD "[exce]\nallow = x\n",
		 "5:2: unknown section [exce]: expected policy, select, exec, file, network, process, privilege, capability, syscall or addresses; did you mean 'exec'?\n"},
		{HEAD "[]\n",
		 "5:2: unknown section []: expected policy, select, exec, file, network, process, privilege, capability, syscall or addresses\n"},
		{HEAD "[exec]\nallow = /a\x01z\n",
		 "6:11: control character 0x01: in a pattern, '?' matches it\n"},
		{HEAD "[exec]\nallow = /a\rz\n",
		 "6:11: control character 0x0d: in a pattern, '?' matches it\n"},
		{HEAD "; " X50 X50 X50 X10 X10 X10 X10 "123456\n",
		 "5:198: the line has 198 bytes: expected at most 197\n"},
	};

	assert_all_refused(cases, false);
}

static void test_lines_nul_refused(void **state)
{
	static const char item[] = HEAD "[exec]\nallow = /a\0b\n";
	static const char comment[] = HEAD "; \0\n";

	assert_bytes_refused(item, sizeof(item) - 1, "6:11: NUL byte: expected text\n", false);
	assert_bytes_refused(comment, sizeof(comment) - 1, "5:3: NUL byte: expected text\n", false);
}

static void test_lines_longest_accepted(void **state)
{
	struct bl_policies policies;

	policies = parse_text(HEAD "[exec]\nallow = /" X50 X50 X50 X10 X10 X10 "12345678\n", false);
	assert_int_equal(strlen(policies.items[0].rules[0].pattern), 189);
	bl_policies_fini(&policies);
}

static void test_lines_odd_but_valid_accepted(void **state)
{
	static const char *const texts[] = {
		("\xef\xbb\xbf" HEAD "[exec]\nallow = /x\n"),
		(HEAD "[exec]\r\nallow = /x\r\n"),
		(HEAD "[exec]\nallow = /x"),
		(HEAD "\t[exec]\t; c\n\t\tallow\t=\t/x\t; c\n"),
		(HEAD "# c\n;c\n\n  \n[exec] ; c\nallow=/x ;;\n"),
		(HEAD "[exec]\n  ; c\nallow = /x\n[policy]\ndescription = \xc3\xa9\n"),
		("[exec]\nallow = /x\n" HEAD),
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		struct bl_policies policies = parse_text(texts[i], false);

		assert_int_equal(policies.items[0].rules_count, 1);
		assert_string_equal(policies.items[0].rules[0].text, "allow = /x");
		assert_string_equal(policies.items[0].rules[0].pattern, "/x");
		bl_policies_fini(&policies);
	}
}

static void test_lines_position_counts_indentation(void **state)
{
	struct bl_policies policies = parse_text(HEAD "\n[exec]\n \t allow =  /x  /y\n", false);
	const struct bl_policy *policy = &policies.items[0];

	assert_int_equal(policy->rules_count, 2);
	assert_int_equal(policy->rules[0].source.line, 7);
	assert_int_equal(policy->rules[0].source.column, 13);
	assert_int_equal(policy->rules[1].source.column, 17);
	assert_string_equal(policy->rules[1].text, "allow = /x /y");
	bl_policies_fini(&policies);
}

static void test_lines_semicolon_and_blank_in_patterns(void **state)
{
	struct bl_policies policies =
		parse_text(HEAD "[exec]\nallow = /a;b /c\\ d /e\\ \\;f ; c\n", false);
	const struct bl_policy *policy = &policies.items[0];

	assert_int_equal(policy->rules_count, 3);
	assert_string_equal(policy->rules[0].pattern, "/a;b");
	assert_string_equal(policy->rules[1].pattern, "/c\\ d");
	assert_string_equal(policy->rules[2].pattern, "/e\\ \\;f");
	assert_string_equal(policy->rules[0].text, "allow = /a;b /c\\ d /e\\ \\;f");
	bl_policies_fini(&policies);
}

/* --- [policy] and [select] --- */

static void test_policy_invalid_refused(void **state)
{
	static const struct bad cases[] = {
		{"", "0:0: the policy has no name: expected 'name = NAME' in [policy]\n"
		     "0:0: the policy selects nothing: expected 'cgroup = PATTERN' in [select]\n"},
		{"[policy]\nname = t\n",
		 "0:0: the policy selects nothing: expected 'cgroup = PATTERN' in [select]\n"},
		{"[policy]\nname = t\n[select]\n",
		 "0:0: the policy selects nothing: expected 'cgroup = PATTERN' in [select]\n"},
		{"[select]\ncgroup = /t\n",
		 "0:0: the policy has no name: expected 'name = NAME' in [policy]\n"},
		{HEAD "[policy]\nname = u\n",
		 "6:1: 'name' is given twice in [policy]: first in line 2\n"},
		{HEAD "[policy]\nmode = off\nmode = off\n",
		 "7:1: 'mode' is given twice in [policy]: first in line 6\n"},
		{HEAD "[policy]\ndescription = a\ndescription = b\n",
		 "7:1: 'description' is given twice in [policy]: first in line 6\n"},
		{HEAD "[policy]\nmode = enforced\n",
		 "6:8: unknown value 'enforced' of 'mode': expected enforce, audit or off; did you mean 'enforce'?\n"},
		{HEAD "[policy]\nmode =\n",
		 "6:7: unknown value '' of 'mode': expected enforce, audit or off\n"},
		{HEAD "[policy]\nnames = u\n",
		 "6:1: unknown key 'names' in [policy]: expected name, description or mode; did you mean 'name'?\n"},
		{HEAD "[policy]\ndescription =\n",
		 "6:14: the description is empty: expected text\n"},
		{HEAD "[policy]\ndescription = a\xff\n",
		 "6:16: the description has byte 0xff, which is not UTF-8\n"},
		{"[policy]\nname = \xc3\n[select]\ncgroup = /t\n",
		 "2:8: the name has byte 0xc3, which is not UTF-8\n"},
		{"[policy]\nname =\n[select]\ncgroup = /t\n",
		 "2:7: the name is empty: expected text\n"},
		{"[policy]\nname = a b\n[select]\ncgroup = /t\n",
		 "2:10: unexpected 'b': expected a name without blanks\n"},
		{"[policy]\nname = " X50 "123456789012345\n[select]\ncgroup = /t\n",
		 "2:8: the name has 65 bytes: expected at most 64\n"},
		{HEAD "cgroup =\n", "5:9: no value of 'cgroup': expected a pattern\n"},
		{HEAD "cgroup = /a /b\n",
		 "5:13: unexpected '/b': expected one pattern; give the key again for another\n"},
		{HEAD "cgroup = a\n", "5:10: pattern 'a': a path starts with '/'\n"},
		{HEAD "label = x\n", "5:9: 'x' is no label: expected KEY=PATTERN\n"},
		{HEAD "label = x=[\n", "5:11: pattern '[': '[' is never closed\n"},
		{HEAD "container = [\n", "5:13: pattern '[': '[' is never closed\n"},
		{HEAD "unit = a/b.service\n",
		 "5:9: 'a/b.service' is no unit: expected a name such as 'nginx.service', without '/'\n"},
		{HEAD "unit = a**\n",
		 "5:9: 'a**' is no unit: expected a name such as 'nginx.service', without '**'\n"},
		{"[policy]\nname = t\n[select]\nhost = x\nhost = y\n",
		 "0:0: the policy selects nothing: 'host' says only where it holds; expected 'cgroup = PATTERN' in [select]\n"},
		{HEAD "cgruop = /a\n",
		 "5:1: unknown key 'cgruop' in [select]: expected container, image, label, pod, namespace, unit, host or cgroup; did you mean 'cgroup'?\n"},
	};

	assert_all_refused(cases, false);
}

static void test_policy_utf8_malformed_refused(void **state)
{
	static const char *const values[] = {
		"\x80",         "\xc0\x80",         "\xc1\xbf",         "\xe0\x9f\xbf",
		"\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xe2\x82",     "\xf0\x9f\x92",
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(values); i++) {
		char text[128], diags[128];

		snprintf(text, sizeof(text), HEAD "[policy]\ndescription = %s\n", values[i]);
		snprintf(diags, sizeof(diags),
			 "6:15: the description has byte 0x%02x, which is not UTF-8\n",
			 (unsigned char)values[i][0]);
		assert_refused(text, diags, false);
	}
}

static void test_policy_model_filled(void **state)
{
	struct bl_policies policies = parse_text(
		"[policy]\nname = \xc3\xa9t\xc3\xa9\ndescription = two words\nmode = audit\n"
		"[select]\ncgroup = /a*\n cgroup = /b/**\n",
		false);
	const struct bl_policy *policy = &policies.items[0];

	assert_string_equal(policy->file, "t.ini");
	assert_string_equal(policy->name, "\xc3\xa9t\xc3\xa9");
	assert_string_equal(policy->description, "two words");
	assert_int_equal(policy->mode, BL_MODE_AUDIT);
	assert_int_equal(policy->name_source.line, 2);
	assert_int_equal(policy->cgroups_count, 2);
	assert_string_equal(policy->cgroups[1], "/b/**");
	assert_int_equal(policy->cgroups_source[1].line, 7);
	assert_int_equal(policy->cgroups_source[1].column, 11);
	assert_false(policy->sections[BL_SECTION_EXEC].is_present);
	bl_policies_fini(&policies);
}

static void test_selectors_filled(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD "host = n*\nlabel = a=b=c\nunit = x.service\ncontainer = */y\n", false);
	const struct bl_policy *policy = &policies.items[0];

	assert_int_equal(policy->selectors_count, 4);
	assert_int_equal(policy->selectors[0].key, BL_SELECTOR_HOST);
	assert_string_equal(policy->selectors[0].pattern, "n*");
	assert_null(policy->selectors[0].label);
	assert_int_equal(policy->selectors[1].key, BL_SELECTOR_LABEL);
	assert_string_equal(policy->selectors[1].label, "a");
	assert_string_equal(policy->selectors[1].pattern, "b=c");
	assert_int_equal(policy->selectors[1].source.line, 6);
	assert_int_equal(policy->selectors[1].source.column, 11);
	assert_int_equal(policy->selectors[3].key, BL_SELECTOR_CONTAINER);
	bl_policies_fini(&policies);
}

static void test_policy_mode_unset_enforces(void **state)
{
	struct bl_policies policies = parse_text(HEAD, false);

	assert_int_equal(policies.items[0].mode, BL_MODE_ENFORCE);
	bl_policies_fini(&policies);
}

static void test_policy_name_twice_refused(void **state)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char *text;

	assert_int_equal(bl_policy_parse(HEAD, strlen(HEAD), "a.ini", &diags, &policies), 0);
	assert_int_equal(bl_policy_parse(HEAD, strlen(HEAD), "b.ini", &diags, &policies), -EINVAL);
	text = diags_text(&diags);
	assert_string_equal(text,
			    "2:8: a policy 't' is already in a.ini:2: expected another name\n");
	assert_string_equal(diags.items[0].file, "b.ini");
	free(text);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

/* --- rules --- */

static void test_exec_invalid_refused(void **state)
{
	static const struct bad cases[] = {
		{HEAD "[exec]\ndenny = /x\n",
		 "6:1: unknown key 'denny' in [exec]: expected allow, audit, deny, kill, default, drift, memory or anonymous; did you mean 'deny'?\n"},
		{HEAD "[exec]\ndeny =\n", "6:7: nothing to deny: expected path patterns\n"},
		{HEAD "[exec]\ndeny = x\n", "6:8: pattern 'x': a path starts with '/'\n"},
		{HEAD "[exec]\ndeny = /a x /b y\n", "6:11: pattern 'x': a path starts with '/'\n"
						    "6:16: pattern 'y': a path starts with '/'\n"},
		{HEAD "[exec]\ndeny = /x[a\n", "6:10: pattern '/x[a': '[' is never closed\n"},
		{HEAD "[exec]\ndeny = /x # why\n",
		 "6:11: '#' is no pattern: a comment in a line begins with a blank and ';'\n"
		 "6:13: pattern 'why': a path starts with '/'\n"},
		{HEAD "[exec]\ndeny =;why\n",
		 "6:7: ';why' is no pattern: a comment in a line begins with a blank and ';'\n"},
		{HEAD "[exec]\ndeny = /x by\n",
		 "6:11: nothing after 'by': expected a path pattern\n"},
		{HEAD "[exec]\ndeny = by /x\n", "6:8: nothing to deny: expected path patterns\n"},
		{HEAD "[exec]\ndeny = /x by /a /b\n",
		 "6:17: unexpected '/b': expected one pattern after 'by'\n"},
		{HEAD "[exec]\ndeny = /x by [\n", "6:14: pattern '[': a path starts with '/'\n"},
		{HEAD "[exec]\ndeny = log=off\n", "6:8: nothing to deny: expected path patterns\n"},
		{HEAD "[exec]\ndeny = /x log=on\n",
		 "6:11: unknown option 'log=on': expected log=off\n"},
		{HEAD "[exec]\ndeny = /x log=off /y\n",
		 "6:11: 'log=off' must be the last word of the rule\n"},
		{HEAD "[exec]\ndeny = /x log=off by /y\n",
		 "6:11: 'log=off' must be the last word of the rule\n"},
		{HEAD "[exec]\ndefault = audit\n",
		 "6:11: unknown value 'audit' of 'default': expected allow or deny\n"},
		{HEAD "[exec]\ndefault = deny log=off\n",
		 "6:11: unknown value 'deny log=off' of 'default': expected allow or deny\n"},
		{HEAD "[exec]\ndefault = deny\n[file]\n[exec]\ndefault = deny\n",
		 "9:1: 'default' is given twice in [exec]: first in line 6\n"},
		{HEAD "[exec]\ndrift = no\n",
		 "6:9: unknown value 'no' of 'drift': expected allow, audit, deny or kill\n"},
		{HEAD "[exec]\nmemory = deny\nmemory = deny\n",
		 "7:1: 'memory' is given twice in [exec]: first in line 6\n"},
		{HEAD "[exec]\nanonymous =\n",
		 "6:12: unknown value '' of 'anonymous': expected allow, audit, deny or kill\n"},
		{HEAD "[exec]\ndrift = log=off\n",
		 "6:9: unknown value '' of 'drift': expected allow, audit, deny or kill\n"},
		{HEAD "[exec]\ndrift = deny by /x\n",
		 "6:14: unexpected 'by': expected log=off or nothing\n"},
		{HEAD "[exec]\ndrift = log=off deny\n",
		 "6:9: 'log=off' must be the last word of the rule\n"},
	};

	assert_all_refused(cases, true);
}

static void test_file_invalid_refused(void **state)
{
	static const struct bad cases[] = {
		{HEAD "[file]\ndrift = deny\n",
		 "6:1: unknown key 'drift' in [file]: expected allow, audit, deny, kill or default\n"},
		{HEAD "[file]\ndeny =\n",
		 "6:7: nothing to deny: expected permissions and path patterns\n"},
		{HEAD "[file]\ndeny = /x\n",
		 "6:8: no permission in front of '/x': expected read, write and so on\n"},
		{HEAD "[file]\ndeny = raed /x\n",
		 "6:8: unknown permission 'raed': expected read, write, create, delete, attr, map, modify or all; did you mean 'read'?\n"},
		{HEAD "[file]\ndeny = read x\n",
		 "6:13: unknown permission 'x': expected read, write, create, delete, attr, map, modify or all\n"},
		{HEAD "[file]\ndeny = read\n",
		 "6:8: nothing after 'read': expected path patterns\n"},
		{HEAD "[file]\ndeny = read /x write\n",
		 "6:16: pattern 'write': a path starts with '/'\n"},
		{HEAD "[file]\ndeny = read {/a,/b}\n",
		 "6:13: pattern '{/a,/b}': a path starts with '/'\n"},
		{HEAD "[file]\ndeny = read by /x\n",
		 "6:8: nothing after 'read': expected path patterns\n"},
	};

	assert_all_refused(cases, true);
}

#define OPERATIONS "expected create, connect, bind, listen, accept, send or all"
#define PROTOCOLS                                                                                  \
	"expected tcp, udp, icmp, raw, packet, netlink, unix, vsock, sctp, alg, xdp, bluetooth, can, tipc, rds, kcm, qipcrtr, key, pppox, llc, nfc, phonet, ieee802154, other or any"
#define SETS "expected a key of [addresses], private, loopback, link-local or metadata"

static void test_network_invalid_refused(void **state)
{
	static const struct bad cases[] = {
		{HEAD "[network]\ndeny =\n",
		 "6:7: nothing to deny: expected an operation, a protocol and addresses\n"},
		{HEAD "[network]\nallwo = tcp *\n",
		 "6:1: unknown key 'allwo' in [network]: expected allow, audit, deny, kill or default; did you mean 'allow'?\n"},
		{HEAD "[network]\ndeny = connect tcp " X50 "\n",
		 "6:20: '" X50 "' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[network]\ndeny = connect tcp @a:80\n[addresses]\na = x\n",
		 "8:5: 'x' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[network]\ndeny = tcp *\n",
		 "6:8: unknown operation 'tcp': " OPERATIONS "\n"},
		{HEAD "[network]\ndeny = conect tcp *\n",
		 "6:8: unknown operation 'conect': " OPERATIONS "; did you mean 'connect'?\n"},
		{HEAD "[network]\ndeny = connect\n",
		 "6:8: no protocol after 'connect': " PROTOCOLS "\n"},
		{HEAD "[network]\ndeny = connect tpc *\n",
		 "6:16: unknown protocol 'tpc': " PROTOCOLS "; did you mean 'tcp'?\n"},
		{HEAD "[network]\ndeny = connect tcp\n",
		 "6:16: nothing after 'tcp': expected addresses, or '*'\n"},
		{HEAD "[network]\ndeny = create tcp *\n",
		 "6:19: unexpected '*': create has no address\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3 1.2.3.400\n",
		 "6:20: '1.2.3' is no address: expected IPv4 or IPv6\n"
		 "6:26: '1.2.3.400' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[network]\ndeny = connect tcp example.org:80\n",
		 "6:20: 'example.org' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4/33\n",
		 "6:27: '/33' is no prefix length: expected '/0' to '/32'\n"},
		{HEAD "[network]\ndeny = connect tcp [::/129]\n",
		 "6:23: '/129' is no prefix length: expected '/0' to '/128'\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4/\n",
		 "6:27: '/' is no prefix length: expected '/0' to '/32'\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4/-1\n",
		 "6:27: '/-1' is no prefix length: expected '/0' to '/32'\n"},
		{HEAD "[network]\ndeny = connect tcp 10.1.2.3/8\n",
		 "6:20: the address has bits set beyond its prefix: expected '10.0.0.0/8'\n"},
		{HEAD "[network]\ndeny = connect tcp [fd00::1/8]\n",
		 "6:20: the address has bits set beyond its prefix: expected 'fd00::/8'\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4:65536\n",
		 "6:28: '65536' is no port: expected 0 to 65535\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4:\n",
		 "6:28: '' is no port: expected 0 to 65535\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4:80-\n",
		 "6:31: '' is no port: expected 0 to 65535\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4:http\n",
		 "6:28: 'http' is no port: expected 0 to 65535\n"},
		{HEAD "[network]\ndeny = connect tcp 1.2.3.4:9-8\n",
		 "6:28: the ports '9-8' are upside down: expected '8-9'\n"},
		{HEAD "[network]\ndeny = connect tcp ::1\n",
		 "6:20: IPv6 without brackets: expected '[::1]'\n"},
		{HEAD "[network]\ndeny = connect tcp fd00::/8\n",
		 "6:20: IPv6 without brackets: expected '[fd00::/8]'\n"},
		{HEAD "[network]\ndeny = connect tcp [1.2.3.4]\n",
		 "6:20: IPv4 in brackets: only IPv6 is written so\n"},
		{HEAD "[network]\ndeny = connect tcp [::1\n", "6:20: '[::1' has no ']'\n"},
		{HEAD "[network]\ndeny = connect tcp [::1]x\n",
		 "6:20: '[::1]x' is no address: expected '[ADDRESS]'\n"},
		{HEAD "[network]\ndeny = connect tcp [::g]\n",
		 "6:21: '::g' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[network]\ndeny = connect tcp @nix:80\n",
		 "6:20: unknown set '@nix': " SETS "\n"},
		{HEAD "[network]\ndeny = connect tcp @pivate:80\n",
		 "6:20: unknown set '@pivate': " SETS "; did you mean 'private'?\n"},
		{HEAD "[network]\ndeny = connect icmp 1.2.3.4:5\n",
		 "6:21: '1.2.3.4:5': icmp has no ports\n"},
		{HEAD "[network]\ndeny = bind packet 1.2.3.4\n",
		 "6:20: packet has no addresses here: expected '*', not '1.2.3.4'\n"},
		{HEAD "[network]\ndeny = connect alg skcipher\n",
		 "6:20: alg has no addresses here: expected '*', not 'skcipher'\n"},
		{HEAD "[network]\ndeny = connect unix x\n",
		 "6:21: 'x' is no unix socket: expected a path pattern, '@' and a pattern, inside, outside, or '*'\n"},
		{HEAD "[network]\ndeny = connect unix @\n",
		 "6:21: '@' is no unix socket: expected a path pattern, '@' and a pattern, inside, outside, or '*'\n"},
		{HEAD "[network]\ndeny = connect tcp inside\n",
		 "6:20: 'inside' is about the peers of unix sockets: expected it after 'unix', not 'tcp'\n"},
		{HEAD "[network]\ndeny = connect any outside\n",
		 "6:20: 'outside' is about the peers of unix sockets: expected it after 'unix', not 'any'\n"},
		{HEAD "[network]\ndeny = connect bind unix outside\n",
		 "6:26: 'outside' is about the peer: only connect and send have one\n"},
		{HEAD "[network]\ndeny = all unix inside\n",
		 "6:17: 'inside' is about the peer: only connect and send have one\n"},
		{HEAD "[network]\ndeny = connect unix @a[\n",
		 "6:23: pattern 'a[': '[' is never closed\n"},
		{HEAD "[addresses]\na/b = 1.2.3.4\n",
		 "6:1: 'a/b' is no name of a set: expected letters, digits, '_' and '-'\n"},
		{HEAD "[addresses]\nprivate = 10.0.0.0/8\nlink-local = 1.2.3.4\nLoopback = ::1\n",
		 "6:1: the set '@private' is shipped with bailiff: choose another name\n"
		 "7:1: the set '@link-local' is shipped with bailiff: choose another name\n"},
		{HEAD "[addresses]\na = 1.2.3.4:80\n",
		 "6:5: '1.2.3.4:80' is no address: expected IPv4 or IPv6\n"},
		{HEAD "[addresses]\na =\n", "6:4: nothing in set 'a': expected addresses\n"},
	};

	assert_all_refused(cases, true);
}

static void test_word_sections_invalid_refused(void **state)
{
#define PRIVILEGES                                                                                 \
	"expected mount, userns, chroot, bpf, perf, module, keyring, io_uring, userfaultfd, kexec, rawio, settime, syslog, quota, swap or all"
	static const struct bad cases[] = {
		{HEAD "[process]\nptrace = outside\n",
		 "6:10: unknown value 'outside' of 'ptrace': expected allow, audit, deny, kill or inside\n"},
		{HEAD "[process]\nptrace = inside by /usr/bin/gdb\n",
		 "6:17: unexpected 'by': expected log=off or nothing\n"},
		{HEAD "[process]\nptrace =\n",
		 "6:9: unknown value '' of 'ptrace': expected allow, audit, deny, kill or inside\n"},
		{HEAD "[process]\ndefault = deny\n",
		 "6:1: unknown key 'default' in [process]: expected ptrace or signal\n"},
		{HEAD "[process]\ntrace = deny\n",
		 "6:1: unknown key 'trace' in [process]: expected ptrace or signal; did you mean 'ptrace'?\n"},
		{HEAD "[process]\nsignal = deny\nsignal = deny\n",
		 "7:1: 'signal' is given twice in [process]: first in line 6\n"},
		{HEAD "[privilege]\ndeny = " X50 "\n",
		 "6:8: unknown privilege '" X50 "': " PRIVILEGES "\n"},
		{HEAD "[privilege]\ndeny = mnt\n",
		 "6:8: unknown privilege 'mnt': " PRIVILEGES "\n"},
		{HEAD "[privilege]\ndeny = bpf  iouring by /x\n",
		 "6:13: unknown privilege 'iouring': " PRIVILEGES "; did you mean 'io_uring'?\n"},
		{HEAD "[privilege]\ndeny = BPF\n",
		 "6:8: unknown privilege 'BPF': " PRIVILEGES "\n"},
		{HEAD "[privilege]\ndeny = bpf by x\n",
		 "6:15: pattern 'x': a path starts with '/'\n"},
		{HEAD "[privilege]\ndeny =\n", "6:7: nothing to deny: expected privileges\n"},
		{HEAD "[privilege]\ndefault = audit\n",
		 "6:11: unknown value 'audit' of 'default': expected allow or deny\n"},
		{HEAD "[capability]\ndefault = deny\ndefault = deny\n",
		 "7:1: 'default' is given twice in [capability]: first in line 6\n"},
		{HEAD "[syscall]\naudited = open\n",
		 "6:1: unknown key 'audited' in [syscall]: expected allow, audit, deny, kill or default; did you mean 'audit'?\n"},
		{HEAD "[syscall]\ndefault = audit\n",
		 "6:11: unknown value 'audit' of 'default': expected allow or deny\n"},
		{HEAD "[syscall]\ndefault = deny\ndefault = deny\n",
		 "7:1: 'default' is given twice in [syscall]: first in line 6\n"},
		{HEAD "[syscall]\ndeny = open,close\n",
		 "6:8: 'open,close' is no name of a system call\n"},
		{HEAD "[syscall]\ndeny = open log=off\n",
		 "6:13: 'log=off' is no name of a system call\n"},
		{HEAD "[syscall]\ndeny =\n",
		 "6:7: nothing to deny: expected names of system calls\n"},
	};

	assert_all_refused(cases, true);
}

static void test_capability_unknown_names_all(void **state)
{
	static const char text[] = HEAD "[capability]\ndeny = sys_admin CAP_SYS_ADM\n";
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};

	assert_int_equal(
		bl_policy_parse_whole_language(text, strlen(text), "t.ini", &diags, &policies),
		-EINVAL);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].column, 18);
	assert_non_null(strstr(diags.items[0].message,
			       "unknown capability 'CAP_SYS_ADM': expected chown, "));
	assert_non_null(strstr(diags.items[0].message,
			       ", checkpoint_restore or all; did you mean 'sys_admin'?"));
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

static void test_rules_model_filled(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD
		"[exec]\ndefault = deny\nallow = /bin/sh by /usr/sbin/*\nkill = /tmp/** log=off\n"
		"[file]\ndeny = read modify  /etc/**  /usr/** by /x log=off\ndeny = all /y\n",
		true);
	const struct bl_policy *policy = &policies.items[0];
	const struct bl_rule *rules = policy->rules;

	assert_int_equal(policy->rules_count, 5);
	assert_int_equal(policy->sections[BL_SECTION_EXEC].fallback, BL_VERDICT_DENY);
	assert_string_equal(policy->sections[BL_SECTION_EXEC].text, "default = deny");
	assert_int_equal(policy->sections[BL_SECTION_EXEC].source.line, 6);
	assert_true(policy->sections[BL_SECTION_FILE].is_present);
	assert_int_equal(policy->sections[BL_SECTION_FILE].fallback, BL_VERDICT_ALLOW);
	assert_string_equal(policy->sections[BL_SECTION_FILE].text, "[file]");
	assert_int_equal(policy->sections[BL_SECTION_FILE].source.line, 9);
	assert_false(policy->sections[BL_SECTION_NETWORK].is_present);

	assert_int_equal(rules[0].verdict, BL_VERDICT_ALLOW);
	assert_int_equal(rules[0].permissions, 1u << BL_EXEC_EXECUTE);
	assert_string_equal(rules[0].by, "/usr/sbin/*");
	assert_true(rules[0].is_logged);
	assert_int_equal(rules[1].verdict, BL_VERDICT_KILL);
	assert_null(rules[1].by);
	assert_false(rules[1].is_logged);
	assert_int_equal(rules[2].section, BL_SECTION_FILE);
	assert_int_equal(rules[2].permissions, 1u << BL_FILE_READ | 1u << BL_FILE_WRITE |
						       1u << BL_FILE_CREATE | 1u << BL_FILE_DELETE |
						       1u << BL_FILE_ATTR);
	assert_string_equal(rules[3].text, "deny = read modify /etc/** /usr/** by /x log=off");
	assert_string_equal(rules[3].pattern, "/usr/**");
	assert_int_equal(rules[3].source.line, 10);
	assert_int_equal(rules[3].source.column, 30);
	assert_int_equal(rules[4].permissions, (1u << BL_FILE_COUNT) - 1);
	bl_policies_fini(&policies);
}

static void test_settings_model_filled(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD
		"[exec]\nmemory  =  kill   log=off\ndrift = audit\n[file]\n[exec]\nallow = /x\n",
		false);
	const struct bl_setting *settings = policies.items[0].settings;

	assert_true(settings[BL_SETTING_DRIFT].is_present);
	assert_true(settings[BL_SETTING_DRIFT].is_logged);
	assert_int_equal(settings[BL_SETTING_DRIFT].verdict, BL_VERDICT_AUDIT);
	assert_string_equal(settings[BL_SETTING_DRIFT].text, "drift = audit");
	assert_int_equal(settings[BL_SETTING_DRIFT].source.line, 7);
	assert_int_equal(settings[BL_SETTING_DRIFT].source.column, 9);
	assert_true(settings[BL_SETTING_MEMORY].is_present);
	assert_false(settings[BL_SETTING_MEMORY].is_logged);
	assert_int_equal(settings[BL_SETTING_MEMORY].verdict, BL_VERDICT_KILL);
	assert_string_equal(settings[BL_SETTING_MEMORY].text, "memory = kill log=off");
	assert_false(settings[BL_SETTING_ANONYMOUS].is_present);
	bl_policies_fini(&policies);
}

static void test_process_model_filled(void **state)
{
	struct bl_policies policies =
		parse_text(HEAD "[process]\nsignal  =  inside   log=off\nptrace = kill\n", false);
	const struct bl_policy *policy = &policies.items[0];
	const struct bl_rule *rules = policy->rules;

	assert_true(policy->sections[BL_SECTION_PROCESS].is_present);
	assert_int_equal(policy->sections[BL_SECTION_PROCESS].fallback, BL_VERDICT_ALLOW);
	assert_int_equal(policy->rules_count, 2);
	assert_int_equal(rules[0].section, BL_SECTION_PROCESS);
	assert_int_equal(rules[0].permissions, 1u << BL_USE);
	assert_int_equal(rules[0].verdict, BL_VERDICT_DENY);
	assert_int_equal(rules[0].access, BL_ACCESS_SIGNAL);
	assert_int_equal(rules[0].relations, 1u << BL_RELATION_OUTSIDE);
	assert_false(rules[0].is_logged);
	assert_string_equal(rules[0].text, "signal = inside log=off");
	assert_int_equal(rules[0].source.line, 6);
	assert_int_equal(rules[0].source.column, 12);
	assert_int_equal(rules[1].verdict, BL_VERDICT_KILL);
	assert_int_equal(rules[1].access, BL_ACCESS_PTRACE);
	assert_int_equal(rules[1].relations, 1u << BL_RELATION_INSIDE | 1u << BL_RELATION_OUTSIDE);
	assert_true(rules[1].is_logged);
	bl_policies_fini(&policies);
}

static void test_word_rules_model_filled(void **state)
{
	struct bl_policies policies =
		parse_text(HEAD "[privilege]\ndefault = deny\nallow = mount  swap by /x log=off\n"
				"[capability]\naudit = CAP_SYS_ADMIN cap_chown Bpf\nkill = all\n",
			   false);
	const struct bl_policy *policy = &policies.items[0];
	const struct bl_rule *rules = policy->rules;

	assert_int_equal(policy->sections[BL_SECTION_PRIVILEGE].fallback, BL_VERDICT_DENY);
	assert_string_equal(policy->sections[BL_SECTION_PRIVILEGE].text, "default = deny");
	assert_int_equal(policy->sections[BL_SECTION_CAPABILITY].fallback, BL_VERDICT_ALLOW);
	assert_int_equal(policy->rules_count, 6);
	assert_int_equal(rules[0].section, BL_SECTION_PRIVILEGE);
	assert_int_equal(rules[0].numbers, UINT64_C(1) << BL_PRIVILEGE_MOUNT);
	assert_int_equal(rules[1].numbers, UINT64_C(1) << BL_PRIVILEGE_SWAP);
	assert_int_equal(rules[1].source.column, 16);
	assert_string_equal(rules[1].by, "/x");
	assert_false(rules[1].is_logged);
	assert_string_equal(rules[1].text, "allow = mount swap by /x log=off");
	assert_int_equal(rules[2].section, BL_SECTION_CAPABILITY);
	assert_int_equal(rules[2].verdict, BL_VERDICT_AUDIT);
	assert_int_equal(rules[2].numbers, UINT64_C(1) << 21);
	assert_int_equal(rules[3].numbers, 1);
	assert_int_equal(rules[4].numbers, UINT64_C(1) << 39);
	assert_int_equal(rules[5].numbers, UINT64_MAX);
	bl_policies_fini(&policies);
}

static void test_section_in_pieces_merged(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD "[exec]\nallow = /a\n[file]\ndeny = read /x\n[exec]\ndeny = /b\n", false);
	const struct bl_policy *policy = &policies.items[0];

	assert_int_equal(policy->rules_count, 3);
	assert_int_equal(policy->sections[BL_SECTION_EXEC].source.line, 5);
	assert_string_equal(policy->rules[2].pattern, "/b");
	bl_policies_fini(&policies);
}

/* --- networks --- */

struct net_case {
	const char *object;
	uint16_t port_low;
	uint16_t port_high;
	uint8_t is_ipv6;
	uint8_t prefix_len;
	uint8_t address[16];
};

static void test_network_addresses_normalised(void **state)
{
	static const struct net_case cases[] = {
		{"10.0.0.0/8:5432", 5432, 5432, 0, 8, {10}},
		{"10.2.3.4", 0, 65535, 0, 32, {10, 2, 3, 4}},
		{"10.2.3.4:*", 0, 65535, 0, 32, {10, 2, 3, 4}},
		{"10.2.3.4:0-1023", 0, 1023, 0, 32, {10, 2, 3, 4}},
		{"0.0.0.0/0:80", 80, 80, 0, 0, {0}},
		{"0.0.0.0:80", 80, 80, 0, 32, {0}},
		{"[::]:80", 80, 80, 1, 128, {0}},
		{"[::/0]:80", 80, 80, 1, 0, {0}},
		{"[fd00::/8]:443", 443, 443, 1, 8, {0xfd}},
		{"[fd00::]/8:443", 443, 443, 1, 8, {0xfd}},
		{"[::ffff:1.2.3.4]:1-2", 1, 2, 0, 32, {1, 2, 3, 4}},
		{"[::ffff:1.2.0.0/112]", 0, 65535, 0, 16, {1, 2}},
		{"[::ffff:0:0/96]", 0, 65535, 0, 0, {0}},
		{"[::ffff:0.0.0.0]:9", 9, 9, 0, 32, {0}},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_policies policies;
		const struct bl_rule *rule;
		char text[256];

		snprintf(text, sizeof(text), HEAD "[network]\ndeny = connect tcp %s\n",
			 cases[i].object);
		policies = parse_text(text, false);
		rule = &policies.items[0].rules[0];
		assert_int_equal(rule->peer, BL_PEER_INET);
		assert_int_equal(rule->protocol, BL_NETWORK_TCP);
		assert_int_equal(rule->permissions,
				 1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND);
		assert_int_equal(rule->nets_count, 1);
		assert_int_equal(rule->port_low, cases[i].port_low);
		assert_int_equal(rule->port_high, cases[i].port_high);
		assert_int_equal(rule->nets[0].is_ipv6, cases[i].is_ipv6);
		assert_int_equal(rule->nets[0].prefix_len, cases[i].prefix_len);
		assert_memory_equal(rule->nets[0].address, cases[i].address, 16);
		bl_policies_fini(&policies);
	}
}

static void test_network_peers_told_apart(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD
		"[network]\ndeny = connect tcp * *:80\n"
		"deny = connect unix * /run/*.sock @x*\ndeny = create packet\ndeny = all udp\n",
		true);
	const struct bl_rule *rules = policies.items[0].rules;

	assert_int_equal(policies.items[0].rules_count, 7);
	assert_int_equal(rules[0].peer, BL_PEER_ANY);
	assert_int_equal(rules[1].peer, BL_PEER_INET);
	assert_int_equal(rules[1].nets_count, 0);
	assert_int_equal(rules[1].port_low, 80);
	assert_int_equal(rules[2].peer, BL_PEER_ANY);
	assert_int_equal(rules[3].peer, BL_PEER_PATH);
	assert_string_equal(rules[3].pattern, "/run/*.sock");
	assert_int_equal(rules[4].peer, BL_PEER_ABSTRACT);
	assert_string_equal(rules[4].pattern, "x*");
	assert_int_equal(rules[5].peer, BL_PEER_ANY);
	assert_int_equal(rules[6].permissions, (1u << BL_NETWORK_COUNT) - 1);
	bl_policies_fini(&policies);
}

static void test_network_set_defined_below_and_in_pieces(void **state)
{
	struct bl_policies policies = parse_text(
		HEAD "[network]\ndeny = connect tcp @m:80\n"
		     "[addresses]\nm = 169.254.169.254 fd00:ec2::254\nm = [fd01::/16] 0.0.0.0\n",
		false);
	const struct bl_rule *rule = &policies.items[0].rules[0];

	assert_int_equal(rule->nets_count, 4);
	assert_int_equal(rule->port_low, 80);
	assert_int_equal(rule->nets[0].address[0], 169);
	assert_true(rule->nets[1].is_ipv6);
	assert_int_equal(rule->nets[2].prefix_len, 16);
	assert_int_equal(rule->nets[3].address[0], 0);
	bl_policies_fini(&policies);
}

static void test_network_words_are_permissions(void **state)
{
	static const struct {
		const char *words;
		unsigned permissions;
	} cases[] = {
		{"create", 1u << BL_NETWORK_CREATE},
		{"connect", 1u << BL_NETWORK_CONNECT | 1u << BL_NETWORK_SEND},
		{"bind", 1u << BL_NETWORK_BIND},
		{"listen", 1u << BL_NETWORK_LISTEN},
		{"accept", 1u << BL_NETWORK_ACCEPT},
		{"send", 1u << BL_NETWORK_SEND},
		{"send bind", 1u << BL_NETWORK_SEND | 1u << BL_NETWORK_BIND},
		{"all", (1u << BL_NETWORK_COUNT) - 1},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_policies policies;
		char text[128];

		snprintf(text, sizeof(text), HEAD "[network]\ndeny = %s udp%s\n", cases[i].words,
			 i ? " *" : "");
		policies = parse_text(text, false);
		assert_int_equal(policies.items[0].rules[0].permissions, cases[i].permissions);
		bl_policies_fini(&policies);
	}
}

/* --- what has no effect --- */

static void test_unenforced_refused_by_name(void **state)
{
	static const struct bad cases[] = {
		{HEAD "[syscall]\n",
		 "5:2: section [syscall] has effect in 'bailiff run' only: leave it out, or check it with 'bailiff check --run'\n"},
	};

	assert_all_refused(cases, false);
}

static void test_design_example_is_valid_language(void **state)
{
	struct bl_policies policies = parse_text(
		"[policy]\nname        = web\nmode        = enforce            ; enforce | audit | off\n"
		"[select]                         ; different keys: all must match\n"
		"container   = web-*\nimage       = */nginx:*\nlabel       = tier=front*        ; glob\n"
		"cgroup      = /system.slice/nginx.service\n[exec]\ndefault = deny\n"
		"allow   = /bin/sh by /usr/sbin/nginx\nkill    = /tmp/**\ndrift   = deny\nmemory  = deny\n"
		"[file]\ndefault = allow\ndeny    = modify /etc/** /usr/**\n"
		"deny    = all    /etc/shadow /root/.ssh/**\ndeny    = map    /tmp/** /dev/shm/**\n"
		"[network]\ndefault = deny\nallow   = connect tcp 10.0.0.0/8:5432\n"
		"allow   = bind    tcp *:8080\nallow   = connect unix /run/app/*.sock\ndeny    = create  packet\n"
		"[process]\nptrace  = inside                 ; inside (the same container) | allow | deny\n"
		"[privilege]\ndeny    = mount userns bpf module perf chroot io_uring\n"
		"[capability]\ndefault = allow\ndeny    = sys_admin sys_module\n[syscall]\ndeny = add_key\n",
		true);

	assert_int_equal(policies.items[0].rules_count, 22);
	bl_policies_fini(&policies);
}

/* --- for run --- */

static struct bl_policies parse_for_run(const char *text)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};

	assert_int_equal(bl_policy_parse_for_run(text, strlen(text), "t.ini", &diags, &policies),
			 0);
	assert_int_equal(diags.count, 0);
	bl_diags_fini(&diags);
	return policies;
}

static void test_run_needs_no_selection_and_ignores_any(void **state)
{
	struct bl_policies policies = parse_for_run("[policy]\nname = x\n");

	assert_int_equal(policies.items[0].cgroups_count, 0);
	assert_false(policies.items[0].syscalls.is_present);
	bl_policies_fini(&policies);

	policies = parse_for_run(
		HEAD "container = x\ncgroup = /b\nlabel = a=b\nhost = other\n[file]\ndeny = read /x\n");
	assert_int_equal(policies.items[0].selectors_count, 3);
	policies.items[0].is_elsewhere = true;
	assert_int_equal(bl_policy_select(&policies.items[0], "/a*b/c\\d{e,f}[g]?"), 0);
	assert_int_equal(policies.items[0].selectors_count, 0);
	assert_false(policies.items[0].is_elsewhere);
	assert_int_equal(policies.items[0].cgroups_count, 1);
	assert_string_equal(policies.items[0].cgroups[0], "/a\\*b/c\\\\d\\{e\\,f\\}\\[g\\]\\?");
	bl_policies_fini(&policies);
}

static void test_syscalls_stand_in_file_order(void **state)
{
	static const struct {
		const char *name;
		enum bl_verdict verdict;
		struct bl_source source;
	} rules[] = {
		{"open", BL_VERDICT_DENY, {4, 8}},   {"openat2", BL_VERDICT_DENY, {4, 13}},
		{"ptrace", BL_VERDICT_KILL, {5, 8}}, {"chroot", BL_VERDICT_AUDIT, {6, 9}},
		{"open", BL_VERDICT_ALLOW, {7, 9}},
	};
	struct bl_policies policies = parse_for_run(
		"[policy]\nname = x\n[syscall]\ndeny = open openat2\nkill = ptrace\naudit = chroot\n"
		"allow = open\ndefault = deny\n");
	const struct bl_syscalls *syscalls = &policies.items[0].syscalls;

	assert_true(syscalls->is_present);
	assert_int_equal(syscalls->fallback, BL_VERDICT_DENY);
	assert_int_equal(syscalls->rules_count, BL_ARRAY_LEN(rules));
	for (size_t i = 0; i < BL_ARRAY_LEN(rules); i++) {
		assert_string_equal(syscalls->rules[i].name, rules[i].name);
		assert_int_equal(syscalls->rules[i].verdict, rules[i].verdict);
		assert_int_equal(syscalls->rules[i].source.line, rules[i].source.line);
		assert_int_equal(syscalls->rules[i].source.column, rules[i].source.column);
	}
	bl_policies_fini(&policies);
}

static void test_moved_policies_stand_behind_and_can_be_added_to(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_policies to = {0};
	char text[64];

	for (int i = 0; i < 5; i++) {
		struct bl_policies from;

		snprintf(text, sizeof(text), "[policy]\nname = p%d\n", i);
		from = parse_for_run(text);
		assert_int_equal(bl_policies_move(&from, &to), 0);
		assert_int_equal(from.count, 0);
		assert_null(from.items);
	}
	/* The parser reserves room by the count. */
	assert_int_equal(bl_policy_parse_for_run("[policy]\nname = p5\n", 19, "t.ini", &diags, &to),
			 0);
	assert_int_equal(to.count, 6);
	for (int i = 0; i < 6; i++) {
		snprintf(text, sizeof(text), "p%d", i);
		assert_string_equal(to.items[i].name, text);
	}
	bl_policies_fini(&to);
}

/* --- files --- */

static void write_file(const char *directory, const char *name, const char *text)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", directory, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

static void remove_tree(const char *directory)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -r '%s'", directory);
	assert_int_equal(system(command), 0);
}

#define NAMED(name) "[policy]\nname = " name "\n[select]\ncgroup = /t\n"

static void test_load_directory_in_byte_order(void **state)
{
	char directory[] = "/tmp/bailiff-test-XXXXXX";
	const char *paths[] = {directory};
	struct bl_policies policies;
	struct bl_diags diags = {0};

	assert_non_null(mkdtemp(directory));
	write_file(directory, "b.ini", NAMED("b"));
	write_file(directory, "Z.ini", NAMED("z"));
	write_file(directory, "10-a.ini", NAMED("a"));
	write_file(directory, "a.test.ini", "not a policy");
	write_file(directory, ".#b.ini", "not a policy");
	write_file(directory, "b.ini~", "not a policy");

	assert_int_equal(bl_policies_load(paths, 1, &diags, &policies), 0);
	assert_int_equal(policies.count, 3);
	assert_string_equal(policies.items[0].name, "a");
	assert_string_equal(policies.items[1].name, "z");
	assert_string_equal(policies.items[2].name, "b");
	bl_policies_fini(&policies);
	remove_tree(directory);
}

static void test_load_one_bad_file_refuses_all(void **state)
{
	char directory[] = "/tmp/bailiff-test-XXXXXX";
	const char *paths[] = {directory};
	struct bl_policies policies = {.count = 77};
	struct bl_diags diags = {0};

	assert_non_null(mkdtemp(directory));
	write_file(directory, "1.ini", NAMED("a") "[exec]\ndeny = x\n");
	write_file(directory, "2.ini", NAMED("b"));
	write_file(directory, "3.ini", NAMED("b"));

	assert_int_equal(bl_policies_load(paths, 1, &diags, &policies), -EINVAL);
	assert_int_equal(policies.count, 77);
	assert_int_equal(diags.count, 2);
	assert_int_equal(diags.items[0].line, 6);
	assert_non_null(strstr(diags.items[1].message, "a policy 'b' is already in"));
	assert_non_null(strstr(diags.items[1].file, "/3.ini"));
	bl_diags_fini(&diags);
	remove_tree(directory);
}

static void test_load_unreadable_named(void **state)
{
	char directory[] = "/tmp/bailiff-test-XXXXXX";
	char sub[64];
	const char *paths[] = {"/nonexistent/p.ini", "/dev/null", directory};
	struct bl_policies policies;
	struct bl_diags diags = {0};
	char *text;

	assert_non_null(mkdtemp(directory));
	snprintf(sub, sizeof(sub), "%s/d.ini", directory);
	assert_int_equal(mkdir(sub, 0700), 0);

	assert_int_equal(bl_policies_load(paths, 3, &diags, &policies), -ENOENT);
	text = diags_text(&diags);
	assert_string_equal(text, "0:0: cannot read it: No such file or directory\n"
				  "0:0: cannot read it: neither a file nor a directory\n"
				  "0:0: cannot read it: neither a file nor a directory\n");
	assert_string_equal(diags.items[0].file, "/nonexistent/p.ini");
	assert_string_equal(diags.items[2].file, sub);
	free(text);
	bl_diags_fini(&diags);
	remove_tree(directory);
}

static void test_load_empty_directory_warned(void **state)
{
	char directory[] = "/tmp/bailiff-test-XXXXXX";
	const char *paths[] = {directory};
	struct bl_policies policies;
	struct bl_diags diags = {0};

	assert_non_null(mkdtemp(directory));
	assert_int_equal(bl_policies_load(paths, 1, &diags, &policies), 0);
	assert_int_equal(policies.count, 0);
	assert_int_equal(diags.errors, 0);
	assert_string_equal(diags.items[0].message, "no policy in this directory: expected *.ini");
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
	remove_tree(directory);
}

static void test_load_too_large_refused(void **state)
{
	char directory[] = "/tmp/bailiff-test-XXXXXX";
	const char *paths[] = {directory};
	struct bl_policies policies;
	struct bl_diags diags = {0};
	char path[64];

	assert_non_null(mkdtemp(directory));
	write_file(directory, "a.ini", NAMED("a"));
	snprintf(path, sizeof(path), "%s/a.ini", directory);
	assert_int_equal(truncate(path, BL_POLICY_BYTES_MAX + 1), 0);

	assert_int_equal(bl_policies_load(paths, 1, &diags, &policies), -EFBIG);
	assert_string_equal(diags.items[0].message, "cannot read it: larger than 4 MiB");
	bl_diags_fini(&diags);
	remove_tree(directory);
}

static void test_parse_ten_thousand_rules(void **state)
{
	struct bl_policies policies;
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	fputs(HEAD "[exec]\n", stream);
	for (int i = 0; i < 10000; i++)
		fprintf(stream, "deny = /srv/%d/**\n", i);
	assert_int_equal(fclose(stream), 0);

	policies = parse_text(text, false);
	assert_int_equal(policies.items[0].rules_count, 10000);
	assert_int_equal(policies.items[0].rules[9999].source.line, 10005);
	bl_policies_fini(&policies);
	free(text);
}

static void test_diag_controls_replaced(void **state)
{
	struct bl_diags diags = {0};

	bl_diags_add(&diags, BL_SEVERITY_WARNING, "f", 1, 1, "a\x1b[31m\nb\x7f");
	assert_string_equal(diags.items[0].message, "a?[31m?b?");
	assert_int_equal(diags.errors, 0);
	bl_diags_fini(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_malformed_refused),
		cmocka_unit_test(test_lines_nul_refused),
		cmocka_unit_test(test_lines_longest_accepted),
		cmocka_unit_test(test_lines_odd_but_valid_accepted),
		cmocka_unit_test(test_lines_position_counts_indentation),
		cmocka_unit_test(test_lines_semicolon_and_blank_in_patterns),
		cmocka_unit_test(test_policy_invalid_refused),
		cmocka_unit_test(test_policy_utf8_malformed_refused),
		cmocka_unit_test(test_policy_model_filled),
		cmocka_unit_test(test_selectors_filled),
		cmocka_unit_test(test_policy_mode_unset_enforces),
		cmocka_unit_test(test_policy_name_twice_refused),
		cmocka_unit_test(test_exec_invalid_refused),
		cmocka_unit_test(test_file_invalid_refused),
		cmocka_unit_test(test_network_invalid_refused),
		cmocka_unit_test(test_word_sections_invalid_refused),
		cmocka_unit_test(test_capability_unknown_names_all),
		cmocka_unit_test(test_rules_model_filled),
		cmocka_unit_test(test_settings_model_filled),
		cmocka_unit_test(test_process_model_filled),
		cmocka_unit_test(test_word_rules_model_filled),
		cmocka_unit_test(test_section_in_pieces_merged),
		cmocka_unit_test(test_network_addresses_normalised),
		cmocka_unit_test(test_network_peers_told_apart),
		cmocka_unit_test(test_network_set_defined_below_and_in_pieces),
		cmocka_unit_test(test_network_words_are_permissions),
		cmocka_unit_test(test_run_needs_no_selection_and_ignores_any),
		cmocka_unit_test(test_syscalls_stand_in_file_order),
		cmocka_unit_test(test_moved_policies_stand_behind_and_can_be_added_to),
		cmocka_unit_test(test_unenforced_refused_by_name),
		cmocka_unit_test(test_design_example_is_valid_language),
		cmocka_unit_test(test_load_directory_in_byte_order),
		cmocka_unit_test(test_load_one_bad_file_refuses_all),
		cmocka_unit_test(test_load_unreadable_named),
		cmocka_unit_test(test_load_empty_directory_warned),
		cmocka_unit_test(test_load_too_large_refused),
		cmocka_unit_test(test_parse_ten_thousand_rules),
		cmocka_unit_test(test_diag_controls_replaced),
	};

	return cmocka_run_group_tests_name("policy_parse", tests, NULL, NULL);
}
