// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/policy_match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/evaluate.h"
#include "enforcer/policy_compile.h"
#include "enforcer/util.h"

#define HEAD "[policy]\nname = t\n[select]\n"

static struct bl_policies parse_all(const char *const *texts, size_t count)
{
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};

	for (size_t i = 0; i < count; i++) {
		char file[16];

		snprintf(file, sizeof(file), "%zu.ini", i);
		if (bl_policy_parse(texts[i], strlen(texts[i]), file, &diags, &policies) < 0)
			fail_msg("%u:%u: %s", diags.items[0].line, diags.items[0].column,
				 diags.items[0].message);
	}
	bl_diags_fini(&diags);
	return policies;
}

/* One member of a container, as the initialisers below write it. */
#define TEXT(text) ((char *)(uintptr_t)(text))

static struct bl_container web = {
	.name = TEXT("web-1"),
	.image = TEXT("docker.io/library/nginx:1.25"),
	.pod = TEXT("front"),
	.namespace = TEXT("shop"),
	.labels = (struct bl_container_label[]){{TEXT("tier"), TEXT("front/end")},
						{TEXT("team"), TEXT("")}},
	.label_count = 2,
};

static struct bl_container unknown;

struct selected {
	const char *selectors;
	const char *cgroup;
	bool is_web; /* selected, being web */
	bool is_unknown;
};

static void test_selects(void **state)
{
	static const struct selected cases[] = {
		{"container = web-*", "/x", true, false},
		{"container = web", "/x", false, false},
		{"container = *", "/x", true, false},
		{"image = */nginx:*", "/x", true, false},
		{"image = docker.io?library/nginx:1.2[4-6]", "/x", true, false},
		{"image = nginx:*", "/x", false, false},
		{"pod = front", "/x", true, false},
		{"namespace = {shop,store}", "/x", true, false},
		{"namespace = kube-system", "/x", false, false},
		{"label = tier=front*", "/x", true, false},
		{"label = team=", "/x", true, false},
		{"label = team=?*", "/x", false, false},
		{"label = owner=*", "/x", false, false},
		/* Of the same key any, of different ones all. */
		{"container = db\ncontainer = web-1", "/x", true, false},
		{"container = web-1\nimage = redis", "/x", false, false},
		{"label = tier=back*\nlabel = tier=front*", "/x", true, false},
		{"label = tier=front*\nlabel = owner=me", "/x", false, false},
		/* Besides a path, which counts for what is below as well. */
		{"container = web-1\ncgroup = /a/*", "/a/b", true, false},
		{"container = web-1\ncgroup = /a/*", "/a/b/c", true, false},
		{"container = web-1\ncgroup = /a/*", "/a", false, false},
		{"container = web-1\ncgroup = /b\ncgroup = /", "/a", true, false},
		{"container = web-1\nunit = nginx.service", "/system.slice/nginx.service/x", true,
		 false},
		{"container = web-1\nunit = nginx.service", "/system.slice/httpd.service", false,
		 false},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		char text[256];
		const char *texts[] = {text};
		struct bl_policies policies;
		bool is_web;
		bool is_unknown;

		snprintf(text, sizeof(text), HEAD "%s\n", cases[i].selectors);
		policies = parse_all(texts, 1);
		assert_true(bl_policy_needs_container(&policies.items[0]));
		assert_int_equal(
			bl_policy_selects(&policies.items[0], &web, cases[i].cgroup, &is_web), 0);
		assert_int_equal(bl_policy_selects(&policies.items[0], &unknown, cases[i].cgroup,
						   &is_unknown),
				 0);
		if (is_web != cases[i].is_web || is_unknown != cases[i].is_unknown)
			fail_msg("%s: %d %d", cases[i].selectors, is_web, is_unknown);
		bl_policies_fini(&policies);
	}
}

