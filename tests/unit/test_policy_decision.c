// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the lines of [exec] come to for each of its permissions, what a path says of a subject, and what the sections
 * without paths come to.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

/* Four lines; what a case adds begins in line 5. */
#define HEAD  "[policy]\nname = p\n[select]\ncgroup = /p\n"
#define HEAD2 "[policy]\nname = q\n[select]\ncgroup = /q\n"

struct decision {
	const char *path;
	enum bl_exec_permission permission;
	const char *by; /* the subject's path, or NULL */
	const char *expected;
};

struct compiled {
	struct bl_policies policies;
	struct bl_generation generation;
};

static void compile(const char *const *texts, size_t count, struct compiled *ret)
{
	const struct bl_policy *list[2];
	struct bl_diags diags = {0};

	*ret = (struct compiled){0};
	for (size_t i = 0; i < count; i++)
		assert_int_equal(bl_policy_parse(texts[i], strlen(texts[i]), i ? "q" : "p", &diags,
						 &ret->policies),
				 0);
	for (size_t i = 0; i < count; i++)
		list[i] = &ret->policies.items[i];
	assert_int_equal(bl_profile_compile(list, count, false, &diags, &ret->generation), 0);
	bl_diags_fini(&diags);
}

static void compiled_fini(struct compiled *compiled)
{
	bl_generation_fini(&compiled->generation);
	bl_policies_fini(&compiled->policies);
}

static struct bl_beyond beyond_of(const struct compiled *compiled, const char *path)
{
	const struct bl_compiled_profile *profile = &compiled->generation.profiles[0];

	return bl_evaluate_beyond(profile->table, profile->table_bytes, path, strlen(path));
}

/* "p:7 deny", with "would" in front of a verdict of audit mode and "!" behind what is recorded. */
static const char *ask_key(const struct compiled *compiled, const void *key, size_t key_len,
			   enum bl_section section, unsigned permission, const char *subject)
{
	const struct bl_compiled_profile *profile = &compiled->generation.profiles[0];
	static char text[64];
	uint64_t by = subject ? beyond_of(compiled, subject).by : 0;
	struct bl_decided decided = bl_evaluate(profile->table, profile->table_bytes, key, key_len,
						section, permission, by);
	const struct bl_rule_entry *entry =
		bl_generation_find_rule(&compiled->generation, decided.rule_key);
	int len = 0;

	if (decided.rule_key) {
		assert_non_null(entry);
		len = snprintf(text, sizeof(text), "%s:%u ", entry->policy->file, entry->line);
	}
	snprintf(text + len, sizeof(text) - (size_t)len, "%s%s%s",
		 decided.flags & BL_DECISION_WOULD ? "would " : "",
		 bl_verdict_name(decided.verdict), decided.flags & BL_DECISION_RECORD ? "!" : "");
	return text;
}

static const char *ask(const struct compiled *compiled, const struct decision *decision)
{
	return ask_key(compiled, decision->path, strlen(decision->path), BL_SECTION_EXEC,
		       decision->permission, decision->by);
}

#define assert_decisions(texts, decisions)                                                         \
	do {                                                                                       \
		struct compiled compiled;                                                          \
                                                                                                   \
		compile(texts, BL_ARRAY_LEN(texts), &compiled);                                    \
		for (size_t i = 0; i < BL_ARRAY_LEN(decisions); i++)                               \
			assert_string_equal(ask(&compiled, &(decisions)[i]),                       \
					    (decisions)[i].expected);                              \
		compiled_fini(&compiled);                                                          \
	} while (0)

