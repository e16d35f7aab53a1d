// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/json.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

#define SUFFIX         ".json"
#define NAME_MAX_BYTES 64

/* A byte takes six in JSON at the most. */
#define FILE_BYTES_MAX (6 * BL_RUN_TEXT_MAX + 65536)

void bl_run_fini(struct bl_run *run)
{
	for (size_t i = 0; i < run->texts_count; i++) {
		free(run->texts[i].file);
		free(run->texts[i].text);
	}
	free(run->texts);
	free(run->name);
	free(run->cgroup);
	*run = (struct bl_run){0};
}

static int take_text(struct bl_run *run, char *file, char *text, size_t len)
{
	struct bl_run_text *texts =
		reallocarray(run->texts, run->texts_count + 1, sizeof(*run->texts));

	if (texts)
		run->texts = texts;
	if (!texts || !file || !text) {
		free(file);
		free(text);
		return -ENOMEM;
	}
	texts[run->texts_count++] = (struct bl_run_text){.file = file, .text = text, .len = len};
	return 0;
}

int bl_run_add_text(struct bl_run *run, const char *file, const char *text, size_t len)
{
	char *copy = malloc(len + 1);

	if (copy) {
		memcpy(copy, text, len);
		copy[len] = '\0';
	}
	return take_text(run, strdup(file), copy, len);
}

bool bl_run_is_name(const char *name)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-";
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX_BYTES && *name != '.' &&
	       name[strspn(name, letters)] == '\0';
}

static char *path_of(const char *dir, const char *before, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s%s%s", dir, before, name, SUFFIX) < 0 ? NULL : path;
}

/* --- bytes as characters --- */

/*
 * Policies and paths are bytes, JSON's strings are UTF-8: a byte is written as the character of
 * that number, and so comes back whatever it was.
 */
static bool add_raw(struct json_object *object, const char *key, const char *bytes, size_t len)
{
	bl_cleanup_free char *text = malloc(2 * len + 1);
	size_t at = 0;

	if (!text)
		return false;
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = (unsigned char)bytes[i];

		if (byte >= 0x80)
			text[at++] = (char)(0xc0 | byte >> 6);
		text[at++] = (char)(byte >= 0x80 ? 0x80 | (byte & 0x3f) : byte);
	}
	return bl_json_add(object, key, json_object_new_string_len(text, (int)at));
}

/* NULL with *ret_r: -EBADMSG or -ENOMEM. */
static char *get_raw(struct json_object *object, const char *key, size_t *ret_len, int *ret_r)
{
	struct json_object *value = bl_json_get(object, key, json_type_string);
	bl_cleanup_free char *bytes = NULL;
	const unsigned char *text;
	size_t len, at = 0;

	*ret_r = -EBADMSG;
	if (!value)
		return NULL;
	text = (const unsigned char *)json_object_get_string(value);
	len = (size_t)json_object_get_string_len(value);
	bytes = malloc(len + 1);
	if (!bytes) {
		*ret_r = -ENOMEM;
		return NULL;
	}
	for (size_t i = 0; i < len; i++) {
		unsigned char byte = text[i];

		if (byte >= 0x80) {
			/* Two bytes, of which the first is 0xc2 or 0xc3. */
			if ((byte & 0xfe) != 0xc2 || i + 1 == len || (text[i + 1] & 0xc0) != 0x80)
				return NULL;
			byte = (unsigned char)(byte << 6 | (text[++i] & 0x3f));
		}
		bytes[at++] = (char)byte;
	}
	bytes[at] = '\0';
	*ret_len = at;
	*ret_r = 0;
	return TAKE(bytes);
}

/* One that is used as a string: no NUL inside. */
static int get_string(struct json_object *object, const char *key, char **ret_text)
{
	size_t len = 0;
	int r;
	bl_cleanup_free char *text = get_raw(object, key, &len, &r);

	if (!text)
		return r;
	if (strlen(text) != len)
		return -EBADMSG;
	*ret_text = TAKE(text);
	return 0;
}

/* --- writing --- */

static bool add_text(struct json_object *texts, const struct bl_run_text *text)
{
	struct json_object *object = json_object_new_object();

	return bl_json_append(texts, object) &&
	       add_raw(object, "file", text->file, strlen(text->file)) &&
	       add_raw(object, "text", text->text, text->len);
}

