// SPDX-License-Identifier: GPL-2.0-or-later
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/policy.h"
#include "enforcer/policy_parse.h"
#include "enforcer/util.h"

/* Four lines; what a case adds begins in line 5. */
#define HEAD "[policy]\nname = t\n[select]\ncgroup = /t\n"

struct lint {
	const char *text;
	const char *warnings; /* as "LINE:COLUMN: MESSAGE\n", each */
};

static void assert_warnings(const char *text, const char *expected)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char *printed = NULL;
	size_t size;
	FILE *stream = open_memstream(&printed, &size);

	assert_int_equal(
		bl_policy_parse_whole_language(text, strlen(text), "t.ini", &diags, &policies), 0);
	bl_policies_check(&policies, &diags);
	assert_int_equal(diags.errors, 0);
	for (size_t i = 0; i < diags.count; i++)
		fprintf(stream, "%u:%u: %s\n", diags.items[i].line, diags.items[i].column,
			diags.items[i].message);
	assert_int_equal(fclose(stream), 0);
	assert_string_equal(printed, expected);

	free(printed);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

#define assert_all_warned(cases)                                                                   \
	do {                                                                                       \
		for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)                                   \
			assert_warnings((cases)[i].text, (cases)[i].warnings);                     \
	} while (0)

#define NEVER(pattern)                                                                             \
	"pattern '" pattern                                                                        \
	"' can never match: a path has no '//', '/./' or '/../' and does not end in '/'\n"

static void test_pattern_unmatchable_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /a//b\n", "6:8: " NEVER("/a//b")},
		{HEAD "[exec]\ndeny = /a/./b\n", "6:8: " NEVER("/a/./b")},
		{HEAD "[exec]\ndeny = /a/../b\n", "6:8: " NEVER("/a/../b")},
		{HEAD "[exec]\ndeny = /a/..\n", "6:8: " NEVER("/a/..")},
		{HEAD "[exec]\ndeny = /a/.\n", "6:8: " NEVER("/a/.")},
		{HEAD "[file]\ndeny = read /x /a/\n", "6:16: " NEVER("/a/")},
		{HEAD "[exec]\ndeny = /a/{/b,./c}\n", "6:8: " NEVER("/a/{/b,./c}")},
		{HEAD "[network]\ndeny = connect unix /a//b\n", "6:21: " NEVER("/a//b")},
		{HEAD "[exec]\ndeny = /x by /a//b\n",
		 "6:8: pattern '/a//b' behind 'by' can never match a path\n"},
		{HEAD "cgroup = /x/\n[exec]\ndeny = /x\n", "5:10: " NEVER("/x/")},
	};

	assert_all_warned(cases);
}

static void test_pattern_matchable_not_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[file]\ndeny = read /\n", ""},
		{HEAD "[file]\ndeny = read /**\n", ""},
		{HEAD "[file]\ndeny = read /a/.../b /a/.x /a/..x\n", ""},
		{HEAD "[file]\ndeny = read /a/{,b}/c /a/{/x,y}\n", ""},
		{HEAD "[file]\ndeny = read /a/**/ /**/b\n", "6:13: " NEVER("/a/**/")},
		{HEAD "[network]\ndeny = connect unix @a//b @/\n", ""},
	};

	assert_all_warned(cases);
}

#define SHADOW "this rule never decides: rules above match first"

