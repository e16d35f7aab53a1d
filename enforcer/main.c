// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/util.h"

/* clang-format off */
const struct bl_verb bl_verbs[] = {
	{"check", "FILE|DIR...", "Reads policies and says everything that is wrong with them",
	 "A directory stands for its *.ini files, in byte order of their names.\n"
	 "Errors and warnings go to standard error as FILE:LINE:COLUMN: MESSAGE.\n\n"
	 "Exit codes: 0 valid, warnings or not; 1 not valid; 2 usage.\n",
	 bl_cmd_check},
	{"help", "[VERB]", "Lists the verbs, or explains one",
	 "Exit codes: 0; 2 usage.\n",
	 bl_cmd_help},
};
/* clang-format on */
const size_t bl_verbs_count = BL_ARRAY_LEN(bl_verbs);

static bool wants_help(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
			return true;
	}
	return false;
}

int main(int argc, char **argv)
{
	static char help[] = "help";
	char *help_argv[] = {help, NULL};
	const struct bl_verb *verb;

	if (argc < 2)
		return bl_cmd_usage("help", "expected a verb");
	if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h"))
		return bl_cmd_help(1, help_argv);
	if (!strcmp(argv[1], "--version")) {
		puts("bailiff " BL_VERSION);
		return BL_EXIT_OK;
	}

	verb = bl_cmd_find(argv[1]);
	if (!verb)
		return bl_cmd_usage("help", "unknown verb '%s'", argv[1]);
	if (wants_help(argc - 1, argv + 1)) {
		bl_cmd_print_help(verb);
		return BL_EXIT_OK;
	}
	return verb->run(argc - 1, argv + 1);
}
