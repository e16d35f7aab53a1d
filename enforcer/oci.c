// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/oci.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "enforcer/json.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

/* Deeper than any config.json is; the parser goes as deep as it is let. */
#define DEPTH_MAX 32

/*
 * Which annotation tells what. Of several for the same member the first in the table counts.
 * Docker writes none: its containers are known by their host name and their bundle.
 */
static const struct known {
	const char *annotation;
	size_t member; /* offset in struct bl_container */
} known_annotations[] = {
#define TELLS(member) offsetof(struct bl_container, member)
	{"io.kubernetes.cri.container-name", TELLS(name)},
	{"io.kubernetes.container.name", TELLS(name)},
	{"io.kubernetes.cri-o.ContainerName", TELLS(name)},
	{"io.kubernetes.cri-o.Name", TELLS(name)},
	{"nerdctl/name", TELLS(name)},

	{"io.kubernetes.cri.image-name", TELLS(image)},
	{"io.kubernetes.cri.podsandbox.image-name", TELLS(image)},
	{"io.kubernetes.cri-o.ImageName", TELLS(image)},
	{"io.kubernetes.cri-o.Image", TELLS(image)},

	{"io.kubernetes.cri.sandbox-name", TELLS(pod)},
	{"io.kubernetes.cri-o.KubeName", TELLS(pod)},
	{"io.kubernetes.pod.name", TELLS(pod)},

	{"io.kubernetes.cri.sandbox-namespace", TELLS(namespace)},
	{"io.kubernetes.cri-o.Namespace", TELLS(namespace)},
	{"io.kubernetes.pod.namespace", TELLS(namespace)},
	{"nerdctl/namespace", TELLS(namespace)},

	{"io.kubernetes.cri-o.ContainerID", TELLS(id)},
#undef TELLS
};

/* Labels of the container in one annotation, as an object of their own. */
#define CRIO_LABELS "io.kubernetes.cri-o.Labels"

/* What gives a runtime away. value NULL: any. */
static const struct {
	const char *annotation;
	const char *value;
	const char *runtime;
} known_runtimes[] = {
	{"io.container.manager", "libpod", "podman"},
	{"io.container.manager", "cri-o", "cri-o"},
	{"io.kubernetes.cri-o.ContainerType", NULL, "cri-o"},
	{"io.kubernetes.cri.container-type", NULL, "containerd"},
	{"nerdctl/namespace", NULL, "containerd"},
};

/* containerd's bundles are DIR/io.containerd.runtime.VERSION/NAMESPACE/ID. */
#define CONTAINERD_BUNDLE "/io.containerd.runtime."
#define DOCKER_NAMESPACE  "moby"

/* Does nothing to what is known already. */
static int tell(char **member, const char *text, size_t len)
{
	if (*member)
		return 0;
	*member = strndup(text, len);
	return *member ? 0 : -ENOMEM;
}

/* A text with a NUL inside is none: it would be taken for another, shorter one. */
static const char *text_of(struct json_object *value)
{
	const char *text;

	if (!json_object_is_type(value, json_type_string))
		return NULL;
	text = json_object_get_string(value);
	return strlen(text) == (size_t)json_object_get_string_len(value) ? text : NULL;
}

static const char *find_label(const struct bl_container *container, const char *key)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (strcmp(container->labels[i].key, key) == 0)
			return container->labels[i].value;
	return NULL;
}

static int add_labels(struct json_object *object, struct bl_container *container)
{
	size_t count = (size_t)json_object_object_length(object) + container->label_count;

	if (count > BL_OCI_LABELS_MAX)
		return -EFBIG;
	json_object_object_foreach(object, key, value) {
		const char *text = text_of(value);
		int r;

		if (!text)
			return -EINVAL;
		r = bl_container_add_label(container, key, text);
		if (r < 0)
			return r;
	}
	return 0;
}

static int add_crio_labels(struct bl_container *container)
{
	const char *text = find_label(container, CRIO_LABELS);
	bl_cleanup_json struct json_object *labels = NULL;
	int r;

	if (!text)
		return 0;
	r = bl_oci_parse(text, strlen(text), &labels);
	return r < 0 ? r : add_labels(labels, container);
}

