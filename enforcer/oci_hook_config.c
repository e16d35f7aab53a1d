// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/oci_hook_config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/ini_text.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

#define CONFIG_BYTES_MAX (64u << 10)
#define DEFAULT_SOCKET   "/run/bailiff/bailiff.sock"

struct reading {
	const char *file;
	struct bl_diags *diags;
	struct bl_hook_config config;
	bool is_section_known;
	unsigned seen; /* bit n: keys[n] was given */
};

void bl_hook_config_fini(struct bl_hook_config *config)
{
	free(config->socket);
	*config = (struct bl_hook_config){0};
}

/* Each returns NULL when value was taken, else what was expected instead. */
static const char *set_on_unavailable(struct bl_hook_config *config, const char *value)
{
	if (strcmp(value, "refuse") != 0 && strcmp(value, "allow") != 0)
		return "'refuse' or 'allow'";
	config->is_refusing = strcmp(value, "refuse") == 0;
	return NULL;
}

static const char *set_timeout(struct bl_hook_config *config, const char *value)
{
	static const char expected[] = "a time from 1ms to 60s, such as '2s' or '500ms'";
	unsigned long number;
	char *unit;

	if (value[0] < '0' || value[0] > '9')
		return expected;
	errno = 0;
	number = strtoul(value, &unit, 10);
	if (errno || number > BL_HOOK_TIMEOUT_MS_MAX)
		return expected;
	if (strcmp(unit, "s") == 0)
		number *= 1000;
	else if (strcmp(unit, "ms") != 0)
		return expected;
	if (number == 0 || number > BL_HOOK_TIMEOUT_MS_MAX)
		return expected;
	config->timeout_ms = (unsigned)number;
	return NULL;
}

static const char *set_socket(struct bl_hook_config *config, const char *value)
{
	char *copy;

	if (value[0] != '/')
		return "an absolute path";
	copy = strdup(value);
	if (!copy)
		return "more memory than there is";
	free(config->socket);
	config->socket = copy;
	return NULL;
}

static const struct key {
	const char *name;
	const char *(*set)(struct bl_hook_config *config, const char *value);
} keys[] = {
	{"on_unavailable", set_on_unavailable},
	{"timeout", set_timeout},
	{"socket", set_socket},
};

static int handle_section(void *context, const char *name, struct bl_source source)
{
	struct reading *reading = context;

	reading->is_section_known = strcmp(name, "hook") == 0;
	if (!reading->is_section_known)
		bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, source.line,
			     source.column, "unknown section '%s'; expected 'hook'", name);
	return 0;
}

static int handle_item(void *context, const struct bl_ini_item *item)
{
	struct reading *reading = context;
	const char *expected;
	size_t i = 0;

	if (!reading->is_section_known)
		return 0; /* its header is an error already */
	while (i < BL_ARRAY_LEN(keys) && strcmp(keys[i].name, item->key) != 0)
		i++;
	if (i == BL_ARRAY_LEN(keys)) {
		bl_diags_add(
			reading->diags, BL_SEVERITY_ERROR, reading->file, item->line,
			item->key_column,
			"unknown key '%s' in [hook]; expected one of 'on_unavailable', 'timeout', 'socket'",
			item->key);
		return 0;
	}
	if (reading->seen & 1u << i) {
		bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, item->line,
			     item->key_column, "'%s' is given twice", item->key);
		return 0;
	}
	reading->seen |= 1u << i;
	expected = keys[i].set(&reading->config, item->value);
	if (expected)
		bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, item->line,
			     item->value_column, "'%s' is not a value for '%s'; expected %s",
			     item->value, item->key, expected);
	return 0;
}

static int read_text(struct reading *reading)
{
	static const struct bl_ini_handler handler = {
		.section = handle_section,
		.item = handle_item,
	};
	bl_cleanup_free char *text = NULL;
	size_t errors = reading->diags->errors;
	size_t len = 0;
	int r;

	r = bl_read_file(reading->file, CONFIG_BYTES_MAX, &text, &len);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, 0, 0,
			     "cannot be read: %s",
			     r == -EINVAL ? "it is not a regular file" : strerror(-r));
		return r;
	}
	r = bl_ini_read(text, len, reading->file, reading->diags, &handler, reading);
	return r == 0 && reading->diags->errors > errors ? -EINVAL : r;
}

int bl_hook_config_load(const char *file, struct bl_diags *diags, struct bl_hook_config *ret_config)
{
	struct reading reading = {
		.file = file,
		.diags = diags,
		.config = {.timeout_ms = BL_HOOK_TIMEOUT_MS, .socket = strdup(DEFAULT_SOCKET)},
	};
	int r = reading.config.socket ? read_text(&reading) : -ENOMEM;

	if (r < 0) {
		bl_hook_config_fini(&reading.config);
		return r;
	}
	*ret_config = reading.config;
	return 0;
}
