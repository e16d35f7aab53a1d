// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/apply.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "enforcer/tables.h"
#include "enforcer/util.h"

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

/*
 * What the containers that are known will need is compiled and written with the rest; only what is
 * selected further down is found when it is bound.
 */
static int combine_for_containers(const struct bl_binder *binder, struct bl_diags *diags)
{
	for (size_t i = 0; i < binder->containers->count; i++) {
		const struct bl_container *container = &binder->containers->items[i]->container;
		struct bl_choice_of_profile choice;
		int r = bl_ruleset_choose(binder->ruleset, container->cgroup, container, diags,
					  &choice);

		if (r < 0)
			return r;
	}
	return 0;
}

static int prepare(const struct bl_binder *binder, uint64_t number, struct bl_diags *diags,
		   struct bl_binding_totals *ret_totals, const char **reterr_message)
{
	const struct bl_generation *generation = &binder->ruleset->generation;
	struct bl_sensor *sensor = binder->sensor;
	volatile struct bl_state *state = bl_sensor_state(sensor);
	int r;

	*reterr_message = "cannot free what an earlier generation left";
	r = wait_for_programs();
	if (r == 0)
		r = bl_tables_drop(sensor, number);
	if (r < 0)
		return r;

	*reterr_message = "cannot combine the policies of a container";
	r = combine_for_containers(binder, diags);
	if (r < 0)
		return r;

	*reterr_message = "cannot write the policy tables";
	r = bl_tables_put(sensor, generation, number, binder->tables);
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
	r = bl_binding_barrier(binder->cgroup_root);
	if (r < 0)
		return r;

	*reterr_message = "cannot bind the cgroups";
	return bl_binding_prepare(binder, diags, ret_totals);
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

static int check_capacity(const struct bl_generation *generation, const char **reterr_message)
{
	if (generation->profiles_count > BL_PROFILES_PER_GENERATION) {
		*reterr_message = "more than 510 different combinations of policies";
		return -E2BIG;
	}
	if (generation->rules_count > BL_RULES_MAX / 2) {
		*reterr_message = "more than 131072 rules";
		return -E2BIG;
	}
	return 0;
}

/* The switch (I6). */
static void switch_to(volatile struct bl_state *state, uint64_t number, uint32_t mode)
{
	/* Too strict for a moment rather than too lax. */
	if (mode > state->mode)
		state->mode = mode;
	/*
	 * The programs read pending before generation, so this order misses no cgroup.
	 */
	atomic_thread_fence(memory_order_seq_cst);
	state->generation = number;
	atomic_thread_fence(memory_order_seq_cst);
	state->pending = 0;
	state->mode = mode;
}

int bl_apply(const struct bl_binder *binder, struct bl_diags *diags, struct bl_applied *ret_applied,
	     const char **reterr_message)
{
	const struct bl_generation *generation = &binder->ruleset->generation;
	struct bl_sensor *sensor = binder->sensor;
	volatile struct bl_state *state = bl_sensor_state(sensor);
	uint64_t before = state->generation;
	uint64_t number = next_number(state);
	struct bl_binding_totals totals = {0};
	int r = check_capacity(generation, reterr_message);

	if (r < 0)
		return r;
	state->pending = 0;
	r = prepare(binder, number, diags, &totals, reterr_message);
	if (r < 0) {
		/* Its memory; if not now, the next attempt begins with it. */
		int dropped;

		state->pending = 0;
		dropped = wait_for_programs();
		if (dropped == 0)
			dropped = bl_tables_drop(sensor, number);
		(void)dropped;
		return r;
	}
	switch_to(state, number, strictest_mode(generation));

	ret_applied->generation = number;
	ret_applied->containers = totals.containers;
	ret_applied->bindings = totals.bindings;
	r = wait_for_programs();
	if (r == 0 && before)
		r = bl_tables_drop(sensor, before);
	if (r == 0)
		r = drop_counters(sensor, generation);
	if (r == 0)
		r = bl_binding_collect(sensor, binder->cgroup_root);
	ret_applied->cleanup_error = r < 0 ? r : 0;
	return 0;
}

int bl_apply_collect(struct bl_sensor *sensor, const char *cgroup_root)
{
	return bl_binding_collect(sensor, cgroup_root);
}