static void test_rule_shadowed_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /a\ndeny = /a\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /a'\n"},
		{HEAD "[exec]\ndeny = /tmp/**\nallow = /tmp/[ab]/?\n",
		 "7:9: this allow changes nothing: the default of [exec] is allow and no rule below restricts\n"
		 "7:9: " SHADOW "; '/tmp/a/x' is decided by line 6, 'deny = /tmp/**'\n"},
		{HEAD "[exec]\ndeny = /a /b /a\n",
		 "6:14: " SHADOW "; '/a' is decided by line 6, 'deny = /a /b /a'\n"},
		{HEAD "[exec]\ndeny = /[ab] /[cd]\ndeny = /[abcd]\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /[ab] /[cd]'\n"},
		{HEAD "[file]\ndeny = read /a\ndeny = write /a\ndeny = read write /a\n",
		 "8:19: " SHADOW "; '/a' is decided by line 6, 'deny = read /a'\n"},
		{HEAD "[exec]\ndeny = /a\ndeny = /a by /x\n",
		 "7:8: " SHADOW "; '/a' is decided by line 6, 'deny = /a'\n"},
		{HEAD
		 "[network]\ndeny = connect tcp 10.0.0.0/8\ndeny = connect tcp 10.1.0.0/16:80\n",
		 "7:20: " SHADOW ", such as line 6, 'deny = connect tcp 10.0.0.0/8'\n"},
		{HEAD "[network]\ndeny = all udp *\ndeny = send udp @private\n",
		 "7:17: " SHADOW ", such as line 6, 'deny = all udp *'\n"},
		{HEAD "[network]\ndeny = all any *\ndeny = bind raw 0.0.0.0\ndeny = create alg\n",
		 "7:17: " SHADOW ", such as line 6, 'deny = all any *'\n"
		 "8:15: " SHADOW ", such as line 6, 'deny = all any *'\n"},
		{HEAD "[network]\ndeny = connect any *:80\ndeny = send sctp *:80 *:81\n",
		 "7:18: " SHADOW ", such as line 6, 'deny = connect any *:80'\n"},
		/* What it would imply does not make it decide. */
		{HEAD "[network]\ndefault = deny\ndeny = bind tcp *\nallow = bind tcp *:80\n",
		 "8:18: " SHADOW ", such as line 7, 'deny = bind tcp *'\n"},
		/* Nobody asks that of an address. */
		{HEAD "[network]\ndeny = connect tcp *\ndeny = create connect tcp 10.0.0.0/8\n",
		 "7:27: " SHADOW ", such as line 6, 'deny = connect tcp *'\n"},
		{HEAD "[network]\ndeny = bind tcp 127.0.0.1\ndeny = bind tcp 0.0.0.0\n", ""},
		{HEAD "[network]\ndeny = connect tcp 127.0.0.1\ndeny = connect tcp 0.0.0.0\n",
		 "7:20: " SHADOW ", such as line 6, 'deny = connect tcp 127.0.0.1'\n"},
		{HEAD "[network]\ndeny = create alg\ndeny = create other\n", ""},
		{HEAD "[network]\ndeny = create other\ndeny = create alg\n",
		 "7:15: " SHADOW ", such as line 6, 'deny = create other'\n"},
		{HEAD "[network]\ndeny = connect tcp *\ndeny = connect tcp [fd00::/8]\n",
		 "7:20: " SHADOW ", such as line 6, 'deny = connect tcp *'\n"},
		{HEAD "[network]\ndeny = connect unix @a*\ndeny = connect unix @ab\n",
		 "7:21: " SHADOW "; '@ab' is decided by line 6, 'deny = connect unix @a*'\n"},
		{HEAD "[privilege]\ndeny = mount\nkill = mount swap mount\n",
		 "7:8: " SHADOW ", such as line 6, 'deny = mount'\n"
		 "7:19: " SHADOW ", such as line 6, 'deny = mount'\n"},
		{HEAD "[capability]\ndeny = all\nallow = chown\n",
		 "7:9: this allow changes nothing: the default of [capability] is allow and no rule below restricts\n"
		 "7:9: " SHADOW ", such as line 6, 'deny = all'\n"},
		{"[policy]\nname = t\nmode = off\n[select]\ncgroup = /t\n[exec]\ndeny = /a\ndeny = /a\n",
		 "8:8: " SHADOW "; '/a' is decided by line 7, 'deny = /a'\n"},
	};

	assert_all_warned(cases);
}

