// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_files.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/json.h"
#include "enforcer/oci.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

#define STORAGE     "/var/lib/containers/storage/overlay-containers"
#define RUN_STORAGE "/run/containers/storage/overlay-containers"
#define DOCKER      "/var/lib/docker/containers"
#define TASKS       "/run/containerd/io.containerd.runtime.v2.task"
#define MACHINES    "/run/systemd/machines"

const char *const bl_container_dirs[] = {
	STORAGE, RUN_STORAGE, DOCKER, TASKS, MACHINES, NULL,
};

/* All containers of a storage are in one file. */
#define STORAGE_BYTES_MAX (16u << 20)
#define MACHINE_BYTES_MAX (64u << 10)

/* Does nothing to what is known already. */
static int tell(char **member, const char *text)
{
	if (*member || !text || !*text)
		return 0;
	*member = strdup(text);
	return *member ? 0 : -ENOMEM;
}

__attribute__((format(printf, 4, 5))) static int read_text(char path[PATH_MAX], size_t max,
							   char **ret_text, const char *format, ...)
{
	size_t len = 0;
	va_list arguments;
	int n;

	va_start(arguments, format);
	n = vsnprintf(path, PATH_MAX, format, arguments);
	va_end(arguments);
	if (n < 0 || n >= PATH_MAX)
		return -ENAMETOOLONG;
	return bl_read_file(path, max, ret_text, &len);
}

static int read_object(const char *text, struct json_object **ret_object)
{
	return bl_oci_parse(text, strlen(text), ret_object);
}

/* --- podman and CRI-O --- */

static const char *first_name(struct json_object *entry)
{
	struct json_object *names = bl_json_get(entry, "names", json_type_array);
	struct json_object *name = names ? json_object_array_get_idx(names, 0) : NULL;

	return json_object_is_type(name, json_type_string) ? json_object_get_string(name) : NULL;
}

/* What engines store with a container is a string, which is JSON again. */
static int read_stored(struct json_object *entry, struct bl_container *container)
{
	const char *text = bl_json_get_string(entry, "metadata");
	bl_cleanup_json struct json_object *metadata = NULL;
	int r = 0;

	if (text)
		r = read_object(text, &metadata);
	if (r == -ENOMEM)
		return r;
	r = tell(&container->name, first_name(entry));
	if (r == 0 && metadata)
		r = tell(&container->image, bl_json_get_string(metadata, "image-name"));
	return r;
}

/* The storage's list, an array with an object for each container. */
static int find_stored(const char *text, const char *id, struct bl_container *container)
{
	bl_cleanup_json struct json_object *list = json_tokener_parse(text);

	if (!json_object_is_type(list, json_type_array))
		return -EINVAL;
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		struct json_object *entry = json_object_array_get_idx(list, i);
		const char *entry_id = bl_json_get_string(entry, "id");

		if (entry_id && strcmp(entry_id, id) == 0)
			return read_stored(entry, container);
	}
	return -ENOENT;
}

static int read_storage(const char *root, const char *id, struct bl_container *container)
{
	static const char *const lists[] = {"containers.json", "volatile-containers.json"};
	int r = -ENOENT;

	for (size_t i = 0; r == -ENOENT && i < BL_ARRAY_LEN(lists); i++) {
		bl_cleanup_free char *text = NULL;
		char path[PATH_MAX];

		r = read_text(path, STORAGE_BYTES_MAX, &text, "%s" STORAGE "/%s", root, lists[i]);
		if (r == 0)
			r = find_stored(text, id, container);
	}
	return r;
}

static int read_bundle(const char *dir, const char *root, const char *id,
		       struct bl_container *container)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s/%s/userdata", root, dir, id);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	return bl_oci_read_bundle(path, container);
}

static int read_podman(const char *root, const struct bl_container_place *place,
		       struct bl_container *container)
{
	int r = read_storage(root, place->id, container);

	/* Its name may be the storage's alone to tell, its annotations the bundle's. */
	if (r < 0 && r != -ENOENT)
		return r;
	return read_bundle(STORAGE, root, place->id, container);
}

static int read_crio(const char *root, const struct bl_container_place *place,
		     struct bl_container *container)
{
	int r = read_bundle(RUN_STORAGE, root, place->id, container);

