// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/util.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_RETURN,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"return", no_argument, NULL, OPTION_RETURN},
	{NULL, 0, NULL, 0},
};

static struct json_object *new_request(const char *name)
{
	bl_cleanup_json struct json_object *request = json_object_new_object();

	if (!request || !bl_json_add_string(request, "request", name))
		return NULL;
	return TAKE(request);
}

static enum bl_exit confirm(const struct bl_config *config, bool is_return)
{
	bl_cleanup_json struct json_object *request = new_request(is_return ? "return" : "confirm");
	bl_cleanup_json struct json_object *reply = NULL;
	enum bl_exit exit_code;

	exit_code = bl_engine_ask("confirm", config, request, &reply);
	if (exit_code == BL_EXIT_OK)
		exit_code = bl_engine_outcome("confirm", reply);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	if (is_return)
		printf("Generation %" PRIu64
		       " is in force: what was before the reload has returned.\n"
		       "The files say something else: change them, then 'bailiff reload'.\n",
		       bl_json_get_u64(reply, "generation"));
	else
		printf("Generation %" PRIu64 " is confirmed.\n",
		       bl_json_get_u64(reply, "generation"));
	return BL_EXIT_OK;
}

enum bl_exit bl_cmd_confirm(int argc, char **argv)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	const char *config_file = NULL;
	bool is_return = false;
	enum bl_exit exit_code;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			config_file = optarg;
			break;
		case OPTION_RETURN:
			is_return = true;
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage("confirm", "unexpected argument '%s'", argv[optind]);
	exit_code = bl_engine_config("confirm", config_file, NULL, &config);
	return exit_code == BL_EXIT_OK ? confirm(&config, is_return) : exit_code;
}
