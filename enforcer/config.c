// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/config.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/ini_text.h"
#include "enforcer/read_file.h"
#include "enforcer/secret.h"
#include "enforcer/sensor.h"
#include "enforcer/util.h"

#define CONFIG_BYTES_MAX   (1u << 20)
#define DEFAULT_POLICIES   BL_CONFIG_DIR "/policies.d"
#define DEFAULT_EVENTS     "/var/log/bailiff/events.jsonl"
#define DEFAULT_RUN_DIR    "/run/bailiff"
#define DEFAULT_STATE_DIR  "/var/lib/bailiff"
#define DEFAULT_RING_BYTES (4u << 20)

struct reading {
	const char *file;
	struct bl_diags *diags;
	struct bl_config *config;
	const char *section; /* one of the table's, or NULL in one that is not known */
	const struct key *seen[16];
	size_t seen_count;
	bool has_policies;
};

/*
 * Returns NULL when value was taken, else what was expected instead. -ENOMEM goes through
 * *ret_error.
 */
struct key {
	const char *section;
	const char *name;
	bool is_list;
	const char *(*set)(struct reading *reading, const char *value, int *ret_error);
};

int bl_config_set_string(char **field, const char *value)
{
	char *copy = NULL;

	if (value) {
		copy = strdup(value);
		if (!copy)
			return -ENOMEM;
	}
	free(*field);
	*field = copy;
	return 0;
}

