// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/ruleset.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define HEAD "[policy]\nname = web\n[select]\ncgroup = /web\n[file]\n"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "10-web.ini");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void write_policy(const struct scratch *scratch, const char *text)
{
	bl_cleanup_fclose FILE *file = fopen(scratch->path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static int load(const struct scratch *scratch, bool is_audit_forced, struct bl_diags *diags,
		struct bl_ruleset **ret_ruleset)
{
	const char *path = scratch->dir;
	const struct bl_ruleset_source source = {
		.paths = &path,
		.paths_count = 1,
		.is_audit_forced = is_audit_forced,
	};

	return bl_ruleset_load(&source, diags, ret_ruleset);
}

static const struct bl_rule_entry *entry_of(const struct bl_ruleset *ruleset, const char *text)
{
	for (size_t i = 0; i < ruleset->generation.rules_count; i++)
		if (strcmp(ruleset->generation.rules[i].text, text) == 0)
			return &ruleset->generation.rules[i];
	fail_msg("no rule '%s'", text);
	return NULL;
}

static struct bl_ruleset *must_load(const struct scratch *scratch, const char *text,
				    uint64_t number)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policy(scratch, text);
	assert_int_equal(load(scratch, false, &diags, &ruleset), 0);
	ruleset->number = number;
	return ruleset;
}

static void test_rule_is_found_where_it_stood_when_it_decided(void **state)
{
	bl_cleanup(bl_rulesets_fini) struct bl_rulesets rulesets = {0};
	const struct bl_ruleset *found = NULL;
	const struct bl_rule_entry *entry;
	uint64_t kept;
	uint64_t dropped;

	bl_rulesets_push(&rulesets, must_load(*state, HEAD "deny = read /a\ndeny = read /b\n", 4));
	kept = entry_of(rulesets.current, "deny = read /b")->key;
	dropped = entry_of(rulesets.current, "deny = read /a")->key;
	bl_rulesets_push(&rulesets, must_load(*state, HEAD "; moved\n\n\ndeny = read /b\n", 5));

	entry = bl_rulesets_find_rule(&rulesets, 4, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 7);
	assert_ptr_equal(found, rulesets.previous);
	entry = bl_rulesets_find_rule(&rulesets, 5, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 9);
	assert_ptr_equal(found, rulesets.current);

	/* Decided before the daemon was started anew: by its key, as it stands now. */
	entry = bl_rulesets_find_rule(&rulesets, 1, kept, &found);
	assert_non_null(entry);
	assert_int_equal(entry->line, 9);
	entry = bl_rulesets_find_rule(&rulesets, 1, dropped, &found);
	assert_non_null(entry);
	assert_ptr_equal(found, rulesets.previous);

	assert_null(bl_rulesets_find_rule(&rulesets, 5, 12345, &found));

	/* Two reloads later it is forgotten. */
	bl_rulesets_push(&rulesets, must_load(*state, HEAD "deny = read /b\n", 6));
	assert_null(bl_rulesets_find_rule(&rulesets, 4, dropped, &found));
}

static void test_nothing_loaded_finds_nothing(void **state)
{
	const struct bl_rulesets rulesets = {0};
	const struct bl_ruleset *found = NULL;

	assert_null(bl_rulesets_find_rule(&rulesets, 0, 1, &found));
	assert_null(found);
}

static void test_broken_policy_gives_no_ruleset(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policy(*state, HEAD "refuse = read /a\n");
	assert_int_equal(load(*state, false, &diags, &ruleset), -EINVAL);
	assert_null(ruleset);
	assert_int_equal(diags.errors, 1);
	assert_int_equal(diags.items[0].line, 6);
}

static void test_rules_of_policies_that_are_off_do_not_count(void **state)
{
	struct bl_ruleset *ruleset;

	ruleset = must_load(*state, HEAD "deny = read /a /b\ndeny = write /c\n", 1);
	assert_int_equal(bl_ruleset_rules_count(ruleset), 3);
	bl_ruleset_free(ruleset);
	ruleset = must_load(
		*state,
		"[policy]\nname = web\nmode = off\n[select]\ncgroup = /web\n[file]\ndeny = read /a\n",
		1);
	assert_int_equal(bl_ruleset_rules_count(ruleset), 0);
	bl_ruleset_free(ruleset);
}

/* A file that changed, or broke, after it was loaded plays no part. */
static void test_remade_ruleset_is_what_was_read(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *base = must_load(*state, HEAD "deny = read /a\n", 4);
	struct bl_ruleset *ruleset = NULL;
	uint64_t key = entry_of(base, "deny = read /a")->key;

	write_policy(*state, HEAD "nonsense\n");
	base->is_audit_forced = true;
	assert_int_equal(bl_ruleset_remake(base, NULL, NULL, &diags, &ruleset), 0);
	bl_ruleset_free(base);
	assert_int_equal(diags.count, 0);
	assert_true(ruleset->is_audit_forced);
	assert_int_equal(ruleset->texts.count, 1);
	assert_true(entry_of(ruleset, "deny = read /a")->key == key);
	bl_ruleset_free(ruleset);
}

static void test_empty_directory_is_a_ruleset(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	assert_int_equal(load(*state, true, &diags, &ruleset), 0);
	assert_int_equal(ruleset->policies.count, 0);
	assert_true(ruleset->is_audit_forced);
	bl_ruleset_free(ruleset);
}

/* --- choosing --- */

#define P(name, selectors)                                                                         \
	"[policy]\nname = " name "\n[select]\n" selectors "\n[file]\ndeny = read /" name "\n"

static void write_file(const struct scratch *scratch, const char *name, const char *text)
{
	bl_cleanup_fclose FILE *file = NULL;
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", scratch->dir, name);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
}

static void write_policies(const struct scratch *scratch)
{
	write_policy(scratch, P("web", "container = web"));
	write_file(scratch, "20-path.ini", P("path", "cgroup = /a/*"));
	write_file(scratch, "30-fallback.ini", P("fallback", "label = bailiff=default"));
	write_file(scratch, "40-inner.ini", P("inner", "cgroup = /**/inner"));
	write_file(scratch, "50-host.ini", P("host", "cgroup = /a/*\nhost = elsewhere"));
}

static int load_with(const struct scratch *scratch, struct bl_ruleset_source source,
		     struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	const char *path = scratch->dir;

	source.paths = &path;
	source.paths_count = 1;
	source.node = "here";
	source.config_file = "bailiff.ini";
	return bl_ruleset_load(&source, diags, ret_ruleset);
}

static void assert_chosen(struct bl_ruleset *ruleset, const char *cgroup, const char *container,
			  const char *name, const char *expected)
{
	struct bl_container known = {
		.cgroup = (char *)(uintptr_t)container,
		.name = (char *)(uintptr_t)name,
	};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_choice_of_profile choice;
	char names[128] = "";

	assert_int_equal(
		bl_ruleset_choose(ruleset, cgroup, container ? &known : NULL, &diags, &choice), 0);
	if (choice.profile) {
		const struct bl_compiled_profile *profile =
			&ruleset->generation.profiles[choice.profile - 1];

		for (size_t i = 0; i < profile->policies_count; i++) {
			strcat(names, profile->policies[i]->name);
			strcat(names, " ");
		}
	}
	if (strcmp(names, expected) != 0)
		fail_msg("%s: \"%s\", expected \"%s\"", cgroup, names, expected);
}

static void test_chosen_by_path_and_container(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policies(*state);
	assert_int_equal(load_with(*state, (struct bl_ruleset_source){0}, &diags, &ruleset), 0);
	assert_chosen(ruleset, "/", NULL, NULL, "");
	assert_chosen(ruleset, "/a/b", NULL, NULL, "path ");
	assert_chosen(ruleset, "/x", "/x", "web", "web ");
	assert_chosen(ruleset, "/x", "/x", "mail", "");
	assert_chosen(ruleset, "/a/x", "/a/x", "web", "web path ");
	assert_chosen(ruleset, "/a/x/y", "/a/x", "web", "web path ");
	assert_chosen(ruleset, "/a/x/inner", "/a/x", "web", "web path inner ");
	assert_chosen(ruleset, "/a/x/inner", "/a/x", NULL, "path inner ");
	bl_ruleset_free(ruleset);
}

static void test_default_of_containers_nobody_selects(void **state)
{
	static char policy[] = "fallback";
	static char kube[] = "/kube/**";
	static char other[] = "/y";
	static char *exempt[] = {kube, other};
	static const struct bl_container_default container_default = {policy, exempt, 2};
	const struct bl_ruleset_source source = {
		.container_default = &container_default,
		.own_cgroup = "/docker/me/x",
	};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policies(*state);
	assert_int_equal(load_with(*state, source, &diags, &ruleset), 0);
	assert_chosen(ruleset, "/x", "/x", NULL, "fallback ");
	assert_chosen(ruleset, "/x/y", "/x", NULL, "fallback ");
	assert_chosen(ruleset, "/x/inner", "/x", NULL, "fallback inner ");
	assert_chosen(ruleset, "/x", "/x", "web", "web ");
	assert_chosen(ruleset, "/x/inner", "/x", "web", "web inner ");
	assert_chosen(ruleset, "/a/b", "/a/b", NULL, "path ");
	/* What is no container, what is exempt, and the daemon's own. */
	assert_chosen(ruleset, "/x", NULL, NULL, "");
	assert_chosen(ruleset, "/kube/pod/c", "/kube/pod/c", NULL, "");
	assert_chosen(ruleset, "/y", "/y", NULL, "");
	assert_chosen(ruleset, "/y/c", "/y/c", NULL, "");
	assert_chosen(ruleset, "/yy", "/yy", NULL, "fallback ");
	assert_chosen(ruleset, "/docker/me", "/docker/me", NULL, "");
	assert_chosen(ruleset, "/docker/m", "/docker/m", NULL, "fallback ");
	bl_ruleset_free(ruleset);
}

static void test_default_that_is_none_is_named(void **state)
{
	static char policy[] = "fall";
	static const struct bl_container_default container_default = {.policy = policy};
	const struct bl_ruleset_source source = {.container_default = &container_default};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policies(*state);
	assert_int_equal(load_with(*state, source, &diags, &ruleset), -EINVAL);
	assert_int_equal(diags.count, 1);
	assert_string_equal(diags.items[0].file, "bailiff.ini");
	assert_string_equal(diags.items[0].message,
			    "'default_policy' in [containers]: there is no policy 'fall'");
	assert_null(ruleset);
}

static void test_default_for_other_hosts_is_said(void **state)
{
	static char policy[] = "host";
	static const struct bl_container_default container_default = {.policy = policy};
	const struct bl_ruleset_source source = {.container_default = &container_default};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	write_policies(*state);
	assert_int_equal(load_with(*state, source, &diags, &ruleset), 0);
	assert_int_equal(diags.count, 1);
	assert_int_equal(diags.items[0].severity, BL_SEVERITY_WARNING);
	assert_chosen(ruleset, "/x", "/x", NULL, "");
	bl_ruleset_free(ruleset);
}

static int load_texts(const struct bl_policy_texts *texts, bool is_audit_forced,
		      struct bl_diags *diags, struct bl_ruleset **ret_ruleset)
{
	const struct bl_ruleset_source source = {
		.texts = texts,
		.is_audit_forced = is_audit_forced,
	};

	return bl_ruleset_load(&source, diags, ret_ruleset);
}

/* The files have changed, and what is the default with them. */
static void test_texts_have_their_default_again(void **state)
{
	static char policy[] = "fallback";
	static char pattern[] = "/y";
	static char *exempt[] = {pattern};
	static const struct bl_container_default container_default = {policy, exempt, 1};
	struct bl_ruleset_source source = {.container_default = &container_default};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct scratch *scratch = *state;
	struct bl_ruleset *first = NULL;
	struct bl_ruleset *again = NULL;

	write_policies(scratch);
	assert_int_equal(load_with(scratch, source, &diags, &first), 0);
	write_file(scratch, "30-fallback.ini", P("other", "cgroup = /other"));
	source.texts = &first->texts;
	source.container_default = &first->container_default;
	assert_int_equal(load_with(scratch, source, &diags, &again), 0);
	bl_ruleset_free(first);
	assert_int_equal(diags.count, 0);
	assert_chosen(again, "/x", "/x", NULL, "fallback ");
	assert_chosen(again, "/a/x", "/a/x", NULL, "path ");
	assert_chosen(again, "/y", "/y", NULL, "");
	bl_ruleset_free(again);
}

/* For a run: also what there was to say of the files has been said. */
static void test_remade_ruleset_has_its_default_again(void **state)
{
	static char policy[] = "host";
	static char pattern[] = "/y";
	static char *exempt[] = {pattern};
	static const struct bl_container_default container_default = {policy, exempt, 1};
	const struct bl_ruleset_source source = {
		.container_default = &container_default,
		.own_cgroup = "/z",
	};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *first = NULL;
	struct bl_ruleset *again = NULL;

	write_policies(*state);
	assert_int_equal(load_with(*state, source, &diags, &first), 0);
	assert_int_equal(diags.count, 1);
	assert_int_equal(bl_ruleset_remake(first, "elsewhere", NULL, &diags, &again), 0);
	assert_int_equal(diags.count, 1);
	bl_ruleset_free(first);
	assert_chosen(again, "/x", "/x", NULL, "host ");
	assert_chosen(again, "/x", "/x", "web", "web ");
	assert_chosen(again, "/y", "/y", NULL, "");
	assert_chosen(again, "/z", "/z", NULL, "");
	bl_ruleset_free(again);
}

/* The file has changed; what was read from it has not. */
static void test_texts_give_the_same_ruleset_again(void **state)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct scratch *scratch = *state;
	struct bl_ruleset *first = must_load(scratch, HEAD "deny = read /a\n", 1);
	struct bl_ruleset *again = NULL;

	write_policy(scratch, HEAD "refuse = read /b\n");
	assert_int_equal(load_texts(&first->texts, true, &diags, &again), 0);
	assert_int_equal(diags.count, 0);
	assert_true(again->is_audit_forced);
	assert_int_equal(again->texts.count, 1);
	assert_string_equal(again->texts.items[0].file, scratch->path);
	assert_string_equal(again->policies.items[0].file, scratch->path);
	assert_int_equal(entry_of(again, "deny = read /a")->line, 6);
	assert_int_equal(entry_of(again, "deny = read /a")->key,
			 entry_of(first, "deny = read /a")->key);
	bl_ruleset_free(again);
	bl_ruleset_free(first);
}

