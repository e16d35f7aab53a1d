// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/facility.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <linux/capability.h>

#include "enforcer/util.h"

/* Four lines; what a case adds begins in line 5. */
#define HEAD "[policy]\nname = t\n[select]\ncgroup = /t\n"

static void test_words_stand_for_their_numbers(void **state)
{
	static const struct {
		enum bl_section section;
		const char *word;
		int number;
	} cases[] = {
		{BL_SECTION_PRIVILEGE, "mount", BL_PRIVILEGE_MOUNT},
		{BL_SECTION_PRIVILEGE, "io_uring", BL_PRIVILEGE_IO_URING},
		{BL_SECTION_PRIVILEGE, "swap", BL_PRIVILEGE_SWAP},
		{BL_SECTION_PRIVILEGE, "all", BL_FACILITY_ALL},
		{BL_SECTION_PRIVILEGE, "MOUNT", -1},
		{BL_SECTION_PRIVILEGE, "cap_bpf", -1},
		{BL_SECTION_PRIVILEGE, "sys_admin", -1},
		{BL_SECTION_PRIVILEGE, "", -1},
		{BL_SECTION_CAPABILITY, "chown", CAP_CHOWN},
		{BL_SECTION_CAPABILITY, "sys_admin", CAP_SYS_ADMIN},
		{BL_SECTION_CAPABILITY, "cap_sys_admin", CAP_SYS_ADMIN},
		{BL_SECTION_CAPABILITY, "CAP_SYS_ADMIN", CAP_SYS_ADMIN},
		{BL_SECTION_CAPABILITY, "SYS_ADMIN", CAP_SYS_ADMIN},
		{BL_SECTION_CAPABILITY, "setfcap", CAP_SETFCAP},
		{BL_SECTION_CAPABILITY, "checkpoint_restore", CAP_CHECKPOINT_RESTORE},
		{BL_SECTION_CAPABILITY, "all", BL_FACILITY_ALL},
		{BL_SECTION_CAPABILITY, "cap_", -1},
		{BL_SECTION_CAPABILITY, "cap_cap_bpf", -1},
		{BL_SECTION_CAPABILITY, "mount", -1},
		{BL_SECTION_CAPABILITY, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", -1},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_int_equal(bl_facility_find(cases[i].section, cases[i].word),
				 cases[i].number);
}

static void test_numbers_have_their_names(void **state)
{
	assert_string_equal(bl_privilege_name(BL_PRIVILEGE_USERNS), "userns");
	assert_null(bl_privilege_name(BL_PRIVILEGE_COUNT));
	assert_string_equal(bl_capability_name(CAP_NET_RAW), "net_raw");
	assert_string_equal(bl_capability_name(CAP_LAST_CAP), "checkpoint_restore");
	assert_null(bl_capability_name(CAP_LAST_CAP + 1));
	assert_string_equal(bl_access_name(BL_ACCESS_SIGNAL), "signal");
	assert_null(bl_access_name(BL_ACCESS_COUNT));
	assert_string_equal(bl_relation_name(BL_RELATION_OUTSIDE), "outside");
	assert_null(bl_relation_name(BL_RELATION_COUNT));
}

static void test_rows_name_what_policies_name(void **state)
{
	for (size_t i = 0; i < BL_FACILITY_COUNT; i++) {
		const struct bl_facility *facility = &bl_facilities[i];
		const char *word = strchr(facility->name, ' ');

		assert_non_null(facility->hooks[0]);
		if (facility->section == BL_SECTION_PRIVILEGE)
			assert_int_equal(bl_facility_find(facility->section, word + 1),
					 facility->number);
		if (facility->section == BL_SECTION_PROCESS)
			assert_string_equal(word + 1, bl_access_name(facility->number));
	}
}

/* --- a kernel that lacks hooks --- */

#define LACKS(name, hook, remedy)                                                                  \
	"this kernel cannot mediate '" name "': it has no hook '" hook "', which " remedy          \
	"; leave the rule out, or boot another kernel\n"
#define NO_USERNS     LACKS("privilege userns", "userns_create", "comes with Linux 6.1")
#define NO_SWAP       LACKS("privilege swap", "capable", "needs CONFIG_BPF_LSM=y")
#define NO_SIGNAL     LACKS("process signal", "task_kill", "needs CONFIG_BPF_LSM=y")
#define NO_CAPABILITY LACKS("capability", "capable", "needs CONFIG_BPF_LSM=y")

/* Of what needs "capable", only some: else too much would be named. */
static bool is_missing(const struct bl_facility *facility, const char *hook)
{
	if (!hook)
		return false;
	if (!strcmp(hook, "capable"))
		return facility->section == BL_SECTION_CAPABILITY ||
		       facility->number == BL_PRIVILEGE_SWAP;
	return !strcmp(hook, "userns_create") || !strcmp(hook, "task_kill");
}

static void assert_lacks(const char *text, const char *expected)
{
	const char *missing[BL_FACILITY_COUNT] = {NULL};
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};
	char printed[2048] = "";
	size_t len = 0;

	for (size_t i = 0; i < BL_FACILITY_COUNT; i++)
		for (size_t k = 0; k < BL_FACILITY_HOOKS_MAX; k++)
			if (is_missing(&bl_facilities[i], bl_facilities[i].hooks[k]))
				missing[i] = bl_facilities[i].hooks[k];
	assert_int_equal(bl_policy_parse(text, strlen(text), "t.ini", &diags, &policies), 0);
	bl_facilities_check(&policies, missing, BL_SEVERITY_ERROR, &diags);
	assert_int_equal(diags.errors, diags.count);
	for (size_t i = 0; i < diags.count; i++)
		len += (size_t)snprintf(printed + len, sizeof(printed) - len, "%u:%u: %s\n",
					diags.items[i].line, diags.items[i].column,
					diags.items[i].message);
	assert_string_equal(printed, expected);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

static void test_what_cannot_be_mediated_is_named(void **state)
{
	static const struct {
		const char *text;
		const char *expected;
	} cases[] = {
		{HEAD "[privilege]\ndeny = mount userns\n", "6:14: " NO_USERNS},
		{HEAD "[privilege]\naudit = swap by /x\n", "6:9: " NO_SWAP},
		{HEAD "[privilege]\nallow = mount\ndeny = all\n",
		 "7:8: " NO_USERNS "7:8: " NO_SWAP},
		{HEAD "[privilege]\ndefault = deny\nallow = userns\n", "6:11: " NO_SWAP},
		{HEAD "[privilege]\ndefault = deny\nallow = userns swap by /x\n",
		 "6:11: " NO_USERNS "6:11: " NO_SWAP},
		{HEAD "[privilege]\nallow = userns\nallow = swap\ndeny = all\n", ""},
		{HEAD "[privilege]\ndeny = mount bpf\n[file]\ndeny = read /x\n", ""},
		{HEAD "[process]\nptrace = inside\n", ""},
		{HEAD "[process]\nptrace = deny\nsignal = inside\n", "7:10: " NO_SIGNAL},
		{HEAD "[process]\nsignal = allow\n", ""},
		{HEAD "[capability]\nallow = chown\ndeny = sys_admin\n", "7:8: " NO_CAPABILITY},
		{HEAD "[capability]\ndefault = deny\nallow = all\n", "6:11: " NO_CAPABILITY},
		{HEAD "[capability]\nallow = chown\n", ""},
		{"[policy]\nname = t\nmode = off\n[select]\ncgroup = /t\n[privilege]\ndeny = all\n",
		 ""},
		{"[policy]\nname = t\nmode = audit\n[select]\ncgroup = /t\n[privilege]\ndeny = userns\n",
		 "7:8: " NO_USERNS},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_lacks(cases[i].text, cases[i].expected);
}

static void test_kernel_is_looked_at_only_for_such_policies(void **state)
{
	static const struct {
		const char *text;
		bool is_mediated;
	} cases[] = {
		{HEAD "[exec]\ndeny = /x\n", false},
		{HEAD "[process]\n", true},
		{HEAD "[capability]\ndeny = all\n", true},
		{"[policy]\nname = t\nmode = off\n[select]\ncgroup = /t\n[privilege]\ndeny = all\n",
		 false},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct bl_policies policies = {0};
		struct bl_diags diags = {0};

		assert_int_equal(bl_policy_parse(cases[i].text, strlen(cases[i].text), "t.ini",
						 &diags, &policies),
				 0);
		assert_int_equal(bl_facilities_are_mediated(&policies), cases[i].is_mediated);
		bl_policies_fini(&policies);
		bl_diags_fini(&diags);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words_stand_for_their_numbers),
		cmocka_unit_test(test_numbers_have_their_names),
		cmocka_unit_test(test_rows_name_what_policies_name),
		cmocka_unit_test(test_what_cannot_be_mediated_is_named),
		cmocka_unit_test(test_kernel_is_looked_at_only_for_such_policies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