static int add_policies(struct bl_config *config, const char *path)
{
	char **grown = reallocarray(config->policies, config->policies_count + 1, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	config->policies = grown;
	grown[config->policies_count] = strdup(path);
	if (!grown[config->policies_count])
		return -ENOMEM;
	config->policies_count++;
	return 0;
}

static void clear_policies(struct bl_config *config)
{
	for (size_t i = 0; i < config->policies_count; i++)
		free(config->policies[i]);
	config->policies_count = 0;
}

int bl_config_set_policies(struct bl_config *config, const char *path)
{
	clear_policies(config);
	return add_policies(config, path);
}

static const char *set_path(char **field, const char *value, int *ret_error)
{
	if (value[0] != '/')
		return "an absolute path";
	*ret_error = bl_config_set_string(field, value);
	return NULL;
}

static const char *set_bool(bool *field, const char *value)
{
	if (strcmp(value, "yes") != 0 && strcmp(value, "no") != 0)
		return "'yes' or 'no'";
	*field = value[0] == 'y';
	return NULL;
}

static const char *set_policies(struct reading *reading, const char *value, int *ret_error)
{
	if (value[0] != '/')
		return "an absolute path";
	if (!reading->has_policies)
		clear_policies(reading->config);
	reading->has_policies = true;
	*ret_error = add_policies(reading->config, value);
	return NULL;
}

static const char *set_events_file(struct reading *reading, const char *value, int *ret_error)
{
	if (strcmp(value, "none") == 0) {
		*ret_error = bl_config_set_string(&reading->config->events_file, NULL);
		return NULL;
	}
	return set_path(&reading->config->events_file, value, ret_error)
		       ? "an absolute path, or 'none'"
		       : NULL;
}

static const char *set_stdout(struct reading *reading, const char *value, int *ret_error)
{
	return set_bool(&reading->config->is_stdout, value);
}

static const char *set_node(struct reading *reading, const char *value, int *ret_error)
{
	if (value[0] == '\0')
		return "a name";
	*ret_error = bl_config_set_string(&reading->config->node, value);
	return NULL;
}

static const char *set_pin_dir(struct reading *reading, const char *value, int *ret_error)
{
	return set_path(&reading->config->pin_dir, value, ret_error);
}

static const char *set_cgroup_root(struct reading *reading, const char *value, int *ret_error)
{
	return set_path(&reading->config->cgroup_root, value, ret_error);
}

static const char *set_run_dir(struct reading *reading, const char *value, int *ret_error)
{
	return set_path(&reading->config->run_dir, value, ret_error);
}

static const char *set_state_dir(struct reading *reading, const char *value, int *ret_error)
{
	return set_path(&reading->config->state_dir, value, ret_error);
}

static const char *set_ring_size(struct reading *reading, const char *value, int *ret_error)
{
	static const char expected[] = "a power of two from 64K to 1G, such as '4M'";
	unsigned long long size;
	char *end;

	errno = 0;
	if (!isdigit((unsigned char)value[0]))
		return expected;
	size = strtoull(value, &end, 10);
	if (errno != 0 || size > BL_CONFIG_RING_MAX)
		return expected;
	if (strcmp(end, "K") == 0)
		size <<= 10;
	else if (strcmp(end, "M") == 0)
		size <<= 20;
	else if (strcmp(end, "G") == 0)
		size <<= 30;
	else if (*end != '\0')
		return expected;
	if (size < BL_CONFIG_RING_MIN || size > BL_CONFIG_RING_MAX || (size & (size - 1)) != 0)
		return expected;
	reading->config->ring_bytes = (size_t)size;
	return NULL;
}

static const char *set_log_level(struct reading *reading, const char *value, int *ret_error)
{
	if (!bl_log_parse_level(value, &reading->config->log_level))
		return "'error', 'warning', 'info' or 'debug'";
	return NULL;
}

static const char *set_audit(struct reading *reading, const char *value, int *ret_error)
{
	return set_bool(&reading->config->is_audit_forced, value);
}

static const char *set_sandbox(struct reading *reading, const char *value, int *ret_error)
{
	return set_bool(&reading->config->is_sandboxed, value);
}

static const char *set_seal(struct reading *reading, const char *value, int *ret_error)
{
	return set_bool(&reading->config->is_sealed, value);
}

static const char *set_unseal_hash(struct reading *reading, const char *value, int *ret_error)
{
	bool is_none = strcmp(value, "none") == 0;

	if (!is_none && !bl_secret_is_hash(value))
		return "what 'bailiff unseal --hash' prints, or 'none'";
	*ret_error = bl_config_set_string(&reading->config->unseal_hash, is_none ? NULL : value);
	return NULL;
}

/* The man page and packaging/bailiff.ini describe each row; tests hold them against this table. */
static const struct key keys[] = {
	{"policies", "path", true, set_policies},
	{"records", "file", false, set_events_file},
	{"records", "stdout", false, set_stdout},
	{"records", "node", false, set_node},
	{"kernel", "pin_dir", false, set_pin_dir},
	{"kernel", "cgroup_root", false, set_cgroup_root},
	{"kernel", "ring_size", false, set_ring_size},
	{"daemon", "run_dir", false, set_run_dir},
	{"daemon", "state_dir", false, set_state_dir},
	{"daemon", "log_level", false, set_log_level},
	{"daemon", "audit", false, set_audit},
	{"daemon", "sandbox", false, set_sandbox},
	{"daemon", "seal", false, set_seal},
	{"daemon", "unseal_hash", false, set_unseal_hash},
};
_Static_assert(BL_ARRAY_LEN(keys) <= BL_ARRAY_LEN(((struct reading *)0)->seen),
	       "config: seen[] is too short");

/* "'a', 'b', 'c'": the sections, or the keys of one section. */
static void list_words(const char *section, char *words, size_t size)
{
	const char *last = "";
	size_t used = 0;

	words[0] = '\0';
	for (size_t i = 0; i < BL_ARRAY_LEN(keys); i++) {
		const char *word = section ? keys[i].name : keys[i].section;

		if (section && strcmp(keys[i].section, section) != 0)
			continue;
		if (!section && strcmp(word, last) == 0)
			continue;
		last = word;
		used += (size_t)snprintf(words + used, size - used, "%s'%s'", used ? ", " : "",
					 word);
		if (used >= size)
			return;
	}
}

static int handle_section(void *context, const char *name, struct bl_source source)
{
	struct reading *reading = context;
	char words[128];

	reading->section = NULL;
	for (size_t i = 0; i < BL_ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].section, name) == 0)
			reading->section = keys[i].section;

	if (!reading->section) {
		list_words(NULL, words, sizeof(words));
		bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, source.line,
			     source.column, "unknown section '%s'; expected one of %s", name,
			     words);
	}
	return 0;
}

static bool is_repeated(struct reading *reading, const struct key *key)
{
	for (size_t i = 0; i < reading->seen_count; i++)
		if (reading->seen[i] == key)
			return !key->is_list;
	reading->seen[reading->seen_count++] = key;
	return false;
}