	return r == -ENOENT ? read_bundle(STORAGE, root, place->id, container) : r;
}

/* --- Docker --- */

static int add_docker_labels(struct json_object *labels, struct bl_container *container)
{
	if (!labels)
		return 0;
	if (json_object_object_length(labels) > BL_OCI_LABELS_MAX)
		return -EFBIG;
	json_object_object_foreach(labels, key, value)
	{
		int r;

		if (!json_object_is_type(value, json_type_string))
			return -EINVAL;
		r = bl_container_add_label(container, key, json_object_get_string(value));
		if (r < 0)
			return r;
	}
	return 0;
}

static int read_docker(const char *root, const struct bl_container_place *place,
		       struct bl_container *container)
{
	bl_cleanup_json struct json_object *object = NULL;
	bl_cleanup_free char *text = NULL;
	struct json_object *config;
	struct json_object *labels;
	const char *name;
	char path[PATH_MAX];
	int r;

	r = read_text(path, BL_OCI_CONFIG_MAX, &text, "%s" DOCKER "/%s/config.v2.json", root,
		      place->id);
	if (r == 0)
		r = read_object(text, &object);
	if (r < 0)
		return r;
	config = bl_json_get(object, "Config", json_type_object);
	labels = bl_json_get(config, "Labels", json_type_object);
	name = bl_json_get_string(object, "Name");
	r = add_docker_labels(labels, container);
	if (r == 0)
		r = tell(&container->name, name && *name == '/' ? name + 1 : name);
	if (r == 0)
		r = tell(&container->image, bl_json_get_string(config, "Image"));
	/* Where Kubernetes runs on Docker. */
	if (r == 0 && labels)
		r = tell(&container->pod, bl_json_get_string(labels, "io.kubernetes.pod.name"));
	if (r == 0 && labels)
		r = tell(&container->namespace,
			 bl_json_get_string(labels, "io.kubernetes.pod.namespace"));
	return r;
}

/* --- containerd --- */

static int read_containerd(const char *root, const struct bl_container_place *place,
			   struct bl_container *container)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s" TASKS "/%s/%s", root, place->namespace,
			 place->id);
	int r;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	r = bl_oci_read_bundle(path, container);
	return r < 0 ? r : tell(&container->namespace, place->namespace);
}

/* --- systemd-nspawn and LXC --- */

static bool has_line(const char *text, const char *line)
{
	size_t len = strlen(line);

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, line, len) && (at[len] == '\n' || !at[len]))
			return true;
	}
	return false;
}

static int read_nspawn(const char *root, const struct bl_container_place *place,
		       struct bl_container *container)
{
	bl_cleanup_free char *text = NULL;
	char path[PATH_MAX];
	int r = tell(&container->name, place->id);

	if (r < 0)
		return r;
	r = read_text(path, MACHINE_BYTES_MAX, &text, "%s" MACHINES "/%s", root, place->id);
	if (r == 0 && has_line(text, "CLASS=vm"))
		return -EMEDIUMTYPE;
	return r;
}

static int read_lxc(const char *root, const struct bl_container_place *place,
		    struct bl_container *container)
{
	return tell(&container->name, place->id);
}

/* --- all of them --- */

static int (*const readers[])(const char *root, const struct bl_container_place *place,
			      struct bl_container *container) = {
	[BL_RUNTIME_PODMAN] = read_podman,         [BL_RUNTIME_DOCKER] = read_docker,
	[BL_RUNTIME_CONTAINERD] = read_containerd, [BL_RUNTIME_CRIO] = read_crio,
	[BL_RUNTIME_NSPAWN] = read_nspawn,         [BL_RUNTIME_LXC] = read_lxc,
};
_Static_assert(BL_ARRAY_LEN(readers) == BL_RUNTIME_COUNT, "a reader for every runtime");

int bl_container_read(const char *root, const struct bl_container_place *place,
		      struct bl_container *container)
{
	/* First, so that the files cannot make it another one. */
	int r = tell(&container->runtime, bl_runtime_name(place->runtime));

	if (r == 0)
		r = tell(&container->id, place->id);
	if (r == 0)
		r = readers[place->runtime](root, place, container);
	/* A directory of the path is not there. */
	return r == -ENOTDIR ? -ENOENT : r;
}