static int read_annotations(struct bl_container *container)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(known_annotations); i++) {
		const struct known *known = &known_annotations[i];
		const char *text = find_label(container, known->annotation);
		char **member = (char **)(void *)((char *)container + known->member);

		if (text && *text && tell(member, text, strlen(text)) < 0)
			return -ENOMEM;
	}
	for (size_t i = 0; i < BL_ARRAY_LEN(known_runtimes); i++) {
		const char *text = find_label(container, known_runtimes[i].annotation);
		const char *value = known_runtimes[i].value;
		const char *runtime = known_runtimes[i].runtime;

		if (text && (!value || strcmp(text, value) == 0) &&
		    tell(&container->runtime, runtime, strlen(runtime)) < 0)
			return -ENOMEM;
	}
	return 0;
}

/* The container's runtime, namespace and id, if that is how the bundle is called. */
static int read_bundle_name(const char *bundle_dir, struct bl_container *container)
{
	const char *at = bundle_dir ? strstr(bundle_dir, CONTAINERD_BUNDLE) : NULL;
	const char *namespace = at ? strchr(at + 1, '/') : NULL;
	const char *id = namespace ? strchr(namespace + 1, '/') : NULL;
	bool is_docker;
	size_t len;

	if (!id || !id[1] || strchr(id + 1, '/'))
		return 0;
	len = (size_t)(id - ++namespace);
	is_docker = len == strlen(DOCKER_NAMESPACE) && !memcmp(namespace, DOCKER_NAMESPACE, len);
	if (tell(&container->runtime, is_docker ? "docker" : "containerd", 10) < 0 ||
	    tell(&container->id, id + 1, strlen(id + 1)) < 0)
		return -ENOMEM;
	return is_docker ? 0 : tell(&container->namespace, namespace, len);
}

/* podman and Docker take the id's beginning for it, if nobody gives one: that is no name. */
static int read_hostname(struct json_object *config, struct bl_container *container)
{
	struct json_object *value = bl_json_get(config, "hostname", json_type_string);
	const char *hostname = value ? text_of(value) : "";

	if (!hostname)
		return -EINVAL;
	if (!*hostname ||
	    (container->id && strncmp(container->id, hostname, strlen(hostname)) == 0))
		return 0;
	return tell(&container->name, hostname, strlen(hostname));
}

int bl_oci_read_object(struct json_object *config, const char *bundle_dir,
		       struct bl_container *container)
{
	struct json_object *annotations = NULL;
	int r = 0;

	if (!json_object_is_type(config, json_type_object))
		return -EINVAL;
	json_object_object_get_ex(config, "annotations", &annotations);
	if (annotations && !json_object_is_type(annotations, json_type_object))
		return -EINVAL;
	if (annotations)
		r = add_labels(annotations, container);
	if (r == 0)
		r = add_crio_labels(container);
	if (r == 0)
		r = read_annotations(container);
	if (r == 0)
		r = read_bundle_name(bundle_dir, container);
	if (r == 0)
		r = read_hostname(config, container);
	if (r == 0)
		r = tell(&container->runtime, "oci", 3);
	return r;
}

int bl_oci_parse(const char *text, size_t text_len, struct json_object **ret_object)
{
	bl_cleanup_json struct json_object *object = NULL;
	enum json_tokener_error error;
	struct json_tokener *tokener;
	size_t end;

	if (text_len > INT_MAX)
		return -EINVAL;
	tokener = json_tokener_new_ex(DEPTH_MAX);
	if (!tokener)
		return -ENOMEM;
	json_tokener_set_flags(tokener, JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, text, (int)text_len);
	error = json_tokener_get_error(tokener);
	end = json_tokener_get_parse_end(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success || !json_object_is_type(object, json_type_object))
		return -EINVAL;
	while (end < text_len && strchr(" \t\r\n", text[end]) && text[end])
		end++;
	if (end < text_len)
		return -EINVAL;
	*ret_object = TAKE(object);
	return 0;
}

int bl_oci_read_config(const char *text, size_t text_len, const char *bundle_dir,
		       struct bl_container *container)
{
	bl_cleanup_json struct json_object *config = NULL;
	int r;

	if (text_len > BL_OCI_CONFIG_MAX)
		return -EFBIG;
	r = bl_oci_parse(text, text_len, &config);
	return r < 0 ? r : bl_oci_read_object(config, bundle_dir, container);
}

int bl_oci_read_bundle(const char *bundle_dir, struct bl_container *container)
{
	bl_cleanup_free char *path = NULL;
	bl_cleanup_free char *text = NULL;
	size_t len = 0;
	int r;

	if (asprintf(&path, "%s/config.json", bundle_dir) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	r = bl_read_file(path, BL_OCI_CONFIG_MAX, &text, &len);
	return r < 0 ? r : bl_oci_read_config(text, len, bundle_dir, container);
}
