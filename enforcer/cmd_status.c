// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/control.h"
#include "enforcer/event.h"
#include "enforcer/kept.h"
#include "enforcer/lock.h"
#include "enforcer/log.h"
#include "enforcer/status.h"
#include "enforcer/util.h"

static void free_sensor(struct bl_sensor **sensor)
{
	bl_sensor_free(*sensor);
}

/* The daemon may have to hang up on some others that say nothing, before. */
#define ANSWER_MS (4 * BL_CONTROL_TIMEOUT_MS)

static enum bl_exit print_status(struct json_object *status, bool is_json)
{
	bl_cleanup_free char *line = NULL;
	size_t len;

	if (is_json) {
		line = bl_json_line(status, &len);
		if (!line)
			return bl_cmd_out_of_memory("status");
		fwrite(line, 1, len, stdout);
	} else {
		bl_status_print(stdout, status, isatty(STDOUT_FILENO));
	}
	return bl_json_get_bool(status, "in_force") ? BL_EXIT_OK : BL_EXIT_KERNEL;
}

/* 0: a daemon answered. -ENOENT: there is none. */
static int ask_daemon(const struct bl_config *config, struct json_object **ret_status,
		      pid_t *ret_pid)
{
	bl_cleanup_free char *socket = bl_config_run_path(config, BL_CONFIG_SOCKET);
	bl_cleanup_free char *lock = bl_config_run_path(config, BL_CONFIG_PID_FILE);
	bl_cleanup_free char *message = NULL;
	pid_t pid = 0;
	int r;

	if (!socket || !lock)
		return -ENOMEM;
	r = bl_control_ask(socket, "status", ANSWER_MS, ret_status, &message);
	if (r == -EREMOTEIO) {
		bl_log(BL_LOG_ERROR, "status", "the daemon answers: %s", message);
		return -EREMOTEIO;
	}
	if (r != -ENOENT && r != -ECONNREFUSED)
		return r;
	if (bl_lock_holder(lock, &pid) == 0)
		*ret_pid = pid; /* one that is just starting */
	return -ENOENT;
}

/* What waits to be confirmed, told by what is kept. 0 also if nothing is. */
static int add_kept(const char *state_dir, struct json_object *status)
{
	bl_cleanup(bl_kept_fini) struct bl_kept kept = {0};
	bl_cleanup_close int dir = open(state_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char boot[BL_BOOT_ID_LEN + 1];
	int r;

	if (dir < 0)
		return errno == ENOENT ? 0 : -errno;
	r = bl_kept_load(dir, &kept);
	if (r == 0)
		r = bl_boot_id(boot);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	return bl_kept_describe(&kept, bl_kept_left_ms(&kept, bl_time_boot() / 1000000, boot),
				status)
		       ? 0
		       : -ENOMEM;
}

static enum bl_exit read_pins(const struct bl_config *config, bool is_json)
{
	const char *pin_dir = config->pin_dir;
	bl_cleanup(free_sensor) struct bl_sensor *sensor = NULL;
	bl_cleanup_json struct json_object *status = NULL;
	int r;

	r = bl_sensor_adopt(pin_dir, &sensor);
	if (r == -ENOENT) {
		if (is_json)
			printf("{\"version\":\"%s\",\"in_force\":false}\n", BL_VERSION);
		else
			printf("No daemon is running, and nothing is in force.\n");
		return BL_EXIT_KERNEL;
	}
	if (r == -ESTALE) {
		bl_log(BL_LOG_ERROR, "status",
		       "no daemon is running; what is pinned in '%s' was made by another version, which can tell",
		       pin_dir);
		return BL_EXIT_INTERNAL;
	}
	if (r == 0)
		r = bl_status_build(sensor, NULL, &status);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "status", "what is pinned in '%s' cannot be read: %s%s",
		       pin_dir, strerror(-r), bl_cmd_engine_hint(r));
		return BL_EXIT_INTERNAL;
	}
	r = add_kept(config->state_dir, status);
	if (r < 0)
		bl_log(BL_LOG_WARNING, "status", "what is kept in '%s' cannot be read: %s",
		       config->state_dir, strerror(-r));
	return print_status(status, is_json);
}

static enum bl_exit show(const struct bl_config *config, bool is_json)
{
	bl_cleanup_json struct json_object *status = NULL;
	pid_t pid = 0;
	int r;

	r = ask_daemon(config, &status, &pid);
	if (r == 0)
		return print_status(status, is_json);
	if (r == -ENOENT && pid > 0)
		bl_log(BL_LOG_WARNING, "status", "the daemon with pid %d does not answer yet",
		       (int)pid);
	if (r == -ENOENT)
		return read_pins(config, is_json);
	if (r == -ENOMEM)
		return bl_cmd_out_of_memory("status");
	if (r != -EREMOTEIO)
		bl_log(BL_LOG_ERROR, "status", "the daemon in '%s' does not answer: %s%s",
		       config->run_dir, strerror(-r),
		       r == -EACCES || r == -EPROTO ? "; run as root" : "");
	return BL_EXIT_INTERNAL;
}

enum bl_exit bl_cmd_status(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	enum bl_exit exit_code = bl_engine_options_read(argc, argv, true, &options);

	return exit_code == BL_EXIT_OK ? show(&options.config, options.is_json) : exit_code;
}
