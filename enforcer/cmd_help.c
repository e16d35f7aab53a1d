// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>

#include "enforcer/cmd.h"

static void print_overview(void)
{
	printf("Usage: bailiff VERB [ARGUMENT...]\n\n"
	       "Confines containers and services by policies that the kernel enforces.\n\nVerbs:\n");
	for (size_t i = 0; i < bl_verbs_count; i++)
		printf("  %-8s  %s\n", bl_verbs[i].name, bl_verbs[i].summary);
	printf("\n'bailiff help VERB' says more; so do bailiff(8) and bailiff-policy(5).\n");
}

enum bl_exit bl_cmd_help(int argc, char **argv)
{
	const struct bl_verb *verb;

	if (argc > 2)
		return bl_cmd_usage("help", "expected at most one verb");
	if (argc < 2) {
		print_overview();
		return BL_EXIT_OK;
	}
	verb = bl_cmd_find(argv[1]);
	if (!verb)
		return bl_cmd_usage("help", "unknown verb '%s'", argv[1]);
	bl_cmd_print_help(verb);
	return BL_EXIT_OK;
}