static void test_mapping_is_denied_by_rules_only(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\ndefault = deny\nallow = /bin/*\naudit = /sbin/*\n"
		     "deny = /tmp/** log=off\nkill = /dev/shm/**\n",
	};
	static const struct decision decisions[] = {
		{"/lib/x", BL_EXEC_EXECUTE, NULL, "p:6 deny!"},
		{"/lib/x", BL_EXEC_MAP, NULL, "allow"},
		{"/bin/x", BL_EXEC_EXECUTE, NULL, "p:7 allow"},
		{"/bin/x", BL_EXEC_MAP, NULL, "p:7 allow"},
		{"/sbin/x", BL_EXEC_EXECUTE, NULL, "p:8 audit!"},
		{"/sbin/x", BL_EXEC_MAP, NULL, "p:8 allow"},
		{"/tmp/x", BL_EXEC_EXECUTE, NULL, "p:9 deny"},
		{"/tmp/x", BL_EXEC_MAP, NULL, "p:9 deny"},
		{"/dev/shm/x", BL_EXEC_MAP, NULL, "p:10 kill!"},
		{"/bin/x", BL_EXEC_DRIFT_LAYER, NULL, "allow"},
		{"/bin/x", BL_EXEC_DRIFT_MOUNT, NULL, "allow"},
		{"/bin/x", BL_EXEC_MEMORY, NULL, "allow"},
		{"/bin/x", BL_EXEC_ANONYMOUS, NULL, "allow"},
	};

	assert_decisions(texts, decisions);
}

static void test_settings_hold_for_every_path(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\nallow = /opt/** /x by /bin/a\naudit = /srv/*\ndeny = /srv/**\n"
		     "drift = kill\nmemory = deny log=off\nanonymous = audit\n",
	};
	static const struct decision decisions[] = {
		{"/bin/x", BL_EXEC_EXECUTE, NULL, "p:5 allow"},
		{"/bin/x", BL_EXEC_DRIFT_LAYER, NULL, "p:9 kill!"},
		{"/srv/x", BL_EXEC_DRIFT_LAYER, NULL, "p:9 kill!"},
		{"/bin/x", BL_EXEC_DRIFT_MOUNT, NULL, "p:9 kill!"},
		{"/srv/x", BL_EXEC_DRIFT_MOUNT, NULL, "p:7 allow"},
		{"/srv/x/y", BL_EXEC_DRIFT_MOUNT, NULL, "p:9 kill!"},
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, NULL, "p:9 kill!"},
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, "/bin/a", "p:6 allow"},
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, "/bin/b", "p:9 kill!"},
		{"/opt/x", BL_EXEC_DRIFT_LAYER, "/bin/a", "p:9 kill!"},
		{"/srv/x", BL_EXEC_MEMORY, NULL, "p:10 deny"},
		{"/", BL_EXEC_ANONYMOUS, NULL, "p:11 audit!"},
		{"", BL_EXEC_ANONYMOUS, NULL, "p:11 audit!"},
	};

	assert_decisions(texts, decisions);
}

static void test_rule_by_a_subject_is_drift_for_others(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\ndrift = deny\ndeny = /opt/x by /bin/a\nallow = /opt/*\n",
	};
	static const struct decision decisions[] = {
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, "/bin/a", "p:6 deny!"},
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, "/bin/b", "p:8 allow"},
		{"/opt/x", BL_EXEC_MAP, "/bin/a", "p:7 deny!"},
		{"/opt/x", BL_EXEC_MAP, "/bin/b", "p:8 allow"},
	};

	assert_decisions(texts, decisions);
}

/* What two policies make of memory, whose settings and modes are given. */
static const char *ask_memory(const char *first, const char *second)
{
	static const struct decision decision = {"/memfd", BL_EXEC_MEMORY, NULL, NULL};
	char texts[2][128];
	const char *list[] = {texts[0], texts[1]};
	struct compiled compiled;
	const char *answer;

	snprintf(texts[0], sizeof(texts[0]), HEAD "%s", first);
	snprintf(texts[1], sizeof(texts[1]), HEAD2 "%s", second);
	compile(list, 2, &compiled);
	answer = ask(&compiled, &decision);
	compiled_fini(&compiled);
	return answer;
}

#define AUDIT_MODE "[policy]\nmode = audit\n"

static void test_memory_is_allowed_only_if_all_say_so(void **state)
{
	static const struct {
		const char *first;
		const char *second;
		const char *expected;
	} cases[] = {
		{"[exec]\nmemory = allow\n", "[exec]\nmemory = allow\n", "p:6 allow"},
		{"[exec]\nmemory = allow\n", "[file]\ndefault = deny\n", "p:6 allow"},
		{"[exec]\nmemory = allow\n", "[exec]\nmemory = audit\n", "q:6 audit!"},
		{"[exec]\nmemory = allow\n", "[exec]\nmemory = deny\n", "q:6 deny!"},
		{"[exec]\nmemory = allow\n", "[exec]\ndefault = deny\n", "allow"},
		{"[exec]\nmemory = audit\n", "[exec]\ndefault = deny\n", "allow"},
		{"[exec]\nmemory = deny\n", "[exec]\ndefault = deny\n", "p:6 deny!"},
		{"[exec]\n", "[exec]\nmemory = kill\n", "q:6 kill!"},
		{"[file]\n", "[file]\n", "allow"},
		/* Denied by nobody but audit mode: that must not open what the other keeps shut. */
		{"[exec]\nmemory = deny\n" AUDIT_MODE, "[exec]\n", "allow"},
		{"[exec]\nmemory = deny\n" AUDIT_MODE, "[file]\n", "p:6 would deny!"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_string_equal(ask_memory(cases[i].first, cases[i].second), cases[i].expected);
}

static void test_strictest_policy_and_its_line(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\ndrift = deny\nanonymous = kill\n" AUDIT_MODE,
		HEAD2 "[exec]\nallow = /opt/*\ndrift = audit\nanonymous = deny\n",
	};
	static const struct decision decisions[] = {
		{"/opt/x", BL_EXEC_DRIFT_LAYER, NULL, "p:6 would deny!"},
		{"/opt/x", BL_EXEC_DRIFT_MOUNT, NULL, "p:6 would deny!"},
		{"/opt/x", BL_EXEC_ANONYMOUS, NULL, "q:8 deny!"},
	};

	assert_decisions(texts, decisions);
}

/* --- subjects --- */

static void test_paths_tell_which_by_patterns_they_match(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\nallow = /bin/* by /usr/sbin/*\ndeny = /bin/* by /usr/**\n"
		     "[file]\ndeny = all /** by /usr/sbin/*\nkill = read /x by /bin/{a,b}\n",
	};
	struct compiled compiled;

	compile(texts, 1, &compiled);
	assert_int_equal(compiled.generation.profiles[0].by_count, 3);
	assert_int_equal(beyond_of(&compiled, "/usr/sbin/x").by, 3);
	assert_int_equal(beyond_of(&compiled, "/usr/sbin/x/y").by, 2);
	assert_int_equal(beyond_of(&compiled, "/usr/x").by, 2);
	assert_int_equal(beyond_of(&compiled, "/bin/b").by, 4);
	assert_int_equal(beyond_of(&compiled, "/bin/c").by, 0);
	assert_int_equal(beyond_of(&compiled, "/usr").by, 0);
	compiled_fini(&compiled);
}

static void test_allowed_means_some_subject_or_all(void **state)
{
	static const char *const texts[] = {
		HEAD "[file]\nallow = read /d/some by /a\nallow = read /d/some by /b\n"
		     "deny = read /d/most by /a\ndeny = read /d/some /d/none\n",
		/* Whom this one denies matches what allows above; others do as well. */
		HEAD2 "[file]\ndeny = read /d/some by /b\n",
	};
	const uint32_t read = BL_ASK(BL_SECTION_FILE, BL_FILE_READ);
	struct compiled compiled;
	struct bl_beyond below;

	compile(texts, 2, &compiled);
	assert_true(beyond_of(&compiled, "/d/some").self_any.enforced & read);
	assert_true(beyond_of(&compiled, "/d/some").self_any.would & read);
	assert_true(beyond_of(&compiled, "/d/most").self_any.enforced & read);
	assert_false(beyond_of(&compiled, "/d/none").self_any.enforced & read);
	below = beyond_of(&compiled, "/d/");
	assert_true(below.below_any.enforced & read);
	assert_false(below.below_all.enforced & read);
	below = beyond_of(&compiled, "/e/");
	assert_true(below.below_all.enforced & read);
	compiled_fini(&compiled);
}

/* --- processes, privileges and capabilities --- */

struct use {
	const char *key;
	size_t key_len;
	const char *by;
	const char *expected;
};

/* The signal's number and the process are nothing to a rule. */
#define TRACE(relation)    "\x10\x00" relation "\x00\x01\x02\x03\x04", 8
#define SIGNAL(relation)   "\x10\x01" relation "\xff/\x00\x00@", 8
#define PRIVILEGE(number)  "\x11" number, 2
#define CAPABILITY(number) "\x12" number, 2
#define INSIDE             "\x00"
#define OUTSIDE            "\x01"

static void assert_uses(const char *const *texts, size_t texts_count, const struct use *uses,
			size_t count)
{
	struct compiled compiled;

	compile(texts, texts_count, &compiled);
	for (size_t i = 0; i < count; i++) {
		enum bl_section section =
			(enum bl_section)(BL_SECTION_PROCESS + uses[i].key[0] - BL_KEY_PROCESS);

		assert_string_equal(ask_key(&compiled, uses[i].key, uses[i].key_len, section,
					    BL_USE, uses[i].by),
				    uses[i].expected);
	}
	compiled_fini(&compiled);
}

static void test_processes_are_told_apart_by_relation(void **state)
{
	static const char *const texts[] = {
		HEAD "[process]\nptrace = inside\nsignal = kill log=off\n",
		HEAD2 "[process]\nptrace = audit\n[policy]\nmode = audit\n",
	};
	static const struct use one[] = {
		{TRACE(INSIDE), NULL, "p:5 allow"},
		{TRACE(OUTSIDE), NULL, "p:6 deny!"},
		{SIGNAL(INSIDE), NULL, "p:7 kill"},
		{SIGNAL(OUTSIDE), NULL, "p:7 kill"},
	};
	static const struct use both[] = {
		{TRACE(INSIDE), NULL, "q:6 audit!"},
		{TRACE(OUTSIDE), NULL, "p:6 deny!"},
	};

	assert_uses(texts, 1, one, BL_ARRAY_LEN(one));
	assert_uses(texts, 2, both, BL_ARRAY_LEN(both));
}

static void test_privileges_go_by_first_match_and_default(void **state)
{
	static const char *const texts[] = {
		HEAD "[privilege]\ndefault = deny\nallow = mount by /bin/a\n"
		     "kill = mount swap log=off\nallow = all by /bin/b\n",
		HEAD2 "[policy]\nmode = audit\n[privilege]\ndeny = userns mount\n",
	};
	static const struct use one[] = {
		{PRIVILEGE("\x00"), NULL, "p:8 kill"},
		{PRIVILEGE("\x00"), "/bin/a", "p:7 allow"},
		{PRIVILEGE("\x00"), "/bin/b", "p:8 kill"},
		{PRIVILEGE("\x0e"), NULL, "p:8 kill"},
		{PRIVILEGE("\x01"), "/bin/b", "p:9 allow"},
		{PRIVILEGE("\x01"), NULL, "p:6 deny!"},
		{CAPABILITY("\x01"), NULL, "allow"},
		{TRACE(OUTSIDE), NULL, "allow"},
	};
	static const struct use both[] = {
		{PRIVILEGE("\x00"), "/bin/a", "q:8 would deny!"},
		{PRIVILEGE("\x00"), NULL, "p:8 kill"},
		{PRIVILEGE("\x01"), "/bin/b", "q:8 would deny!"},
		{PRIVILEGE("\x02"), "/bin/b", "p:9 allow"},
	};

	assert_uses(texts, 1, one, BL_ARRAY_LEN(one));
	assert_uses(texts, 2, both, BL_ARRAY_LEN(both));
}

static void test_capabilities_that_have_no_name_are_all(void **state)
{
	static const char *const texts[] = {
		HEAD "[capability]\nallow = chown\naudit = all\n",
	};
	static const struct use uses[] = {
		{CAPABILITY("\x00"), NULL, "p:6 allow"},
		{CAPABILITY("\x15"), NULL, "p:7 audit!"},
		{CAPABILITY("\x3f"), NULL, "p:7 audit!"},
	};

	assert_uses(texts, 1, uses, BL_ARRAY_LEN(uses));
}

static void test_silent_is_what_everybody_may_unrecorded(void **state)
{
	static const char *const texts[] = {
		HEAD
		"[process]\nptrace = inside\nsignal = deny\n"
		"[privilege]\ndefault = deny\nallow = mount\nallow = bpf by /bin/a\naudit = perf\n",
		HEAD2
		"[policy]\nmode = audit\n[capability]\ndeny = sys_admin\ndeny = kill log=off\n",
	};
	const struct bl_profile *profile;
	struct compiled compiled;

	compile(texts, 1, &compiled);
	profile = &compiled.generation.profiles[0].profile;
	assert_int_equal(profile->silent_accesses,
			 BL_ACCESS_BIT(BL_ACCESS_PTRACE, BL_RELATION_INSIDE));
	assert_int_equal(profile->silent_privileges, 1u << BL_PRIVILEGE_MOUNT);
	assert_int_equal(profile->silent_capabilities, UINT64_MAX);
	assert_int_equal(profile->mode[BL_SECTION_PRIVILEGE], BL_MODE_ENFORCE);
	assert_int_equal(profile->mode[BL_SECTION_CAPABILITY], BL_MODE_OFF);
	compiled_fini(&compiled);

	compile(texts + 1, 1, &compiled);
	profile = &compiled.generation.profiles[0].profile;
	assert_int_equal(profile->silent_accesses, 0xf);
	assert_int_equal(profile->silent_privileges, UINT32_MAX);
	assert_int_equal(profile->silent_capabilities, ~(UINT64_C(1) << 21 | UINT64_C(1) << 5));
	assert_int_equal(profile->mode[BL_SECTION_CAPABILITY], BL_MODE_AUDIT);
	compiled_fini(&compiled);
}

/* Or no new name for an object could be made. */
static void test_paths_are_no_privileges(void **state)
{
	static const char *const texts[] = {
		HEAD "[privilege]\ndefault = deny\n[capability]\ndefault = deny\nallow = chown\n"
		     "[process]\nptrace = deny\nsignal = deny\n",
	};
	static const char *const paths[] = {"/", "/a", "/a/", "@a", ""};
	const uint32_t used = BL_ASK_SECTION(BL_SECTION_PROCESS) |
			      BL_ASK_SECTION(BL_SECTION_PRIVILEGE) |
			      BL_ASK_SECTION(BL_SECTION_CAPABILITY);
	struct compiled compiled;

	compile(texts, 1, &compiled);
	for (size_t i = 0; i < BL_ARRAY_LEN(paths); i++) {
		struct bl_beyond beyond = beyond_of(&compiled, paths[i]);

		assert_int_equal(beyond.silent & used, used);
		assert_int_equal(beyond.self_any.enforced & used, used);
		assert_int_equal(beyond.self_any.would & used, used);
		assert_string_equal(ask_key(&compiled, paths[i], strlen(paths[i]),
					    BL_SECTION_PRIVILEGE, BL_USE, NULL),
				    "allow");
	}
	assert_int_equal(beyond_of(&compiled, "/a/").below_any.enforced & used, used);
	assert_int_equal(beyond_of(&compiled, "/a/").below_all.enforced & used, used);
	compiled_fini(&compiled);
}

/* --- numbers --- */

static void test_words_of_a_line_count_apart(void **state)
{
	static const char *const texts[] = {HEAD "[privilege]\ndeny = mount bpf\n"};
	uint8_t key[BL_KEY_PRIVILEGE_LEN];
	const struct bl_compiled_profile *profile;
	struct compiled compiled;
	uint64_t mount;

	compile(texts, 1, &compiled);
	profile = &compiled.generation.profiles[0];
	mount = bl_evaluate(profile->table, profile->table_bytes, key,
			    bl_key_privilege(key, BL_PRIVILEGE_MOUNT), BL_SECTION_PRIVILEGE, BL_USE,
			    0)
			.rule_key;
	assert_true(mount);
	assert_true(mount != bl_evaluate(profile->table, profile->table_bytes, key,
					 bl_key_privilege(key, BL_PRIVILEGE_BPF),
					 BL_SECTION_PRIVILEGE, BL_USE, 0)
				     .rule_key);
	compiled_fini(&compiled);
}

static void test_settings_are_lines_of_their_own(void **state)
{
	static const char *const texts[] = {
		HEAD "[exec]\ndrift = deny\nmemory = deny\n",
		HEAD2 "[exec]\ndrift = deny\n",
	};
	struct compiled compiled;
	size_t settings = 0;

	compile(texts, 2, &compiled);
	for (size_t i = 0; i < compiled.generation.rules_count; i++) {
		const struct bl_rule_entry *entry = &compiled.generation.rules[i];

		assert_true(!i || entry->key > entry[-1].key);
		if (!entry->is_setting)
			continue;
		settings++;
		assert_null(entry->rule);
		assert_int_equal(entry->section, BL_SECTION_EXEC);
		assert_true(!strcmp(entry->text, "drift = deny") ||
			    !strcmp(entry->text, "memory = deny"));
	}
	assert_int_equal(settings, 3);
	assert_int_equal(compiled.generation.rules_count, 5);
	compiled_fini(&compiled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_mapping_is_denied_by_rules_only),
		cmocka_unit_test(test_settings_hold_for_every_path),
		cmocka_unit_test(test_rule_by_a_subject_is_drift_for_others),
		cmocka_unit_test(test_memory_is_allowed_only_if_all_say_so),
		cmocka_unit_test(test_strictest_policy_and_its_line),
		cmocka_unit_test(test_paths_tell_which_by_patterns_they_match),
		cmocka_unit_test(test_allowed_means_some_subject_or_all),
		cmocka_unit_test(test_processes_are_told_apart_by_relation),
		cmocka_unit_test(test_privileges_go_by_first_match_and_default),
		cmocka_unit_test(test_capabilities_that_have_no_name_are_all),
		cmocka_unit_test(test_silent_is_what_everybody_may_unrecorded),
		cmocka_unit_test(test_paths_are_no_privileges),
		cmocka_unit_test(test_words_of_a_line_count_apart),
		cmocka_unit_test(test_settings_are_lines_of_their_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
