// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/lock.h"
#include "enforcer/log.h"
#include "enforcer/sensor.h"
#include "enforcer/util.h"

/*
 * A daemon would go on as if its policies were in force. The lock keeps one from starting
 * meanwhile.
 */
static enum bl_exit unload(const struct bl_config *config)
{
	const char *pin_dir = config->pin_dir;
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
		       pin_dir, strerror(-r), bl_cmd_engine_hint(r));
		return r == -EPERM || r == -EACCES ? BL_EXIT_KERNEL : BL_EXIT_INTERNAL;
	}
	printf("Removed what was pinned in %s. Nothing is enforced any more.\n", pin_dir);
	return BL_EXIT_OK;
}

enum bl_exit bl_cmd_unload(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	enum bl_exit exit_code = bl_engine_options_read(argc, argv, false, &options);

	return exit_code == BL_EXIT_OK ? unload(&options.config) : exit_code;
}
