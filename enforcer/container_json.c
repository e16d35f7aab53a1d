// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_json.h"

#include <string.h>

#include "enforcer/escape.h"
#include "enforcer/util.h"

/* Annotations by which engines talk to themselves; some are documents of their own. */
static const char *const internal_prefixes[] = {
	"io.kubernetes.cri-o.",
	"io.kubernetes.cri.",
	"io.container.manager",
	"io.podman.",
	"nerdctl/",
	"org.systemd.",
	"run.oci.",
};

static bool is_internal(const char *key)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(internal_prefixes); i++)
		if (!strncmp(key, internal_prefixes[i], strlen(internal_prefixes[i])))
			return true;
	return false;
}

static bool add_labels(struct json_object *object, const struct bl_container *container)
{
	struct json_object *labels = NULL;
	size_t shown = 0;

	for (size_t i = 0; i < container->label_count && shown < BL_LABELS_SHOWN_MAX; i++) {
		const struct bl_container_label *label = &container->labels[i];
		bl_cleanup_free char *key = NULL;

		if (is_internal(label->key) || strlen(label->key) > BL_LABEL_SHOWN_BYTES_MAX)
			continue;
		if (!labels)
			labels = bl_json_add_object(object, "labels");
		key = bl_escape(label->key, strlen(label->key));
		if (!labels || !key ||
		    !bl_json_add_bytes(labels, key, label->value,
				       strnlen(label->value, BL_LABEL_SHOWN_BYTES_MAX)))
			return false;
		shown++;
	}
	return true;
}

bool bl_json_add_container(struct json_object *object, const struct bl_container *container)
{
	const struct {
		const char *key;
		const char *value;
	} members[] = {
		{"runtime", container->runtime}, {"runtime_id", container->id},
		{"name", container->name},       {"image", container->image},
		{"pod", container->pod},         {"namespace", container->namespace},
		{"unit", container->unit},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(members); i++)
		if (members[i].value && !bl_json_add_bytes(object, members[i].key, members[i].value,
							   strlen(members[i].value)))
			return false;
	return add_labels(object, container);
}
