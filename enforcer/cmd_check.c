// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/policy_compile.h"
#include "enforcer/probe.h"
#include "enforcer/syscall_filter.h"
#include "enforcer/util.h"

/* What loads may still be too large for the kernel's tables. */
static int check_size(const struct bl_policies *policies, struct bl_diags *diags)
{
	struct bl_generation generation;
	int r;

	r = bl_generation_compile(policies, false, diags, &generation);
	if (r < 0)
		return r;
	bl_generation_fini(&generation);
	return 0;
}

/* For run they select a cgroup that is made for it, all of them the same. */
static int load(const char *const *paths, size_t count, bool is_for_run, struct bl_diags *diags,
		struct bl_policies *policies)
{
	bl_cleanup(bl_policy_texts_fini) struct bl_policy_texts texts = {0};
	int r;

	if (!is_for_run)
		return bl_policies_load(paths, count, diags, policies);
	r = bl_policies_load_for_run(paths, count, diags, policies, &texts);
	for (size_t i = 0; r == 0 && i < policies->count; i++)
		r = bl_policy_select(&policies->items[i], "/run");
	return r;
}

static size_t count_rules(const struct bl_policies *policies)
{
	size_t count = 0;

	for (size_t i = 0; i < policies->count; i++)
		count += policies->items[i].rules_count + policies->items[i].syscalls.rules_count;
	return count;
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

static void print_summary(const struct bl_policies *policies, const struct bl_diags *diags)
{
	size_t warnings = diags->count > diags->errors ? diags->count - diags->errors : 0;
	size_t rules = count_rules(policies);

	if (diags->errors) {
		printf("not valid: %zu error%s, %zu warning%s\n", diags->errors,
		       plural(diags->errors), warnings, plural(warnings));
		return;
	}
	printf("valid: %zu %s, %zu rule%s, %zu warning%s\n", policies->count,
	       policies->count == 1 ? "policy" : "policies", rules, plural(rules), warnings,
	       plural(warnings));
}

enum bl_exit bl_cmd_check(int argc, char **argv)
{
	struct bl_diags diags = {0};
	struct bl_policies policies = {0};
	bool is_for_run = argc > 1 && !strcmp(argv[1], "--run");
	int first = is_for_run ? 2 : 1;
	enum bl_exit code;
	int r;

	if (argc <= first)
		return bl_cmd_usage(argv[0], "expected a policy file or a directory");
	for (int i = first; i < argc; i++) {
		if (argv[i][0] == '-')
			return bl_cmd_usage(argv[0], "unknown option '%s'", argv[i]);
	}

	r = load((const char *const *)(argv + first), (size_t)(argc - first), is_for_run, &diags,
		 &policies);
	if (!r) {
		bl_policies_check(&policies, &diags);
		if (is_for_run)
			bl_syscall_check(&policies, &diags);
		r = bl_probe_check_policies(&policies, BL_SEVERITY_WARNING, &diags);
		/* A kernel that does not show what it has is not warned of. */
		if (r != -ENOMEM)
			r = check_size(&policies, &diags);
	}

	bl_cmd_print_diags(&diags);
	if (r == -ENOMEM) {
		code = bl_cmd_out_of_memory(argv[0]);
	} else if (r < 0 && !diags.errors) {
		fprintf(stderr, "bailiff check: cannot compile the policies: %s\n", strerror(-r));
		code = BL_EXIT_INTERNAL;
	} else {
		print_summary(&policies, &diags);
		code = diags.errors ? BL_EXIT_DENIED : BL_EXIT_OK;
	}
	bl_policies_fini(&policies);
	bl_diags_fini(&diags);
	return code;
}
