/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map. Who writes which is said in abi.h; sizes that depend on the machine are set at load.
 */
#pragma once

#include "bpf/abi.h"
#include "bpf/kernel.h"

/* Read on every hook: in a section of its own, so that it is plain memory and no look-up. */
volatile struct bl_state state SEC(".data.state") = { .abi_version = BL_ABI_VERSION };

volatile __u8 bound_cgroups[2][BL_BOUND_CGROUPS] SEC(".data.bound");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct bl_label);
} labels SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BL_PROFILES_MAX);
	__type(key, __u32);
	__type(value, struct bl_profile);
} profiles SEC(".maps");

/*
 * The value sizes of inner maps must all be equal, so each size class has a map of maps of its own.
 */
#define TABLES(size_class, bytes)                                                                  \
	struct {                                                                                   \
		__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);                                          \
		__uint(max_entries, BL_PROFILES_MAX);                                              \
		__type(key, __u32);                                                                \
		__array(                                                                           \
			values, struct {                                                           \
				__uint(type, BPF_MAP_TYPE_ARRAY);                                  \
				__uint(max_entries, 1);                                            \
				__uint(key_size, sizeof(__u32));                                   \
				__uint(value_size, bytes);                                         \
			});                                                                        \
	} tables_##size_class SEC(".maps")

TABLES(small, BL_TABLE_SMALL);
TABLES(medium, BL_TABLE_MEDIUM);
TABLES(large, BL_TABLE_LARGE);

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BL_BINDINGS_MAX);
	__type(key, __u64);
	__type(value, struct bl_binding);
} bindings SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BL_RULES_MAX);
	__type(key, __u64);
	__type(value, struct bl_rule_counter);
} rule_counters SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BL_BINDINGS_MAX);
	__type(key, __u64);
	__type(value, struct bl_container_counter);
} containers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20); /* set at load */
} events SEC(".maps");

/*
 * Where a hook makes up the key and the event. A hook may be preempted in the middle by one on the
 * same CPU, in any order, so a buffer is taken by compare-and-swap and not by nesting depth.
 */
struct scratch {
	__u32 is_taken;
	__u32 pad;
	struct bl_event event;
	struct bl_binding binding;
	char key[BL_PATH_MAX];
	char slack[NAME_MAX + 9]; /* the key's end may be read or written past by so much */
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BL_SCRATCH_PER_CPU); /* times the number of CPUs, set at load */
	__type(key, __u32);
	__type(value, struct scratch);
} scratches SEC(".maps");

static __always_inline struct scratch *scratch_take(void)
{
	__u32 first = bpf_get_smp_processor_id() * BL_SCRATCH_PER_CPU;

	for (__u32 i = 0; i < BL_SCRATCH_PER_CPU; i++) {
		__u32 index = first + i;
		struct scratch *scratch = bpf_map_lookup_elem(&scratches, &index);

		if (!scratch)
			return NULL;
		if (!__sync_val_compare_and_swap(&scratch->is_taken, 0, 1))
			return scratch;
	}
	return NULL;
}

static __always_inline void scratch_release(struct scratch *scratch)
{
	__sync_val_compare_and_swap(&scratch->is_taken, 1, 0);
}
