// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/tables.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bpf/bpf.h>

#include "enforcer/util.h"

static int create_value(void)
{
	return bpf_map_create(BPF_MAP_TYPE_ARRAY, "tables", sizeof(uint32_t), BL_TABLE_MAX, 1,
			      NULL);
}

/* A value full of tables, in a map of its own that nobody can write any more. */
static int make_value(const void *tables)
{
	bl_cleanup_close int fd = create_value();
	uint32_t zero = 0;
	int r;

	if (fd < 0)
		return fd;
	r = bpf_map_update_elem(fd, &zero, tables, BPF_ANY);
	if (r < 0)
		return r;
	r = bpf_map_freeze(fd);
	if (r < 0)
		return r;
	return TAKE_FD(fd);
}

/* A table to be put into the kernel, and the number it has there. */
struct table {
	uint32_t id;
	struct bl_profile profile;
	const void *bytes;
	size_t bytes_count;
};

static struct table table_of(const struct bl_generation *generation, uint64_t number, size_t n)
{
	const struct bl_compiled_profile *profile;

	if (n == 0)
		return (struct table){
			.id = BL_PROFILE_SELECTORS(number),
			.bytes = generation->selectors,
			.bytes_count = generation->selectors_bytes,
		};
	profile = &generation->profiles[n - 1];
	return (struct table){
		.id = BL_PROFILE_ID(number, (uint32_t)n),
		.profile = profile->profile,
		.bytes = profile->table,
		.bytes_count = profile->table_bytes,
	};
}

/*
 * Puts as many tables as go into one value where the programs find them, from the first on. Their
 * profiles' records come first: by these the value is found again when it is dropped, wherever we
 * were interrupted. Returns how many. buffer has BL_TABLE_MAX bytes.
 */
static int put_value(const struct bl_sensor *sensor, const struct bl_generation *generation,
		     uint64_t number, size_t first, uint8_t *buffer)
{
	uint32_t value = table_of(generation, number, first).id;
	bl_cleanup_close int fd = -1;
	size_t used = 0;
	size_t end;
	int r;

	memset(buffer, 0, BL_TABLE_MAX);
	for (end = first; end <= generation->profiles_count; end++) {
		struct table table = table_of(generation, number, end);

		if (!table.bytes_count || table.bytes_count > BL_TABLE_MAX)
			return -EINVAL;
		if (table.bytes_count > BL_TABLE_MAX - used)
			break;
		table.profile.value = value;
		table.profile.base = (uint32_t)used;
		table.profile.table_bytes = (uint32_t)table.bytes_count;
		r = bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_PROFILES), &table.id,
					&table.profile, BPF_ANY);
		if (r < 0)
			return r;
		memcpy(buffer + used, table.bytes, table.bytes_count);
		used += table.bytes_count;
	}
	fd = make_value(buffer);
	if (fd < 0)
		return fd;
	r = bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_TABLES), &value, &fd, BPF_ANY);
	return r < 0 ? r : (int)(end - first);
}

int bl_tables_put(const struct bl_sensor *sensor, const struct bl_generation *generation,
		  uint64_t number, struct bl_tables *ret_tables)
{
	bl_cleanup_free uint8_t *buffer = malloc(BL_TABLE_MAX);
	size_t n = 0;

	if (!buffer)
		return -ENOMEM;
	while (n <= generation->profiles_count) {
		int r = put_value(sensor, generation, number, n, buffer);

		if (r < 0)
			return r;
		n += (size_t)r;
	}
	*ret_tables = BL_TABLES_NONE;
	ret_tables->number = number;
	ret_tables->profiles_count = generation->profiles_count;
	return 0;
}

/* --- later ones --- */

void bl_tables_fini(struct bl_tables *tables)
{
	bl_close_fd(&tables->fd);
	free(tables->bytes);
	*tables = BL_TABLES_NONE;
}

static int start_value(struct bl_tables *tables, uint32_t id)
{
	bl_cleanup_close int fd = create_value();

	if (fd < 0)
		return fd;
	if (!tables->bytes)
		tables->bytes = malloc(BL_TABLE_MAX);
	if (!tables->bytes)
		return -ENOMEM;
	/* What is full changes no more. */
	if (tables->fd >= 0) {
		int r = bpf_map_freeze(tables->fd);

		if (r < 0)
			return r;
		close(tables->fd);
	}
	memset(tables->bytes, 0, BL_TABLE_MAX);
	tables->fd = TAKE_FD(fd);
	tables->value = id;
	tables->used = 0;
	return 0;
}

/*
 * The value is written as a whole, while programs read the tables in it that were there before:
 * those bytes are replaced by equal ones. What is added is not read by anybody yet.
 */
static int add_table(struct bl_tables *tables, const struct bl_sensor *sensor, struct table table)
{
	uint32_t zero = 0;
	bool is_new;
	int r;

	if (!table.bytes_count || table.bytes_count > BL_TABLE_MAX)
		return -EINVAL;
	is_new = tables->fd < 0 || table.bytes_count > BL_TABLE_MAX - tables->used;
	if (is_new) {
		r = start_value(tables, table.id);
		if (r < 0)
			return r;
	}
	table.profile.value = tables->value;
	table.profile.base = (uint32_t)tables->used;
	table.profile.table_bytes = (uint32_t)table.bytes_count;
	memcpy(tables->bytes + tables->used, table.bytes, table.bytes_count);
	r = bpf_map_update_elem(tables->fd, &zero, tables->bytes, BPF_ANY);
	if (r == 0)
		r = bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_PROFILES), &table.id,
					&table.profile, BPF_ANY);
	if (r == 0 && is_new)
		r = bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_TABLES), &tables->value,
					&tables->fd, BPF_ANY);
	if (r == 0)
		tables->used += table.bytes_count;
	return r;
}

int bl_tables_add(struct bl_tables *tables, const struct bl_sensor *sensor,
		  const struct bl_generation *generation)
{
	while (tables->profiles_count < generation->profiles_count) {
		int r = add_table(tables, sensor,
				  table_of(generation, tables->number, tables->profiles_count + 1));

		if (r < 0)
			return r;
		tables->profiles_count++;
	}
	return 0;
}

/* --- freeing --- */

static int drop_table(const struct bl_sensor *sensor, uint32_t id)
{
	static const struct bl_profile none;
	int profiles = bl_sensor_map_fd(sensor, BL_MAP_PROFILES);
	struct bl_profile profile;
	int r = bpf_map_lookup_elem(profiles, &id, &profile);

	if (r < 0)
		return r;
	if (!profile.table_bytes)
		return 0;
	/* Only where there is one: a map of maps waits for all programs at each call. */
	if (profile.value == id) {
		r = bpf_map_delete_elem(bl_sensor_map_fd(sensor, BL_MAP_TABLES), &id);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return bpf_map_update_elem(profiles, &id, &none, BPF_ANY);
}

int bl_tables_drop(const struct bl_sensor *sensor, uint64_t number)
{
	int r = drop_table(sensor, BL_PROFILE_SELECTORS(number));

	for (uint32_t n = 1; r == 0 && n <= BL_PROFILES_PER_GENERATION; n++)
		r = drop_table(sensor, BL_PROFILE_ID(number, n));
	return r;
}