static void test_hosts_are_elsewhere(void **state)
{
	static const char *const texts[] = {
		"[policy]\nname = a\n[select]\ncgroup = /a\nhost = node-*\nhost = db\n",
		"[policy]\nname = b\n[select]\ncontainer = x\nhost = node-1\n",
		"[policy]\nname = c\n[select]\ncgroup = /a\n",
	};
	static const struct {
		const char *node;
		bool is_elsewhere[3];
	} cases[] = {
		{"node-1", {false, false, false}},
		{"node-2", {false, true, false}},
		{"db", {false, true, false}},
		{"elsewhere", {true, true, false}},
	};
	struct bl_policies policies = parse_all(texts, 3);

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		assert_int_equal(bl_policies_place(&policies, cases[i].node), 0);
		for (size_t k = 0; k < 3; k++)
			assert_int_equal(policies.items[k].is_elsewhere, cases[i].is_elsewhere[k]);
	}
	bl_policies_fini(&policies);
}

/* --- in the kernel's table --- */

struct fixture {
	struct bl_policies policies;
	struct bl_generation generation;
};

static void compile(struct fixture *f, const char *const *texts, size_t count)
{
	struct bl_diags diags = {0};

	f->policies = parse_all(texts, count);
	assert_int_equal(bl_policies_place(&f->policies, "node"), 0);
	if (bl_generation_compile(&f->policies, false, &diags, &f->generation) < 0)
		fail_msg("%s", diags.count ? diags.items[0].message : "?");
	bl_diags_fini(&diags);
}

static void fini(struct fixture *f)
{
	bl_generation_fini(&f->generation);
	bl_policies_fini(&f->policies);
}

static void names_of(const struct fixture *f, uint32_t profile, char names[64])
{
	names[0] = '\0';
	for (size_t i = 0; profile && i < f->generation.profiles[profile - 1].policies_count; i++)
		strcat(names, f->generation.profiles[profile - 1].policies[i]->name);
}

static void assert_selected(const struct fixture *f, const char *cgroup, const char *expected,
			    bool is_own)
{
	struct bl_selected selected = bl_evaluate_selectors(
		f->generation.selectors, f->generation.selectors_bytes, cgroup, strlen(cgroup));
	char names[64];

	names_of(f, selected.profile, names);
	if (strcmp(names, expected) != 0 || selected.is_own != is_own)
		fail_msg("%s: \"%s\" %u, expected \"%s\"", cgroup, names, selected.is_own,
			 expected);
}

static void test_units_are_selected_where_systemd_puts_them(void **state)
{
	static const char *const texts[] = {
		"[policy]\nname = n\n[select]\nunit = nginx.service\n",
		"[policy]\nname = g\n[select]\nunit = getty@*.service\n",
		"[policy]\nname = s\n[select]\nunit = system.slice\nunit = init.scope\n",
		"[policy]\nname = b\n[select]\nunit = *.service\ncgroup = /system.slice/b*\n",
	};
	struct fixture f;

	compile(&f, texts, 4);
	assert_selected(&f, "/", "", false);
	assert_selected(&f, "/init.scope", "s", true);
	assert_selected(&f, "/system.slice", "s", true);
	assert_selected(&f, "/system.slice/nginx.service", "ns", true);
	assert_selected(&f, "/system.slice/_nginx.service", "ns", true);
	assert_selected(&f, "/system.slice/xnginx.service", "s", false);
	assert_selected(&f, "/system.slice/nginx.service/worker", "ns", false);
	assert_selected(&f, "/nginx.service", "n", true);
	assert_selected(&f, "/system.slice/system-getty.slice/getty@tty1.service", "gs", true);
	assert_selected(&f, "/system.slice/b.service", "sb", true);
	assert_selected(&f, "/system.slice/b", "s", false);
	assert_selected(&f, "/other.slice/b.service", "", false);
	assert_selected(&f, "/user.slice/user-1.slice/user@1.service/app.slice/nginx.service", "n",
			true);
	/* Names that whoever is there may choose. */
	assert_selected(&f, "/machine.slice/a.scope/nginx.service", "", false);
	assert_selected(&f, "/system.slice/a.service/x.slice/nginx.service", "s", false);
	fini(&f);
}

static void test_units_do_not_multiply(void **state)
{
	const char *texts[100];
	struct fixture f;

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		char *text;

		assert_true(asprintf(&text,
				     "[policy]\nname = %zu\n[select]\nunit = unit-%zu.service\n", i,
				     i) > 0);
		texts[i] = text;
	}
	compile(&f, texts, BL_ARRAY_LEN(texts));
	assert_int_equal(f.generation.profiles_count, BL_ARRAY_LEN(texts));
	assert_selected(&f, "/system.slice/unit-77.service", "77", true);
	fini(&f);
	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++)
		free(TEXT(texts[i]));
}

