// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_store.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforcer/json.h"
#include "enforcer/oci.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

/* Labels are at most what a config.json holds, but for how JSON writes them. */
#define FILE_BYTES_MAX (8 * BL_OCI_CONFIG_MAX)
#define SUFFIX         ".json"

static const struct {
	const char *key;
	size_t member; /* offset in struct bl_container */
} texts[] = {
	{"cgroup", offsetof(struct bl_container, cgroup)},
	{"runtime", offsetof(struct bl_container, runtime)},
	{"id", offsetof(struct bl_container, id)},
	{"name", offsetof(struct bl_container, name)},
	{"image", offsetof(struct bl_container, image)},
	{"pod", offsetof(struct bl_container, pod)},
	{"namespace", offsetof(struct bl_container, namespace)},
	{"unit", offsetof(struct bl_container, unit)},
};

static char **member_of(struct bl_container *container, size_t i)
{
	return (char **)(void *)((char *)container + texts[i].member);
}

static int path_of(char path[PATH_MAX], const char *dir, uint64_t id)
{
	int n = snprintf(path, PATH_MAX, "%s/%" PRIu64 SUFFIX, dir, id);

	return n < 0 || n >= PATH_MAX ? -ENAMETOOLONG : 0;
}

int bl_container_store_make(const char *dir)
{
	return mkdir(dir, 0700) < 0 && errno != EEXIST ? -errno : 0;
}

/* --- saving --- */

static struct json_object *new_object(const struct bl_known *known)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();
	struct bl_container container = known->container;
	struct json_object *labels;

	if (!object)
		return NULL;
	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		const char *text = *member_of(&container, i);

		if (text && !bl_json_add_string(object, texts[i].key, text))
			return NULL;
	}
	labels = bl_json_add_object(object, "labels");
	for (size_t i = 0; labels && i < container.label_count; i++)
		if (!bl_json_add_string(labels, container.labels[i].key, container.labels[i].value))
			return NULL;
	return labels ? TAKE(object) : NULL;
}

int bl_container_save(const char *dir, const struct bl_known *known)
{
	bl_cleanup_json struct json_object *object = new_object(known);
	bl_cleanup_fclose FILE *file = NULL;
	bl_cleanup_free char *line = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	int r = path_of(path, dir, known->id);

	if (r < 0)
		return r;
	line = object ? bl_json_line(object, &len) : NULL;
	if (!line)
		return -ENOMEM;
	file = fopen(path, "we");
	if (!file)
		return -errno;
	if (fwrite(line, 1, len, file) != len || fflush(file) != 0)
		return errno ? -errno : -EIO;
	return 0;
}

int bl_container_forget(const char *dir, uint64_t id)
{
	char path[PATH_MAX];
	int r = path_of(path, dir, id);

	if (r < 0)
		return r;
	return unlink(path) < 0 && errno != ENOENT ? -errno : 0;
}

/* --- loading --- */

static int take_object(struct json_object *object, struct bl_container *container)
{
	struct json_object *labels = bl_json_get(object, "labels", json_type_object);
	int r = 0;

	for (size_t i = 0; i < BL_ARRAY_LEN(texts); i++) {
		const char *text = bl_json_get_string(object, texts[i].key);
		char **member = member_of(container, i);

		if (!text)
			continue;
		*member = strdup(text);
		if (!*member)
			return -ENOMEM;
	}
	if (!container->cgroup || container->cgroup[0] != '/' || !labels)
		return -EINVAL;
	json_object_object_foreach(labels, key, value)
	{
		if (r == 0)
			r = json_object_is_type(value, json_type_string)
				    ? bl_container_add_label(container, key,
							     json_object_get_string(value))
				    : -EINVAL;
	}
	return r;
}

static int load_file(const char *dir, uint64_t id, struct bl_containers *containers)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	bl_cleanup_json struct json_object *object = NULL;
	bl_cleanup_free char *text = NULL;
	struct bl_known *known;
	char path[PATH_MAX];
	size_t len = 0;
	int r = path_of(path, dir, id);

	if (r == 0)
		r = bl_read_file(path, FILE_BYTES_MAX, &text, &len);
	if (r == 0)
		r = bl_oci_parse(text, len, &object);
	if (r == 0)
		r = take_object(object, &container);
	if (r == 0)
		r = bl_containers_put(containers, id, &container, &known);
	if (r == 0) {
		known->is_complete = true;
		known->is_started = true;
	}
	return r;
}

int bl_container_load(const char *dir, struct bl_containers *containers, size_t *ret_broken)
{
	bl_cleanup_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;
	size_t broken = 0;

	if (!stream)
		return -errno;
	while ((entry = readdir(stream))) {
		char *end;
		uint64_t id = strtoull(entry->d_name, &end, 10);
		int r;

		if (entry->d_name[0] < '0' || entry->d_name[0] > '9' || strcmp(end, SUFFIX) != 0)
			continue;
		r = load_file(dir, id, containers);
		if (r == -ENOMEM)
			return r;
		broken += r < 0;
	}
	*ret_broken = broken;
	return 0;
}
