// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/cmd_engine.h"

#include <errno.h>
#include <getopt.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/control.h"
#include "enforcer/escape.h"
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

enum bl_exit bl_engine_config(const char *verb, const char *config_file, const char *pin_dir,
			      struct bl_config *ret_config)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	int r;

	r = bl_config_load(config_file, &diags, &config);
	bl_cmd_print_diags(&diags);
	if (r < 0 && diags.errors > 0)
		return BL_EXIT_DENIED;
	if (r == 0 && pin_dir)
		r = bl_config_set_string(&config.pin_dir, pin_dir);
	if (r < 0)
		return bl_cmd_out_of_memory(verb);
	bl_log_capture_libbpf();
	*ret_config = config;
	config = (struct bl_config){0};
	return BL_EXIT_OK;
}

enum bl_exit bl_engine_options_read(int argc, char **argv, bool has_json,
				    struct bl_engine_options *ret_options)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	const char *config_file = NULL;
	const char *pin_dir = NULL;
	enum bl_exit exit_code;
	int option;

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

	exit_code = bl_engine_config(argv[0], config_file, pin_dir, &options.config);
	if (exit_code != BL_EXIT_OK)
		return exit_code;
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

/* --- asking the daemon --- */

/* It may have to compile and to wait for the kernel, and be at it for somebody else. */
#define ANSWER_MS (10 * 60 * 1000)

static enum bl_exit say_no_answer(const char *verb, const struct bl_config *config, int error)
{
	if (error == -ENOMEM)
		return bl_cmd_out_of_memory(verb);
	if (error == -ENOENT || error == -ECONNREFUSED) {
		bl_log(BL_LOG_ERROR, verb,
		       "no daemon answers in '%s'; start it: systemctl start bailiff",
		       config->run_dir);
		return BL_EXIT_KERNEL;
	}
	bl_log(BL_LOG_ERROR, verb,
	       "the daemon in '%s' does not answer: %s; 'bailiff status' tells what is in force%s",
	       config->run_dir, strerror(-error),
	       error == -EACCES || error == -EPROTO ? ", to root" : "");
	return BL_EXIT_INTERNAL;
}

enum bl_exit bl_engine_ask(const char *verb, const struct bl_config *config,
			   struct json_object *request, struct json_object **ret_reply)
{
	bl_cleanup_free char *socket = bl_config_run_path(config, BL_CONFIG_SOCKET);
	bl_cleanup_free char *message = NULL;
	int r;

	if (!socket || !request)
		return bl_cmd_out_of_memory(verb);
	r = bl_control_request(socket, request, ANSWER_MS, ret_reply, &message);
	if (r == -EREMOTEIO) {
		bl_log(BL_LOG_ERROR, verb, "the daemon answers: %s", message);
		return BL_EXIT_INTERNAL;
	}
	return r < 0 ? say_no_answer(verb, config, r) : BL_EXIT_OK;
}

static void add_diag(struct json_object *object, struct bl_diags *diags)
{
	const char *severity = bl_json_get_string(object, "severity");
	const char *file = bl_json_get_string(object, "file");
	const char *message = bl_json_get_string(object, "message");
	bl_cleanup_free char *file_bytes = bl_unescape(file ? file : "?");
	bl_cleanup_free char *message_bytes = bl_unescape(message ? message : "?");

	bl_diags_add(diags,
		     severity && !strcmp(severity, "warning") ? BL_SEVERITY_WARNING
							      : BL_SEVERITY_ERROR,
		     file_bytes ? file_bytes : "?", (unsigned)bl_json_get_u64(object, "line"),
		     (unsigned)bl_json_get_u64(object, "column"), "%s",
		     message_bytes ? message_bytes : "out of memory");
}

static void print_diags(struct json_object *reply)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct json_object *array = bl_json_get(reply, "diagnostics", json_type_array);

	for (size_t i = 0; array && i < json_object_array_length(array); i++)
		add_diag(json_object_array_get_idx(array, i), &diags);
	bl_cmd_print_diags(&diags);
}

enum bl_exit bl_engine_outcome(const char *verb, struct json_object *reply)
{
	const char *outcome = bl_json_get_string(reply, "outcome");
	const char *reason = bl_json_get_string(reply, "reason");
	const char *cause = bl_json_get_string(reply, "cause");

	print_diags(reply);
	if (!outcome || strcmp(outcome, "refused") != 0)
		return BL_EXIT_OK;
	bl_log(BL_LOG_ERROR, verb, "refused: %s", reason ? reason : "no reason is given");
	return cause && !strcmp(cause, "machine") ? BL_EXIT_INTERNAL : BL_EXIT_DENIED;
}
