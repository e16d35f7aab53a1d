// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>

#include "enforcer/cmd.h"
#include "enforcer/daemon.h"
#include "enforcer/log.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_POLICIES,
	OPTION_EVENTS,
	OPTION_PIN_DIR,
	OPTION_AUDIT,
	OPTION_STDOUT,
	OPTION_NO_SANDBOX,
	OPTION_SEAL,
	OPTION_LOG_LEVEL,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"policies", required_argument, NULL, OPTION_POLICIES},
	{"events", required_argument, NULL, OPTION_EVENTS},
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{"audit", no_argument, NULL, OPTION_AUDIT},
	{"stdout", no_argument, NULL, OPTION_STDOUT},
	{"no-sandbox", no_argument, NULL, OPTION_NO_SANDBOX},
	{"seal", no_argument, NULL, OPTION_SEAL},
	{"log-level", required_argument, NULL, OPTION_LOG_LEVEL},
	{NULL, 0, NULL, 0},
};

enum bl_exit bl_cmd_daemon(int argc, char **argv)
{
	struct bl_daemon_options options = {.log_level = -1};
	enum bl_log_level level;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			options.config_file = optarg;
			break;
		case OPTION_POLICIES:
			options.policies = optarg;
			break;
		case OPTION_EVENTS:
			options.events_file = optarg;
			break;
		case OPTION_PIN_DIR:
			options.pin_dir = optarg;
			break;
		case OPTION_AUDIT:
			options.is_audit_forced = true;
			break;
		case OPTION_STDOUT:
			options.is_stdout = true;
			break;
		case OPTION_NO_SANDBOX:
			options.is_sandbox_off = true;
			break;
		case OPTION_SEAL:
			options.is_sealed = true;
			break;
		case OPTION_LOG_LEVEL:
			if (!bl_log_parse_level(optarg, &level))
				return bl_cmd_usage(
					"daemon", "'%s' is no level: error, warning, info or debug",
					optarg);
			options.log_level = (int)level;
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage("daemon", "unexpected argument '%s'", argv[optind]);

	bl_log_capture_libbpf();
	return bl_daemon_run(&options);
}
