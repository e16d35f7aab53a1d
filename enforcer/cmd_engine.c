// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/cmd_engine.h"

#include <errno.h>
#include <getopt.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/log.h"
#include "enforcer/seal.h"
#include "enforcer/util.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_PIN_DIR,
	OPTION_JSON,
};

/* --json stands last, so that leaving it out is leaving a row out. */
static const struct option with_json[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{"json", no_argument, NULL, OPTION_JSON},
	{NULL, 0, NULL, 0},
};

static const struct option without_json[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{NULL, 0, NULL, 0},
};

void bl_engine_options_fini(struct bl_engine_options *options)
{
	bl_config_fini(&options->config);
}

enum bl_exit bl_engine_options_read(int argc, char **argv, bool has_json,
				    struct bl_engine_options *ret_options)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	const char *config_file = NULL;
	const char *pin_dir = NULL;
	int option;
	int r;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", has_json ? with_json : without_json,
				     NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			config_file = optarg;
			break;
		case OPTION_PIN_DIR:
			pin_dir = optarg;
			break;
		case OPTION_JSON:
			options.is_json = true;
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage(argv[0], "unexpected argument '%s'", argv[optind]);

	r = bl_config_load(config_file, &diags, &options.config);
	bl_cmd_print_diags(&diags);
	if (r < 0 && diags.errors > 0)
		return BL_EXIT_DENIED;
	if (r == 0 && pin_dir)
		r = bl_config_set_string(&options.config.pin_dir, pin_dir);
	if (r < 0)
		return bl_cmd_out_of_memory(argv[0]);

	bl_log_capture_libbpf();
	*ret_options = options;
	options = (struct bl_engine_options){0};
	return BL_EXIT_OK;
}

const char *bl_cmd_engine_hint(int error)
{
	if (error != -EPERM && error != -EACCES)
		return "";
	return geteuid() == 0 ? BL_SEAL_HINT : "; run as root";
}
