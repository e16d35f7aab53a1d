// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/loss.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <bpf/bpf.h>

#include "enforcer/policy.h"
#include "enforcer/util.h"

struct bl_container_losses {
	uint64_t container;
	uint64_t lost[BL_LOSS_COUNT];
};

void bl_losses_fini(struct bl_losses *losses)
{
	free(losses->items);
	*losses = (struct bl_losses){0};
}

static int compare_containers(const void *left, const void *right)
{
	const struct bl_container_losses *a = left;
	const struct bl_container_losses *b = right;

	return (a->container > b->container) - (a->container < b->container);
}

int bl_container_cgroup(const struct bl_sensor *sensor, uint64_t container,
			char path[BL_CGROUP_PATH_MAX])
{
	struct bl_binding binding;

	if (bpf_map_lookup_elem(bl_sensor_map_fd(sensor, BL_MAP_BINDINGS), &container, &binding) <
	    0)
		return -errno;
	if (binding.path_len == 0 || binding.path_len >= BL_CGROUP_PATH_MAX)
		return -ENOENT;
	memcpy(path, binding.path, binding.path_len);
	path[binding.path_len] = '\0';
	return 0;
}

static int read_losses(const struct bl_sensor *sensor, struct bl_losses *ret_losses)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_CONTAINER_COUNTERS);
	bl_cleanup(bl_losses_fini) struct bl_losses losses = {0};
	size_t room = 0;
	uint64_t key;
	uint64_t *previous = NULL;
	uint64_t next;

	while (bpf_map_get_next_key(fd, previous, &next) == 0) {
		struct bl_container_counter counter;

		key = next;
		previous = &key;
		if (bpf_map_lookup_elem(fd, &key, &counter) < 0)
			continue; /* removed meanwhile */
		if (losses.count == room) {
			struct bl_container_losses *grown;

			room = room ? room * 2 : 64;
			grown = reallocarray(losses.items, room, sizeof(*grown));
			if (!grown)
				return -ENOMEM;
			losses.items = grown;
		}
		losses.items[losses.count].container = key;
		for (size_t i = 0; i < BL_LOSS_COUNT; i++)
			losses.items[losses.count].lost[i] = counter.lost[i];
		losses.count++;
	}
	if (errno != ENOENT)
		return -errno;

	if (losses.count > 0)
		qsort(losses.items, losses.count, sizeof(*losses.items), compare_containers);
	*ret_losses = losses;
	losses = (struct bl_losses){0};
	return 0;
}

static int write_loss(const struct bl_sensor *sensor, struct bl_records *records,
		      uint64_t container, enum bl_loss reason, uint64_t count, uint64_t total)
{
	bl_cleanup_json struct json_object *record = bl_records_new_engine(records, "loss");
	char cgroup[BL_CGROUP_PATH_MAX];
	struct json_object *object;

	if (!record || !bl_json_add_string(record, "reason", bl_loss_name(reason)) ||
	    !bl_json_add_u64(record, "count", count) || !bl_json_add_u64(record, "total", total))
		return -ENOMEM;
	object = bl_json_add_object(record, "container");
	if (!object || !bl_json_add_u64(object, "id", container))
		return -ENOMEM;
	if (bl_container_cgroup(sensor, container, cgroup) == 0 &&
	    !bl_json_add_bytes(object, "cgroup", cgroup, strlen(cgroup)))
		return -ENOMEM;
	return bl_records_put(records, TAKE(record));
}

int bl_losses_report(struct bl_losses *losses, const struct bl_sensor *sensor,
		     struct bl_records *records)
{
	bl_cleanup(bl_losses_fini) struct bl_losses read = {0};
	int r;

	r = read_losses(sensor, &read);
	if (r < 0)
		return r;

	for (size_t i = 0; i < read.count; i++) {
		const struct bl_container_losses *known = NULL;

		if (losses->count > 0)
			known = bsearch(&read.items[i], losses->items, losses->count,
					sizeof(*losses->items), compare_containers);
		for (size_t reason = 0; reason < BL_LOSS_COUNT; reason++) {
			uint64_t total = read.items[i].lost[reason];
			uint64_t before = known ? known->lost[reason] : 0;

			if (total <= before)
				continue;
			r = write_loss(sensor, records, read.items[i].container,
				       (enum bl_loss)reason, total - before, total);
			if (r < 0)
				return r;
		}
	}
	bl_losses_fini(losses);
	*losses = read;
	read = (struct bl_losses){0};
	return 0;
}