static void test_rule_partly_covered_not_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /tmp/*\nallow = /tmp/**\ndeny = /t*/**\n", ""},
		{HEAD "[exec]\ndeny = /a by /x\ndeny = /a\n", ""},
		{HEAD "[file]\ndeny = read /a\ndeny = read write /a\n", ""},
		{HEAD "[network]\ndeny = connect tcp 10.1.0.0/16\ndeny = connect tcp 10.0.0.0/8\n",
		 ""},
		{HEAD
		 "[network]\ndeny = connect tcp 10.0.0.0/8:80\ndeny = connect tcp 10.0.0.0/8:79-80\n",
		 ""},
		{HEAD "[exec]\ndeny = /a\n[file]\ndeny = read /a\n", ""},
		{HEAD "[privilege]\ndeny = mount by /x\ndeny = mount\ndeny = all\n", ""},
		{HEAD "[privilege]\ndeny = syslog bpf\n[capability]\ndeny = syslog bpf\n", ""},
		{HEAD "[process]\nptrace = deny\nsignal = inside\n", ""},
	};

	assert_all_warned(cases);
}

static void test_allow_idle_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[file]\nallow = read /a\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\ndeny = write /**\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\n[exec]\ndeny = /x\n",
		 "6:14: this allow changes nothing: the default of [file] is allow and no rule below restricts\n"},
		{HEAD "[file]\nallow = read /a\naudit = read /**\n", ""},
		{HEAD "[file]\nallow = read /a\ndeny = read write /**\n", ""},
		{HEAD "[file]\ndefault = deny\nallow = read map /a\n", ""},
		{HEAD "[privilege]\nallow = mount\n",
		 "6:9: this allow changes nothing: the default of [privilege] is allow and no rule below restricts\n"},
		{HEAD "[capability]\ndefault = deny\nallow = chown\n", ""},
		{HEAD "[process]\nptrace = allow\n", ""},
	};

	assert_all_warned(cases);
}

static void test_log_off_without_effect_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\naudit = /a log=off\n",
		 "6:9: audit with log=off records nothing: it is an allow\n"},
		{HEAD "[exec]\nallow = /a log=off\ndeny = /**\n",
		 "6:9: log=off has no effect here: an allow is never recorded\n"},
		{HEAD "[exec]\ndeny = /a log=off\n", ""},
		{HEAD "[process]\nptrace = allow log=off\nsignal = inside log=off\n",
		 "6:10: log=off has no effect here: an allow is never recorded\n"},
	};

	assert_all_warned(cases);
}

static void test_policy_pointless_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD, "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[exec]\ndefault = allow\n",
		 "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[exec]\ndefault = deny\n",
		 "6:11: nothing can be executed: [exec] denies by default and allows nothing\n"},
		{HEAD "[exec]\ndefault = deny\naudit = /**\n", ""},
		{HEAD "[process]\n[privilege]\n[capability]\n",
		 "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[capability]\ndefault = deny\n", ""},
		{HEAD "[file]\ndefault = deny\nallow = read /**\ndeny = map /tmp/*\n",
		 "6:11: no program can run: [file] denies by default and allows to 'map' nothing\n"},
		{HEAD "[file]\ndefault = deny\naudit = map /**\n", ""},
		{HEAD "cgroup = /\n[exec]\ndeny = /a\n",
		 "5:10: '/' selects every cgroup: the system's own services and bailiff's too\n"},
		{HEAD "cgroup = /**\n[exec]\ndeny = /a\n",
		 "5:10: '/**' selects every cgroup: the system's own services and bailiff's too\n"},
	};

	assert_all_warned(cases);
}

#define READS                                                                                      \
	"an interpreter that is given the script as an argument only reads it; deny reading it too: "

static void test_script_denied_but_readable_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndeny = /srv/x.sh\n",
		 "6:8: " READS "'deny = read /srv/x.sh' in [file]\n"},
		{HEAD "[exec]\nkill = /srv/**/*.py /srv/a\n",
		 "6:8: " READS "'deny = read /srv/**/*.py' in [file]\n"},
		{HEAD "[exec]\ndeny = /a.bash\n[file]\ndeny = write /a.bash\n",
		 "6:8: " READS "'deny = read /a.bash' in [file]\n"},
		{HEAD "[exec]\ndeny = /a.pl\n[file]\ndeny = read /a.pl by /x\n",
		 "6:8: " READS "'deny = read /a.pl' in [file]\n"},
		{HEAD "[exec]\ndeny = /a.rb\n[file]\nallow = read /a*\ndeny = read /**\n",
		 "6:8: " READS "'deny = read /a.rb' in [file]\n"},
		{HEAD "[exec]\ndeny = /srv/*.php\n[file]\ndeny = read write /srv/**\n", ""},
		{HEAD "[exec]\ndeny = /a.js\n[file]\ndefault = deny\nallow = map write /a.js\n",
		 ""},
		{HEAD "[exec]\ndeny = /tmp/** /a.shx /sh\n", ""},
		{HEAD "[exec]\naudit = /a.lua\n", ""},
	};

	assert_all_warned(cases);
}

