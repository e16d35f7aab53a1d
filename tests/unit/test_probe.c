// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/probe.h"

#include <errno.h>
#include <glob.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "enforcer/facility.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

static const struct bl_probe_item *find(const struct bl_probe *probe, const char *name)
{
	for (size_t i = 0; i < probe->count; i++)
		if (strcmp(probe->items[i].name, name) == 0)
			return &probe->items[i];
	return NULL;
}

static void test_every_item_has_a_name_and_a_remedy(void **state)
{
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};

	assert_int_equal(bl_probe_run("/sys/fs/bpf/bailiff", NULL, true, &probe), 0);
	for (size_t i = 0; i < probe.count; i++) {
		assert_non_null(probe.items[i].name);
		assert_non_null(probe.items[i].remedy);
		assert_ptr_equal(find(&probe, probe.items[i].name), &probe.items[i]);
	}
	assert_non_null(find(&probe, "lsm bpf"));
	assert_non_null(find(&probe, "capability bpf"));
}

static void test_places_of_the_wrong_kind_are_missing(void **state)
{
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};
	const struct bl_probe_item *item;

	assert_int_equal(bl_probe_run("/proc/bailiff", "/proc", false, &probe), 0);
	item = find(&probe, "bpffs");
	assert_int_equal(item->state, BL_PROBE_MISSING);
	assert_string_equal(item->detail, "/proc is not on a bpf file system");
	assert_string_equal(item->remedy, "mount it: mount -t bpf bpf /sys/fs/bpf");
	assert_true(bl_probe_is_in_the_way(item));
	item = find(&probe, "cgroup2");
	assert_int_equal(item->state, BL_PROBE_MISSING);
	assert_string_equal(item->detail, "/proc is not on a cgroup2 file system");
	assert_false(bl_probe_can_enforce(&probe));
}

static void test_optional_items_are_not_in_the_way(void **state)
{
	struct bl_probe_item item = {.state = BL_PROBE_MISSING};

	assert_false(bl_probe_is_in_the_way(&item));
	item.is_needed = true;
	assert_true(bl_probe_is_in_the_way(&item));
	item.state = BL_PROBE_UNKNOWN;
	assert_true(bl_probe_is_in_the_way(&item));
	item.state = BL_PROBE_SUPPORTED;
	assert_false(bl_probe_is_in_the_way(&item));
}

/* The name an item has for an attach point such as "lsm/file_open", or NULL if it is none. */
static const char *name_of(const char *section, char name[128])
{
	if (strncmp(section, "lsm/", 4) == 0 || strncmp(section, "lsm.s/", 6) == 0)
		snprintf(name, 128, "hook %s", strchr(section, '/') + 1);
	else if (strncmp(section, "tp_btf/", 7) == 0)
		snprintf(name, 128, "tracepoint %s", section + 7);
	else if (strncmp(section, "iter/", 5) == 0)
		snprintf(name, 128, "iterator %s", section + 5);
	else
		return NULL;
	return name;
}

static size_t check_sections(const struct bl_probe *probe, const char *path)
{
	bl_cleanup_free char *text = NULL;
	size_t found = 0;
	size_t len;

	assert_int_equal(bl_read_file(path, 1 << 20, &text, &len), 0);
	for (char *at = text; (at = strstr(at, "\nSEC(\""));) {
		char section[64];
		char name[128];

		at += strlen("\nSEC(\"");
		assert_int_equal(sscanf(at, "%63[^\"]", section), 1);
		if (!name_of(section, name))
			continue;
		if (!find(probe, name))
			fail_msg("%s attaches to %s, which is not probed", path, section);
		found++;
	}
	return found;
}

/* Holds the table against the programs: nothing we attach to goes without a probe, and nothing else is asked for. */
static void test_every_attach_point_is_probed(void **state)
{
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};
	size_t probed = 0;
	size_t found = 0;
	glob_t files;

	assert_int_equal(bl_probe_run("/sys/fs/bpf/bailiff", NULL, true, &probe), 0);
	assert_int_equal(glob(BL_SOURCE_ROOT "/bpf/*.bpf.c", 0, NULL, &files), 0);
	for (size_t i = 0; i < files.gl_pathc; i++)
		found += check_sections(&probe, files.gl_pathv[i]);
	globfree(&files);

	for (size_t i = 0; i < probe.count; i++)
		probed += strncmp(probe.items[i].name, "hook ", 5) == 0 ||
			  strncmp(probe.items[i].name, "tracepoint ", 11) == 0 ||
			  strncmp(probe.items[i].name, "iterator ", 9) == 0;
	assert_int_equal(probed, found);
}

/* Policies name them, so the probe does, too; none of them keeps the others from being enforced. */
static void test_every_facility_is_probed(void **state)
{
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};

	assert_int_equal(bl_probe_run("/sys/fs/bpf/bailiff", NULL, true, &probe), 0);
	for (size_t i = 0; i < BL_FACILITY_COUNT; i++) {
		const struct bl_probe_item *item = find(&probe, bl_facilities[i].name);

		assert_non_null(item);
		assert_false(item->is_needed);
	}
}

static void test_kernel_is_not_asked_about_paths(void **state)
{
	static const char text[] = "[policy]\nname = t\n[select]\ncgroup = /t\n[exec]\ndeny = /x\n";
	struct bl_policies policies = {0};
	struct bl_diags diags = {0};

	assert_int_equal(bl_policy_parse(text, strlen(text), "t.ini", &diags, &policies), 0);
	assert_int_equal(bl_probe_check_policies(&policies, BL_SEVERITY_ERROR, &diags), 0);
	assert_int_equal(diags.count, 0);
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_item_has_a_name_and_a_remedy),
		cmocka_unit_test(test_places_of_the_wrong_kind_are_missing),
		cmocka_unit_test(test_optional_items_are_not_in_the_way),
		cmocka_unit_test(test_every_attach_point_is_probed),
		cmocka_unit_test(test_every_facility_is_probed),
		cmocka_unit_test(test_kernel_is_not_asked_about_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
