// SPDX-License-Identifier: GPL-2.0-or-later
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/cmd_engine.h"
#include "enforcer/escape.h"
#include "enforcer/json.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/util.h"

static int print_json(const struct bl_probe *probe)
{
	bl_cleanup_json struct json_object *root = json_object_new_object();
	bl_cleanup_free char *line = NULL;
	struct json_object *items;
	size_t len;

	if (!root || !bl_json_add_bool(root, "can_enforce", bl_probe_can_enforce(probe)))
		return -1;
	items = bl_json_add_array(root, "features");
	if (!items)
		return -1;
	for (size_t i = 0; i < probe->count; i++) {
		const struct bl_probe_item *item = &probe->items[i];
		struct json_object *object = json_object_new_object();

		if (!bl_json_append(items, object) ||
		    !bl_json_add_string(object, "name", item->name) ||
		    !bl_json_add_bool(object, "needed", item->is_needed) ||
		    !bl_json_add_string(object, "state", bl_probe_state_name(item->state)))
			return -1;
		if (item->detail &&
		    !bl_json_add_bytes(object, "detail", item->detail, strlen(item->detail)))
			return -1;
		if (item->state != BL_PROBE_SUPPORTED &&
		    !bl_json_add_string(object, "remedy", item->remedy))
			return -1;
	}
	line = bl_json_line(root, &len);
	if (!line)
		return -1;
	fwrite(line, 1, len, stdout);
	return 0;
}

static const char *color(const struct bl_probe_item *item, bool is_colored)
{
	if (!is_colored)
		return "";
	if (item->state == BL_PROBE_SUPPORTED)
		return "\033[32m";
	return bl_probe_is_in_the_way(item) ? "\033[31m" : "\033[33m";
}

static void print_text(const struct bl_probe *probe)
{
	bool is_colored = isatty(STDOUT_FILENO);

	for (size_t i = 0; i < probe->count; i++) {
		const struct bl_probe_item *item = &probe->items[i];
		bl_cleanup_free char *detail = bl_escape_controls(item->detail ? item->detail : "");

		printf("%-26s  %s%-9s%s  %-8s  %s\n", item->name, color(item, is_colored),
		       bl_probe_state_name(item->state), is_colored ? "\033[0m" : "",
		       item->is_needed ? "needed" : "optional", detail ? detail : "");
		if (item->state != BL_PROBE_SUPPORTED)
			printf("%-26s  -> %s\n", "", item->remedy);
	}
	printf("\n%s\n", bl_probe_can_enforce(probe) ? "Enforcement is possible."
						     : "Enforcement is not possible.");
}

enum bl_exit bl_cmd_probe(int argc, char **argv)
{
	bl_cleanup(bl_engine_options_fini) struct bl_engine_options options = {0};
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};
	enum bl_exit exit_code = bl_engine_options_read(argc, argv, true, &options);

	if (exit_code != BL_EXIT_OK)
		return exit_code;
	if (bl_probe_run(options.config.pin_dir, options.config.cgroup_root, true, &probe) < 0)
		return bl_cmd_out_of_memory("probe");
	if (!options.is_json)
		print_text(&probe);
	else if (print_json(&probe) < 0)
		return bl_cmd_out_of_memory("probe");
	return bl_probe_can_enforce(&probe) ? BL_EXIT_OK : BL_EXIT_KERNEL;
}
