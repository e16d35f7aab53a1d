// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "enforcer/cmd.h"
#include "enforcer/policy_test.h"
#include "enforcer/util.h"

#define SUFFIX ".test.ini"

struct totals {
	size_t passed;
	size_t failed;
	size_t broken; /* test files that could not be run */
};

static int is_test_file(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return *entry->d_name != '.' && len > strlen(SUFFIX) &&
	       !strcmp(entry->d_name + len - strlen(SUFFIX), SUFFIX);
}

static int compare_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int run_file(const char *path, struct totals *totals)
{
	struct bl_policy_test_result result;
	struct bl_diags diags = {0};
	int r;

	r = bl_policy_test_run(path, &diags, &result);
	if (!r) {
		printf("%s: %zu passed, %zu failed\n", path, result.passed, result.failed);
		totals->passed += result.passed;
		totals->failed += result.failed;
	} else if (r != -ENOMEM) {
		printf("%s: not run\n", path);
		totals->broken++;
	}
	bl_cmd_print_diags(&diags);
	bl_diags_fini(&diags);
	return r == -ENOMEM ? r : 0;
}

static int run_entries(const char *path, struct dirent **entries, int count, struct totals *totals)
{
	size_t len = strlen(path);

	for (int i = 0; i < count; i++) {
		bl_cleanup_free char *file = NULL;
		int r;

		if (asprintf(&file, "%s%s%s", path, len && path[len - 1] == '/' ? "" : "/",
			     entries[i]->d_name) < 0) {
			file = NULL;
			return -ENOMEM;
		}
		r = run_file(file, totals);
		if (r < 0)
			return r;
	}
	return 0;
}

static int refuse(const char *path, const char *reason, struct totals *totals)
{
	fprintf(stderr, "%s: error: %s\n", path, reason);
	totals->broken++;
	return 0;
}

static int run_path(const char *path, struct totals *totals)
{
	struct dirent **entries;
	struct stat status;
	int count, r;

	if (stat(path, &status) < 0)
		return refuse(path, strerror(errno), totals);
	if (!S_ISDIR(status.st_mode))
		return run_file(path, totals);

	count = scandir(path, &entries, is_test_file, compare_bytes);
	if (count < 0)
		return refuse(path, strerror(errno), totals);
	if (!count)
		(void)refuse(path, "no *" SUFFIX " in this directory", totals);

	r = run_entries(path, entries, count, totals);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return r;
}

enum bl_exit bl_cmd_test(int argc, char **argv)
{
	struct totals totals = {0};

	if (argc < 2)
		return bl_cmd_usage(argv[0], "expected a test file or a directory");
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] == '-')
			return bl_cmd_usage(argv[0], "unknown option '%s'", argv[i]);
	}
	for (int i = 1; i < argc; i++) {
		if (run_path(argv[i], &totals) < 0)
			return bl_cmd_out_of_memory(argv[0]);
	}

	printf("%zu passed, %zu failed", totals.passed, totals.failed);
	if (totals.broken)
		printf(", %zu not run", totals.broken);
	puts("");
	return totals.failed || totals.broken ? BL_EXIT_DENIED : BL_EXIT_OK;
}
