// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/containers.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void free_known(struct bl_known *known)
{
	bl_container_fini(&known->container);
	free(known);
}

void bl_containers_fini(struct bl_containers *containers)
{
	for (size_t i = 0; i < containers->count; i++)
		free_known(containers->items[i]);
	free(containers->items);
	*containers = (struct bl_containers){0};
}

/* Where one of that id is, or would be. */
static size_t position_of(const struct bl_containers *containers, uint64_t id)
{
	size_t low = 0;
	size_t high = containers->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (containers->items[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct bl_known *bl_containers_find(const struct bl_containers *containers, uint64_t id)
{
	size_t at = position_of(containers, id);

	return at < containers->count && containers->items[at]->id == id ? containers->items[at]
									 : NULL;
}

struct bl_known *bl_containers_find_at(const struct bl_containers *containers, const char *cgroup)
{
	for (size_t i = 0; i < containers->count; i++) {
		const char *path = containers->items[i]->container.cgroup;
		size_t len = strlen(path);

		if (!containers->items[i]->is_gone && !strncmp(path, cgroup, len) &&
		    (cgroup[len] == '/' || !cgroup[len]))
			return containers->items[i];
	}
	return NULL;
}

int bl_containers_put(struct bl_containers *containers, uint64_t id, struct bl_container *container,
		      struct bl_known **ret_known)
{
	size_t at = position_of(containers, id);
	struct bl_known *known = bl_containers_find(containers, id);
	struct bl_known **grown;

	if (!known) {
		known = calloc(1, sizeof(*known));
		grown = reallocarray(containers->items, containers->count + 1,
				     sizeof(struct bl_known *));
		if (grown)
			containers->items = grown;
		if (!known || !grown) {
			free(known);
			return -ENOMEM;
		}
		memmove(grown + at + 1, grown + at,
			(containers->count - at) * sizeof(struct bl_known *));
		grown[at] = known;
		containers->count++;
		known->id = id;
	}
	bl_container_fini(&known->container);
	known->container = *container;
	*container = (struct bl_container){0};
	*ret_known = known;
	return 0;
}

void bl_containers_remove(struct bl_containers *containers, struct bl_known *known)
{
	size_t at = position_of(containers, known->id);

	memmove(containers->items + at, containers->items + at + 1,
		(containers->count - at - 1) * sizeof(struct bl_known *));
	containers->count--;
	free_known(known);
}