static int handle_item(void *context, const struct bl_ini_item *item)
{
	struct reading *reading = context;
	const char *expected;
	char words[128];
	int error = 0;

	if (!reading->section)
		return 0; /* its header is an error already */

	for (size_t i = 0; i < BL_ARRAY_LEN(keys); i++) {
		if (strcmp(keys[i].section, reading->section) != 0 ||
		    strcmp(keys[i].name, item->key) != 0)
			continue;
		if (is_repeated(reading, &keys[i])) {
			bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, item->line,
				     item->key_column, "'%s' is given twice", item->key);
			return 0;
		}
		expected = keys[i].set(reading, item->value, &error);
		if (expected)
			bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, item->line,
				     item->value_column,
				     "'%s' is not a value for '%s'; expected %s", item->value,
				     item->key, expected);
		return error;
	}

	list_words(reading->section, words, sizeof(words));
	bl_diags_add(reading->diags, BL_SEVERITY_ERROR, reading->file, item->line, item->key_column,
		     "unknown key '%s' in [%s]; expected one of %s", item->key, reading->section,
		     words);
	return 0;
}

int bl_config_init(struct bl_config *config)
{
	char node[HOST_NAME_MAX + 1] = "";

	if (gethostname(node, sizeof(node) - 1) < 0 || node[0] == '\0')
		snprintf(node, sizeof(node), "localhost");

	*config = (struct bl_config){
		.ring_bytes = DEFAULT_RING_BYTES,
		.log_level = BL_LOG_INFO,
		.is_sandboxed = true,
	};
	if (add_policies(config, DEFAULT_POLICIES) < 0 ||
	    bl_config_set_string(&config->events_file, DEFAULT_EVENTS) < 0 ||
	    bl_config_set_string(&config->node, node) < 0 ||
	    bl_config_set_string(&config->pin_dir, BL_PIN_DIR) < 0 ||
	    bl_config_set_string(&config->run_dir, DEFAULT_RUN_DIR) < 0 ||
	    bl_config_set_string(&config->state_dir, DEFAULT_STATE_DIR) < 0) {
		bl_config_fini(config);
		return -ENOMEM;
	}
	return 0;
}

void bl_config_fini(struct bl_config *config)
{
	clear_policies(config);
	free(config->policies);
	free(config->events_file);
	free(config->node);
	free(config->pin_dir);
	free(config->cgroup_root);
	free(config->run_dir);
	free(config->state_dir);
	free(config->unseal_hash);
	*config = (struct bl_config){0};
}

int bl_config_parse(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		    struct bl_config *ret_config)
{
	static const struct bl_ini_handler handler = {
		.section = handle_section,
		.item = handle_item,
	};
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	struct reading reading = {.file = file, .diags = diags, .config = &config};
	size_t errors = diags->errors;
	int r;

	r = bl_config_init(&config);
	if (r < 0)
		return r;
	r = bl_ini_read(text, text_len, file, diags, &handler, &reading);
	if (r < 0)
		return r;
	if (diags->errors > errors)
		return -EINVAL;

	*ret_config = config;
	config = (struct bl_config){0};
	return 0;
}

int bl_config_load(const char *file, struct bl_diags *diags, struct bl_config *ret_config)
{
	bl_cleanup_free char *text = NULL;
	size_t len = 0;
	int r;

	r = bl_read_file(file ? file : BL_CONFIG_FILE, CONFIG_BYTES_MAX, &text, &len);
	if (r == -ENOENT && !file)
		return bl_config_init(ret_config);
	if (r == -ENOMEM)
		return r;
	if (r < 0) {
		bl_diags_add(diags, BL_SEVERITY_ERROR, file ? file : BL_CONFIG_FILE, 0, 0,
			     "cannot be read: %s",
			     r == -EINVAL ? "it is not a regular file" : strerror(-r));
		return r;
	}
	return bl_config_parse(text, len, file ? file : BL_CONFIG_FILE, diags, ret_config);
}

char *bl_config_run_path(const struct bl_config *config, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", config->run_dir, name) < 0 ? NULL : path;
}