static int make_json(const struct bl_run *run, struct json_object **ret_object)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct json_object *texts;
	size_t len = 0;

	if (!object || !add_raw(object, "cgroup", run->cgroup, strlen(run->cgroup)) ||
	    !bl_json_add_u64(object, "cgroup_id", run->cgroup_id) ||
	    !bl_json_add_bool(object, "audit", run->is_audit))
		return -ENOMEM;
	texts = bl_json_add_array(object, "policies");
	if (!texts)
		return -ENOMEM;
	for (size_t i = 0; i < run->texts_count; i++) {
		len += run->texts[i].len;
		if (len > BL_RUN_TEXT_MAX)
			return -EFBIG;
		if (!add_text(texts, &run->texts[i]))
			return -ENOMEM;
	}
	*ret_object = TAKE(object);
	return 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_file(const char *path, const char *bytes, size_t len)
{
	bl_cleanup_close int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return fd < 0 ? -errno : write_all(fd, bytes, len);
}

int bl_run_write(const struct bl_run *run, const char *dir)
{
	bl_cleanup_json struct json_object *object = NULL;
	bl_cleanup_free char *unfinished = path_of(dir, ".", run->name);
	bl_cleanup_free char *path = path_of(dir, "", run->name);
	bl_cleanup_free char *line = NULL;
	size_t len = 0;
	int r;

	if (!unfinished || !path)
		return -ENOMEM;
	r = make_json(run, &object);
	if (r < 0)
		return r;
	line = bl_json_line(object, &len);
	if (!line)
		return -ENOMEM;
	r = write_file(unfinished, line, len);
	if (r == 0 && rename(unfinished, path) < 0)
		r = -errno;
	if (r < 0 && r != -EEXIST)
		unlink(unfinished);
	return r;
}

/* --- reading --- */

static int read_text(struct json_object *object, struct bl_run *run)
{
	char *file = NULL;
	char *text;
	size_t len = 0;
	int r = get_string(object, "file", &file);

	if (r < 0)
		return r;
	text = get_raw(object, "text", &len, &r);
	if (!text) {
		free(file);
		return r;
	}
	return take_text(run, file, text, len);
}

/* One that is called otherwise was not made for the run: its policies are for nobody else. */
static bool is_cgroup_of(const struct bl_run *run)
{
	return *run->cgroup == '/' && !strcmp(strrchr(run->cgroup, '/') + 1, run->name);
}

static int read_json(struct json_object *object, struct bl_run *run)
{
	struct json_object *texts = bl_json_get(object, "policies", json_type_array);
	int r = get_string(object, "cgroup", &run->cgroup);

	if (r < 0)
		return r;
	run->cgroup_id = bl_json_get_u64(object, "cgroup_id");
	run->is_audit = bl_json_get_bool(object, "audit");
	if (!is_cgroup_of(run) || !run->cgroup_id || !texts || !json_object_array_length(texts))
		return -EBADMSG;
	for (size_t i = 0; r == 0 && i < json_object_array_length(texts); i++)
		r = read_text(json_object_array_get_idx(texts, i), run);
	return r;
}

int bl_run_read(const char *dir, const char *name, struct bl_run *ret_run)
{
	bl_cleanup(bl_run_fini) struct bl_run run = {0};
	bl_cleanup_free char *path = path_of(dir, "", name);
	bl_cleanup_json struct json_object *object = NULL;
	bl_cleanup_free char *text = NULL;
	size_t len = 0;
	int r;

	run.name = strdup(name);
	if (!path || !run.name)
		return -ENOMEM;
	r = bl_read_file(path, FILE_BYTES_MAX, &text, &len);
	if (r < 0)
		return r;
	object = strlen(text) == len ? json_tokener_parse(text) : NULL;
	r = object ? read_json(object, &run) : -EBADMSG;
	if (r < 0)
		return r;
	*ret_run = run;
	run = (struct bl_run){0};
	return 0;
}

int bl_run_remove(const char *dir, const char *name)
{
	bl_cleanup_free char *path = path_of(dir, "", name);

	if (!path)
		return -ENOMEM;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* --- policies --- */

static int fit(const struct bl_run *run, struct bl_policy *policy)
{
	char *name;

	if (asprintf(&name, "%s@%s", policy->name, run->name) < 0)
		return -ENOMEM;
	free(policy->name);
	policy->name = name;
	if (run->is_audit)
		policy->mode = BL_MODE_AUDIT;
	return bl_policy_select(policy, run->cgroup);
}

int bl_run_add_policies(const struct bl_run *run, struct bl_diags *diags,
			struct bl_policies *policies)
{
	bl_cleanup(bl_policies_fini) struct bl_policies own = {0};
	int r = 0;

	for (size_t i = 0; r == 0 && i < run->texts_count; i++)
		r = bl_policy_parse_for_run(run->texts[i].text, run->texts[i].len,
					    run->texts[i].file, diags, &own);
	for (size_t i = 0; r == 0 && i < own.count; i++)
		r = fit(run, &own.items[i]);
	return r < 0 ? r : bl_policies_move(&own, policies);
}
