// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/config.h"
#include "enforcer/lock.h"
#include "enforcer/log.h"
#include "enforcer/sensor.h"
#include "enforcer/util.h"

enum option_name {
	OPTION_CONFIG = 1,
	OPTION_PIN_DIR,
};

static const struct option long_options[] = {
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{NULL, 0, NULL, 0},
};

/*
 * A daemon would go on as if its policies were in force. The lock keeps one from starting
 * meanwhile.
 */
static enum bl_exit unload(const struct bl_config *config, const char *pin_dir)
{
	bl_cleanup_free char *lock_path = bl_config_run_path(config, BL_CONFIG_PID_FILE);
	bl_cleanup_close int lock = -1;
	pid_t holder = 0;
	int r;

	if (!lock_path)
		return bl_cmd_out_of_memory("unload");
	r = bl_lock_take(lock_path, &lock, &holder);
	if (r == -EBUSY) {
		bl_log(BL_LOG_ERROR, "unload",
		       "a daemon is running, pid %d; stop it first: systemctl stop bailiff, or kill %d",
		       (int)holder, (int)holder);
		return BL_EXIT_INTERNAL;
	}
	if (r < 0 && r != -ENOENT) { /* without a run directory there was no daemon since boot */
		bl_log(BL_LOG_ERROR, "unload", "'%s' cannot be locked: %s", lock_path,
		       strerror(-r));
		return r == -EACCES ? BL_EXIT_KERNEL : BL_EXIT_INTERNAL;
	}

	r = bl_sensor_unload(pin_dir);
	if (r == -ENOENT) {
		bl_log(BL_LOG_ERROR, "unload", "nothing is pinned in '%s'", pin_dir);
		return BL_EXIT_KERNEL;
	}
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "unload", "what is pinned in '%s' cannot be removed: %s%s",
		       pin_dir, strerror(-r), r == -EPERM || r == -EACCES ? "; run as root" : "");
		return r == -EPERM || r == -EACCES ? BL_EXIT_KERNEL : BL_EXIT_INTERNAL;
	}
	printf("Removed what was pinned in %s. Nothing is enforced any more.\n", pin_dir);
	return BL_EXIT_OK;
}

enum bl_exit bl_cmd_unload(int argc, char **argv)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	const char *config_file = NULL;
	const char *pin_dir = NULL;
	int option;
	int r;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_CONFIG:
			config_file = optarg;
			break;
		case OPTION_PIN_DIR:
			pin_dir = optarg;
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage("unload", "unexpected argument '%s'", argv[optind]);

	r = bl_config_load(config_file, &diags, &config);
	bl_cmd_print_diags(&diags);
	if (r < 0)
		return diags.errors > 0 ? BL_EXIT_DENIED : bl_cmd_out_of_memory("unload");
	bl_log_capture_libbpf();
	return unload(&config, pin_dir ? pin_dir : config.pin_dir);
}
