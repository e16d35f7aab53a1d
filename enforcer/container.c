// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/util.h"

void bl_container_fini(struct bl_container *container)
{
	free(container->id);
	free(container->name);
	free(container->image);
	free(container->pod);
	free(container->namespace);
	free(container->runtime);
	free(container->unit);
	free(container->cgroup);
	for (size_t i = 0; i < container->label_count; i++) {
		free(container->labels[i].key);
		free(container->labels[i].value);
	}
	free(container->labels);
	*container = (struct bl_container){0};
}

void bl_container_free(struct bl_container *container)
{
	if (!container)
		return;
	bl_container_fini(container);
	free(container);
}

static struct bl_container_label *find_label(const struct bl_container *container, const char *key)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (strcmp(container->labels[i].key, key) == 0)
			return &container->labels[i];
	return NULL;
}

/* The array's size is the power of two at or above the count. */
static int reserve_label(struct bl_container *container)
{
	size_t count = container->label_count;
	struct bl_container_label *labels;

	if (count & (count - 1))
		return 0;
	labels = reallocarray(container->labels, count ? count * 2 : 1, sizeof(*labels));
	if (!labels)
		return -ENOMEM;
	container->labels = labels;
	return 0;
}

int bl_container_add_label(struct bl_container *container, const char *key, const char *value)
{
	struct bl_container_label *label = find_label(container, key);
	bl_cleanup_free char *value_copy = strdup(value);
	bl_cleanup_free char *key_copy = NULL;

	if (!value_copy)
		return -ENOMEM;
	if (label) {
		free(label->value);
		label->value = TAKE(value_copy);
		return 0;
	}
	key_copy = strdup(key);
	if (!key_copy || reserve_label(container) < 0)
		return -ENOMEM;
	container->labels[container->label_count++] = (struct bl_container_label){
		.key = TAKE(key_copy),
		.value = TAKE(value_copy),
	};
	return 0;
}