static void test_broken_text_gives_no_ruleset(void **state)
{
	bl_cleanup(bl_policy_texts_fini) struct bl_policy_texts texts = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_ruleset *ruleset = NULL;

	assert_int_equal(bl_policy_texts_add(&texts, "/a.ini", "nonsense\n", 9), 0);
	assert_int_equal(bl_policy_texts_add(&texts, "/b.ini", "rubbish\n", 8), 0);
	assert_int_equal(load_texts(&texts, false, &diags, &ruleset), -EINVAL);
	assert_null(ruleset);
	assert_true(diags.errors >= 2);
	assert_string_equal(diags.items[0].file, "/a.ini");
	assert_string_equal(diags.items[diags.count - 1].file, "/b.ini");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rule_is_found_where_it_stood_when_it_decided,
						set_up, tear_down),
		cmocka_unit_test(test_nothing_loaded_finds_nothing),
		cmocka_unit_test_setup_teardown(test_broken_policy_gives_no_ruleset, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_rules_of_policies_that_are_off_do_not_count,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remade_ruleset_is_what_was_read, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_empty_directory_is_a_ruleset, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_chosen_by_path_and_container, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_default_of_containers_nobody_selects, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_default_that_is_none_is_named, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_default_for_other_hosts_is_said, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_texts_have_their_default_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_remade_ruleset_has_its_default_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_texts_give_the_same_ruleset_again, set_up,
						tear_down),
		cmocka_unit_test(test_broken_text_gives_no_ruleset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
