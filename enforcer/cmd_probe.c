// SPDX-License-Identifier: GPL-2.0-or-later
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/config.h"
#include "enforcer/escape.h"
#include "enforcer/json.h"
#include "enforcer/log.h"
#include "enforcer/probe.h"
#include "enforcer/util.h"

enum option_name {
	OPTION_JSON = 1,
	OPTION_CONFIG,
	OPTION_PIN_DIR,
};

static const struct option long_options[] = {
	{"json", no_argument, NULL, OPTION_JSON},
	{"config", required_argument, NULL, OPTION_CONFIG},
	{"pin-dir", required_argument, NULL, OPTION_PIN_DIR},
	{NULL, 0, NULL, 0},
};

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
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup(bl_probe_fini) struct bl_probe probe = {0};
	const char *config_file = NULL;
	const char *pin_dir = NULL;
	bool is_json = false;
	int option;
	int r;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:", long_options, NULL)) >= 0) {
		switch (option) {
		case OPTION_JSON:
			is_json = true;
			break;
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
		return bl_cmd_usage("probe", "unexpected argument '%s'", argv[optind]);

	r = bl_config_load(config_file, &diags, &config);
	bl_cmd_print_diags(&diags);
	if (r < 0)
		return diags.errors > 0 ? BL_EXIT_DENIED : bl_cmd_out_of_memory("probe");
	bl_log_capture_libbpf();
	r = bl_probe_run(pin_dir ? pin_dir : config.pin_dir, config.cgroup_root, true, &probe);
	if (r < 0)
		return bl_cmd_out_of_memory("probe");
	if (!is_json)
		print_text(&probe);
	else if (print_json(&probe) < 0)
		return bl_cmd_out_of_memory("probe");
	return bl_probe_can_enforce(&probe) ? BL_EXIT_OK : BL_EXIT_KERNEL;
}
