// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/control.h"
#include "enforcer/json.h"
#include "enforcer/log.h"
#include "enforcer/util.h"

#define ANSWER_MS (4 * BL_CONTROL_TIMEOUT_MS)

enum column {
	COLUMN_NAME,
	COLUMN_RUNTIME,
	COLUMN_IMAGE,
	COLUMN_POLICIES,
	COLUMN_MODE,
	COLUMN_TASKS,
	COLUMN_DENIED,
	COLUMN_COUNT,
};

static const char *const titles[] = {
	[COLUMN_NAME] = "NAME",         [COLUMN_RUNTIME] = "RUNTIME", [COLUMN_IMAGE] = "IMAGE",
	[COLUMN_POLICIES] = "POLICIES", [COLUMN_MODE] = "MODE",       [COLUMN_TASKS] = "TASKS",
	[COLUMN_DENIED] = "DENIED",
};
_Static_assert(BL_ARRAY_LEN(titles) == COLUMN_COUNT, "a title for every column");

struct row {
	char *cells[COLUMN_COUNT];
};

static void free_rows(struct row **rows)
{
	for (struct row *row = *rows; row && row->cells[0]; row++)
		for (size_t i = 0; i < COLUMN_COUNT; i++)
			free(row->cells[i]);
	free(*rows);
}

static const char *text_of(struct json_object *container, const char *const *keys)
{
	for (; *keys; keys++) {
		const char *text = bl_json_get_string(container, *keys);

		if (text)
			return text;
	}
	return "-";
}

/* "front/web" of a container in a pod. What is in the answer was escaped when it was made. */
static char *name_of(struct json_object *container)
{
	static const char *const keys[] = {"name", "unit", "runtime_id", "cgroup", NULL};
	const char *pod = bl_json_get_string(container, "pod");
	char *name;

	if (asprintf(&name, "%s%s%s", pod ? pod : "", pod ? "/" : "", text_of(container, keys)) < 0)
		return NULL;
	return name;
}

static char *policies_of(struct json_object *container)
{
	struct json_object *names = bl_json_get(container, "policies", json_type_array);
	size_t count = names ? json_object_array_length(names) : 0;
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	for (size_t i = 0; i < count; i++)
		fprintf(out, "%s%s", i ? "," : "",
			json_object_get_string(json_object_array_get_idx(names, i)));
	if (!count)
		fputs("-", out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* Of what nothing is bound to nothing is counted. */
static char *number_of(struct json_object *container, const char *key, bool is_bound)
{
	char *text;

	if (!is_bound)
		return strdup("-");
	return asprintf(&text, "%" PRIu64, bl_json_get_u64(container, key)) < 0 ? NULL : text;
}

static bool fill_row(struct json_object *container, struct row *row)
{
	static const char *const runtime[] = {"runtime", NULL};
	static const char *const image[] = {"image", NULL};
	static const char *const mode[] = {"mode", NULL};
	struct json_object *names = bl_json_get(container, "policies", json_type_array);
	bool is_bound = names && json_object_array_length(names) > 0;

	row->cells[COLUMN_NAME] = name_of(container);
	row->cells[COLUMN_RUNTIME] = strdup(text_of(container, runtime));
	row->cells[COLUMN_IMAGE] = strdup(text_of(container, image));
	row->cells[COLUMN_POLICIES] = policies_of(container);
	row->cells[COLUMN_MODE] = strdup(is_bound ? text_of(container, mode) : "-");
	row->cells[COLUMN_TASKS] = number_of(container, "tasks", is_bound);
	row->cells[COLUMN_DENIED] = number_of(container, "denied", is_bound);
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		if (!row->cells[i])
			return false;
	return true;
}

static void print_line(const char *const *cells, const int *widths)
{
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		printf("%-*s%s", i + 1 < COLUMN_COUNT ? widths[i] : 0, cells[i],
		       i + 1 < COLUMN_COUNT ? "  " : "\n");
}

static enum bl_exit print_table(struct json_object *containers)
{
	size_t count = json_object_array_length(containers);
	bl_cleanup(free_rows) struct row *rows = calloc(count + 1, sizeof(*rows));
	int widths[COLUMN_COUNT];

	if (!rows)
		return bl_cmd_out_of_memory("ps");
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		widths[i] = (int)strlen(titles[i]);
	for (size_t i = 0; i < count; i++) {
		if (!fill_row(json_object_array_get_idx(containers, i), &rows[i]))
			return bl_cmd_out_of_memory("ps");
		for (size_t k = 0; k < COLUMN_COUNT; k++)
			if ((int)strlen(rows[i].cells[k]) > widths[k])
				widths[k] = (int)strlen(rows[i].cells[k]);
	}
	print_line(titles, widths);
	for (size_t i = 0; i < count; i++)
		print_line((const char *const *)rows[i].cells, widths);
	return BL_EXIT_OK;
}

static enum bl_exit print_answer(struct json_object *ps, bool is_json)
{
	struct json_object *containers = bl_json_get(ps, "containers", json_type_array);
	bl_cleanup_free char *line = NULL;
	size_t len;

	if (!is_json && containers)
		return print_table(containers);
	line = bl_json_line(ps, &len);
	if (!line)
		return bl_cmd_out_of_memory("ps");
	fwrite(line, 1, len, stdout);
	return BL_EXIT_OK;
}

static enum bl_exit show(const struct bl_config *config, bool is_json)
{
	bl_cleanup_free char *socket = bl_config_run_path(config, BL_CONFIG_SOCKET);
	bl_cleanup_free char *message = NULL;
	bl_cleanup_json struct json_object *ps = NULL;
	int r = socket ? bl_control_ask(socket, "ps", ANSWER_MS, &ps, &message) : -ENOMEM;

	if (r == 0)
		return print_answer(ps, is_json);
	if (r == -ENOMEM)
		return bl_cmd_out_of_memory("ps");
	if (r == -ENOENT || r == -ECONNREFUSED) {
		bl_log(BL_LOG_ERROR, "ps",
		       "no daemon is running, which alone knows containers; 'bailiff status' tells what is in force");
		return BL_EXIT_KERNEL;
	}
	if (r == -EREMOTEIO)
		bl_log(BL_LOG_ERROR, "ps", "the daemon answers: %s", message);
	else
		bl_log(BL_LOG_ERROR, "ps", "the daemon in '%s' does not answer: %s%s",
		       config->run_dir, strerror(-r),
		       r == -EACCES || r == -EPROTO ? "; run as root" : "");
	return BL_EXIT_INTERNAL;
}

enum bl_exit bl_cmd_ps(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	enum bl_exit exit_code = bl_engine_options_read(argc, argv, true, &options);

	return exit_code == BL_EXIT_OK ? show(&options.config, options.is_json) : exit_code;
}
