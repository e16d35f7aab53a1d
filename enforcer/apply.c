// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/apply.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "enforcer/binding.h"
#include "enforcer/util.h"

static enum bl_map table_map(enum bl_size_class size_class)
{
	switch (size_class) {
	case BL_SIZE_SMALL:
		return BL_MAP_TABLES_SMALL;
	case BL_SIZE_MEDIUM:
		return BL_MAP_TABLES_MEDIUM;
	case BL_SIZE_LARGE:
		return BL_MAP_TABLES_LARGE;
	case BL_SIZE_NONE:
		break;
	}
	return BL_MAP_COUNT;
}

/* A table in a map of its own that nobody can write any more. */
static int make_table(const void *table, size_t bytes)
{
	bl_cleanup_close int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "table", sizeof(uint32_t),
						 (uint32_t)bytes, 1, NULL);
	uint32_t zero = 0;
	int r;

	if (fd < 0)
		return fd;
	r = bpf_map_update_elem(fd, &zero, table, BPF_ANY);
	if (r < 0)
		return r;
	r = bpf_map_freeze(fd);
	if (r < 0)
		return r;
	return TAKE_FD(fd);
}

/* Puts a profile or selector table where the programs find it; the profile's record comes last. */
static int put_table(const struct bl_sensor *sensor, uint32_t id, const struct bl_profile *profile,
		     const void *table, size_t bytes)
{
	enum bl_map map = table_map(profile->size_class);
	bl_cleanup_close int fd = -1;
	int r;

	if (map == BL_MAP_COUNT)
		return -EINVAL;
	fd = make_table(table, bytes);
	if (fd < 0)
		return fd;
	r = bpf_map_update_elem(bl_sensor_map_fd(sensor, map), &id, &fd, BPF_ANY);
	if (r < 0)
		return r;
	return bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_PROFILES), &id, profile,
				   BPF_ANY);
}

static int drop_table(const struct bl_sensor *sensor, uint32_t id)
{
	static const struct bl_profile none;
	int profiles = bl_sensor_map_fd(sensor, BL_MAP_PROFILES);
	struct bl_profile profile;
	int r = bpf_map_lookup_elem(profiles, &id, &profile);

	if (r < 0)
		return r;
	if (profile.size_class == BL_SIZE_NONE)
		return 0;
	r = bpf_map_delete_elem(bl_sensor_map_fd(sensor, table_map(profile.size_class)), &id);
	if (r < 0 && r != -ENOENT)
		return r;
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
 * rcu_read_lock().
 */
static int wait_for_programs(const struct bl_sensor *sensor)
{
	bl_cleanup_close int fd = bpf_map_create(BPF_MAP_TYPE_ARRAY, "barrier", sizeof(uint32_t),
						 BL_TABLE_SMALL, 1, NULL);
	uint32_t id = BL_PROFILE_BARRIER;

	if (fd < 0)
		return fd;
	return bpf_map_update_elem(bl_sensor_map_fd(sensor, BL_MAP_TABLES_SMALL), &id, &fd,
				   BPF_ANY);
}

static int put_tables(const struct bl_sensor *sensor, const struct bl_generation *generation,
		      uint64_t number)
{
	struct bl_profile selectors = {.size_class = generation->selectors_class};

	for (size_t i = 0; i < generation->profiles_count; i++) {
		const struct bl_compiled_profile *profile = &generation->profiles[i];
		int r = put_table(sensor, BL_PROFILE_ID(number, (uint32_t)i + 1), &profile->profile,
				  profile->table, profile->table_bytes);

		if (r < 0)
			return r;
	}
	return put_table(sensor, BL_PROFILE_SELECTORS(number), &selectors, generation->selectors,
			 generation->selectors_bytes);
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
	r = wait_for_programs(sensor);
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
	r = wait_for_programs(sensor);
	if (r == 0 && before)
		r = drop_generation(sensor, before);
	if (r == 0)
		r = drop_counters(sensor, generation);
	ret_applied->cleanup_error = r;
	return 0;
}

int bl_apply_collect(struct bl_sensor *sensor, const char *cgroup_root)
{
	return bl_binding_collect(sensor, cgroup_root);
}