static void test_policies_of_containers_are_no_selectors_of_paths(void **state)
{
	static const char *const texts[] = {
		"[policy]\nname = p\n[select]\ncgroup = /a\n",
		"[policy]\nname = c\n[select]\ncontainer = web\ncgroup = /a\n",
		"[policy]\nname = h\n[select]\ncgroup = /a\nhost = another\n",
		"[policy]\nname = o\nmode = off\n[select]\nimage = x\n",
	};
	struct fixture f;
	char names[64];

	compile(&f, texts, 4);
	assert_selected(&f, "/a", "p", true);
	assert_int_equal(f.generation.profiles_count, 2);
	names_of(&f, 2, names);
	assert_string_equal(names, "c");
	fini(&f);
}

static void test_combinations_are_made_once(void **state)
{
	static const char *const texts[] = {
		"[policy]\nname = p\n[select]\ncgroup = /a\n",
		"[policy]\nname = c\n[select]\ncontainer = web\n",
		"[policy]\nname = d\n[select]\nimage = x\n",
	};
	bool is_added[3] = {false};
	struct bl_diags diags = {0};
	struct fixture f;
	uint32_t first;
	uint32_t second;
	char names[64];

	compile(&f, texts, 3);
	assert_int_equal(f.generation.profiles_count, 3);

	/* Nobody; what a path selects already; one that was made at load. */
	assert_int_equal(bl_generation_combine(&f.generation, 0, is_added, &diags, &first), 0);
	assert_int_equal(first, 0);
	assert_int_equal(bl_generation_combine(&f.generation, 1, is_added, &diags, &first), 0);
	assert_int_equal(first, 1);
	is_added[1] = true;
	assert_int_equal(bl_generation_combine(&f.generation, 0, is_added, &diags, &first), 0);
	assert_int_equal(first, 2);
	assert_int_equal(f.generation.profiles_count, 3);

	is_added[2] = true;
	assert_int_equal(bl_generation_combine(&f.generation, 1, is_added, &diags, &first), 0);
	names_of(&f, first, names);
	assert_string_equal(names, "pcd");
	is_added[0] = true;
	assert_int_equal(bl_generation_combine(&f.generation, first, is_added, &diags, &second), 0);
	assert_int_equal(second, first);
	assert_int_equal(f.generation.profiles_count, 4);
	assert_int_equal(diags.count, 0);
	fini(&f);
}

static void test_combinations_are_bounded(void **state)
{
	enum { COUNT = 10 };
	const char *texts[COUNT];
	struct bl_diags diags = {0};
	struct fixture f;
	uint32_t profile;
	int r = 0;

	for (size_t i = 0; i < COUNT; i++) {
		char *text;

		assert_true(asprintf(&text, "[policy]\nname = %zu\n[select]\ncontainer = %zu\n", i,
				     i) > 0);
		texts[i] = text;
	}
	compile(&f, texts, COUNT);
	for (unsigned set = 1; r == 0 && set < 1u << COUNT; set++) {
		bool is_added[COUNT];

		for (unsigned i = 0; i < COUNT; i++)
			is_added[i] = set >> i & 1;
		r = bl_generation_combine(&f.generation, 0, is_added, &diags, &profile);
	}
	assert_int_equal(r, -ENOSPC);
	assert_int_equal(f.generation.profiles_count, BL_PROFILES_PER_GENERATION);
	fini(&f);
	for (size_t i = 0; i < COUNT; i++)
		free(TEXT(texts[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_selects),
		cmocka_unit_test(test_hosts_are_elsewhere),
		cmocka_unit_test(test_units_are_selected_where_systemd_puts_them),
		cmocka_unit_test(test_units_do_not_multiply),
		cmocka_unit_test(test_policies_of_containers_are_no_selectors_of_paths),
		cmocka_unit_test(test_combinations_are_made_once),
		cmocka_unit_test(test_combinations_are_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
