// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/apply.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "enforcer/binding.h"
#include "enforcer/util.h"

/* A value full of tables, in a map of its own that nobody can write any more. */
static int make_value(const void *tables)
{
	bl_cleanup_close int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "tables", sizeof(uint32_t),
						 BL_TABLE_MAX, 1, NULL);
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

static int put_tables(const struct bl_sensor *sensor, const struct bl_generation *generation,
		      uint64_t number)
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
	return 0;
}

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

/* Frees what a generation of that parity used. No program may be using it any more. */
static int drop_generation(const struct bl_sensor *sensor, uint64_t number)
{
	int r = drop_table(sensor, BL_PROFILE_SELECTORS(number));

	for (uint32_t n = 1; r == 0 && n <= BL_PROFILES_PER_GENERATION; n++)
		r = drop_table(sensor, BL_PROFILE_ID(number, n));
	return r;
}

/*
 * Waits until every program that was running has returned: an update of a map of maps ends with
 * synchronize_rcu() (maybe_wait_bpf_programs() of kernel/bpf/syscall.c), and ours run inside
 * rcu_read_lock(). Any map of maps will do.
 */
static int wait_for_programs(void)
{
	bl_cleanup_close int inner = bpf_map_create(BPF_MAP_TYPE_ARRAY, "barrier", sizeof(uint32_t),
						    sizeof(uint32_t), 1, NULL);
	LIBBPF_OPTS(bpf_map_create_opts, options, .inner_map_fd = (uint32_t)inner);
	bl_cleanup_close int outer = -1;
	uint32_t zero = 0;

	if (inner < 0)
		return inner;
	outer = bpf_map_create(BPF_MAP_TYPE_ARRAY_OF_MAPS, "barriers", sizeof(uint32_t),
			       sizeof(uint32_t), 1, &options);
	if (outer < 0)
		return outer;
	return bpf_map_update_elem(outer, &zero, &inner, BPF_ANY);
}

/* Gives every rule a counter; one that was there goes on counting. */
static int put_counters(const struct bl_sensor *sensor, const struct bl_generation *generation)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_RULE_COUNTERS);
	int cpus = libbpf_num_possible_cpus();
	bl_cleanup_free struct bl_rule_counter *zero = NULL;

	if (cpus < 0)
		return cpus;
	zero = calloc((size_t)cpus, sizeof(*zero));
	if (!zero)
		return -ENOMEM;
	for (size_t i = 0; i < generation->rules_count; i++) {
		int r = bpf_map_update_elem(fd, &generation->rules[i].key, zero, BPF_NOEXIST);

		if (r < 0 && r != -EEXIST)
			return r;
	}
	return 0;
}

/* Counters of rules that are in no policy any more. One that is removed meanwhile is no failure. */
static int drop_counters(const struct bl_sensor *sensor, const struct bl_generation *generation)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_RULE_COUNTERS);
	uint64_t *previous = NULL;
	uint64_t key;
	uint64_t next;
	int r = bpf_map_get_next_key(fd, NULL, &key);

	while (r == 0) {
		/* The next key is asked for first: after a deletion the walk would start again. */
		previous = &key;
		r = bpf_map_get_next_key(fd, previous, &next);
		if (!bl_generation_find_rule(generation, key)) {
			int removed = bpf_map_delete_elem(fd, &key);

			if (removed < 0 && removed != -ENOENT)
				return removed;
		}
		key = next;
	}
	return r == -ENOENT ? 0 : r;
}

static int prepare(struct bl_sensor *sensor, const struct bl_generation *generation,
		   uint64_t number, const char *cgroup_root, struct bl_binding_totals *ret_totals,
		   const char **reterr_message)
{
	volatile struct bl_state *state = bl_sensor_state(sensor);
	int r;

	*reterr_message = "cannot free what an earlier generation left";
	r = wait_for_programs();
	if (r == 0)
		r = drop_generation(sensor, number);
	if (r < 0)
		return r;

	*reterr_message = "cannot write the policy tables";
	r = put_tables(sensor, generation, number);
	if (r < 0)
		return r;

	*reterr_message = "cannot write the rule counters";
	r = put_counters(sensor, generation);
	if (r < 0)
		return r;

	for (size_t i = 0; i < BL_BOUND_CGROUPS; i++)
		bl_sensor_bound(sensor, number)[i] = 0;
	/*
	 * From here on a new cgroup is bound for both generations; one that was being made is
	 * waited for.
	 */
	state->attempted = number;
	state->pending = number;
	*reterr_message = "cannot make a cgroup";
	r = bl_binding_barrier(cgroup_root);
	if (r < 0)
		return r;

	*reterr_message = "cannot bind the cgroups";
	return bl_binding_prepare(sensor, generation, number, cgroup_root, ret_totals);
}

/*
 * Of the other parity than what is in force, and never one that was tried before: bindings may hold
 * what a failed attempt wrote under its number.
 */
static uint64_t next_number(const volatile struct bl_state *state)
{
	uint64_t number = state->generation + 1;

	while (number <= state->attempted)
		number += 2;
	return number;
}

static uint32_t strictest_mode(const struct bl_generation *generation)
{
	uint32_t mode = BL_MODE_OFF;

	for (size_t i = 0; i < generation->profiles_count; i++)
		for (size_t section = 0; section < BL_SECTION_COUNT; section++)
			if (generation->profiles[i].profile.mode[section] > mode)
				mode = generation->profiles[i].profile.mode[section];
	return mode;
}

int bl_apply(struct bl_sensor *sensor, const struct bl_generation *generation,
	     const char *cgroup_root, struct bl_applied *ret_applied, const char **reterr_message)
{
	volatile struct bl_state *state = bl_sensor_state(sensor);
	uint64_t before = state->generation;
	uint64_t number = next_number(state);
	uint32_t mode = strictest_mode(generation);
	struct bl_binding_totals totals = {0};
	int r;

	if (generation->profiles_count > BL_PROFILES_PER_GENERATION) {
		*reterr_message = "more than 510 different combinations of policies";
		return -E2BIG;
	}
	if (generation->rules_count > BL_RULES_MAX / 2) {
		*reterr_message = "more than 131072 rules";
		return -E2BIG;
	}
	state->pending = 0;
	r = prepare(sensor, generation, number, cgroup_root, &totals, reterr_message);
	if (r < 0) {
		state->pending = 0;
		/* Its memory; if not now, the next attempt begins with it. */
		if (wait_for_programs() == 0)
			(void)drop_generation(sensor, number);
		return r;
	}

	/* Too strict for a moment rather than too lax. */
	if (mode > state->mode)
		state->mode = mode;
	/*
	 * The switch (I6). The programs read pending before generation, so this order misses no
	 * cgroup.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	state->generation = number;
	atomic_thread_fence(memory_order_seq_cst);
	state->pending = 0;
	state->mode = mode;

	ret_applied->generation = number;
	ret_applied->containers = totals.containers;
	ret_applied->bindings = totals.bindings;
	r = wait_for_programs();
	if (r == 0 && before)
		r = drop_generation(sensor, before);
	if (r == 0)
		r = drop_counters(sensor, generation);
	if (r == 0)
		r = bl_binding_collect(sensor, cgroup_root);
	ret_applied->cleanup_error = r < 0 ? r : 0;
	return 0;
}

int bl_apply_collect(struct bl_sensor *sensor, const char *cgroup_root)
{
	return bl_binding_collect(sensor, cgroup_root);
}
