// SPDX-License-Identifier: GPL-2.0-or-later
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/kept.h"
#include "enforcer/util.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_CONFIRM,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"confirm", required_argument, NULL, OPTION_CONFIRM},
	{NULL, 0, NULL, 0},
};

/* "60s", "5m", "1h". false: it is none, or not one that may be asked for. */
static bool parse_time(const char *text, uint64_t *ret_ms)
{
	unsigned long long count;
	uint64_t unit_ms;
	char *end;

	if (!isdigit((unsigned char)*text))
		return false;
	errno = 0;
	count = strtoull(text, &end, 10);
	if (errno != 0 || count > BL_CONFIRM_MS_MAX)
		return false;
	if (!strcmp(end, "s"))
		unit_ms = 1000;
	else if (!strcmp(end, "m"))
		unit_ms = UINT64_C(60) * 1000;
	else if (!strcmp(end, "h"))
		unit_ms = UINT64_C(3600) * 1000;
	else
		return false;
	*ret_ms = count * unit_ms;
	return *ret_ms >= BL_CONFIRM_MS_MIN && *ret_ms <= BL_CONFIRM_MS_MAX;
}

static struct json_object *new_request(uint64_t confirm_ms)
{
	bl_cleanup_json struct json_object *request = json_object_new_object();

	if (!request || !bl_json_add_string(request, "request", "reload") ||
	    (confirm_ms > 0 && !bl_json_add_u64(request, "confirm_within_ms", confirm_ms)))
		return NULL;
	return TAKE(request);
}

static enum bl_exit reload(const struct bl_config *config, uint64_t confirm_ms)
{
	bl_cleanup_json struct json_object *request = new_request(confirm_ms);
	bl_cleanup_json struct json_object *reply = NULL;
	enum bl_exit exit_code;

	exit_code = bl_engine_ask("reload", config, request, &reply);
	if (exit_code == BL_EXIT_OK)
		exit_code = bl_engine_outcome("reload", reply);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
	printf("Generation %" PRIu64 " is in force: %" PRIu64 " policies, %" PRIu64
	       " rules, %" PRIu64 " containers%s.\n",
	       bl_json_get_u64(reply, "generation"), bl_json_get_u64(reply, "policies"),
	       bl_json_get_u64(reply, "rules"), bl_json_get_u64(reply, "containers"),
	       bl_json_get_bool(reply, "audit_forced") ? "; audit only, nothing is denied" : "");
	if (confirm_ms > 0)
		printf("It waits to be confirmed: in %" PRIu64
		       " s what was in force before returns, unless 'bailiff confirm' comes.\n",
		       confirm_ms / 1000);
	return BL_EXIT_OK;
}

enum bl_exit bl_cmd_reload(int argc, char **argv)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	const char *config_file = NULL;
	uint64_t confirm_ms = 0;
	enum bl_exit exit_code;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			config_file = optarg;
			break;
		case OPTION_CONFIRM:
			if (!parse_time(optarg, &confirm_ms))
				return bl_cmd_usage(
					"reload",
					"'%s' is no time to wait for a confirmation: expected such as 60s, 5m or 1h, from 1s to 24h",
					optarg);
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage("reload", "unexpected argument '%s'", argv[optind]);
	exit_code = bl_engine_config("reload", config_file, NULL, &config);
	return exit_code == BL_EXIT_OK ? reload(&config, confirm_ms) : exit_code;
}