#define ANY_SCRIPT                                                                                 \
	"runs any script that it may read or is handed; add 'by', or 'default = deny' in [file]\n"

static void test_interpreter_for_everybody_warned(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndefault = deny\nallow = /bin/sh\n",
		 "7:9: whoever may run '/bin/sh' " ANY_SCRIPT},
		{HEAD "[exec]\ndefault = deny\naudit = /usr/bin/python3.11 /usr/bin/python*\n",
		 "7:9: whoever may run '/usr/bin/python3.11' " ANY_SCRIPT
		 "7:29: whoever may run '/usr/bin/python*' " ANY_SCRIPT},
		{HEAD "[exec]\ndefault = deny\nallow = /**/busybox\n",
		 "7:9: whoever may run '/**/busybox' " ANY_SCRIPT},
		{HEAD "[exec]\ndefault = deny\nallow = /bin/sh by /usr/sbin/nginx\n", ""},
		{HEAD
		 "[exec]\ndefault = deny\nallow = /bin/sh\n[file]\ndefault = deny\nallow = map /bin/*\n",
		 ""},
		{HEAD "[exec]\ndefault = deny\nallow = /bin/shred /sh/x /usr/bin/python3-config\n",
		 ""},
		{HEAD "[exec]\nallow = /bin/sh\ndeny = /**\n", ""},
	};

	assert_all_warned(cases);
}

static void test_settings_count_as_restricting(void **state)
{
	static const struct lint cases[] = {
		{HEAD "[exec]\ndrift = deny\n", ""},
		{HEAD "[exec]\ndrift = deny\nallow = /opt/**\n", ""},
		{HEAD "[exec]\nmemory = allow\n", ""},
		{HEAD "[exec]\nanonymous = allow\n", ""},
		{HEAD "[exec]\ndrift = allow\n",
		 "2:8: policy 't' has no rules: it restricts nothing\n"},
		{HEAD "[exec]\ndrift = audit log=off\n",
		 "6:9: audit with log=off records nothing: it is an allow\n"},
		{HEAD "[exec]\nmemory = allow log=off\n",
		 "6:10: log=off has no effect here: an allow is never recorded\n"},
		{HEAD "[exec]\nmemory = deny log=off\n", ""},
	};

	assert_all_warned(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pattern_unmatchable_warned),
		cmocka_unit_test(test_pattern_matchable_not_warned),
		cmocka_unit_test(test_rule_shadowed_warned),
		cmocka_unit_test(test_rule_partly_covered_not_warned),
		cmocka_unit_test(test_allow_idle_warned),
		cmocka_unit_test(test_log_off_without_effect_warned),
		cmocka_unit_test(test_policy_pointless_warned),
		cmocka_unit_test(test_script_denied_but_readable_warned),
		cmocka_unit_test(test_interpreter_for_everybody_warned),
		cmocka_unit_test(test_settings_count_as_restricting),
	};

	return cmocka_run_group_tests_name("policy_check", tests, NULL, NULL);
}
