/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every map. Who writes which is said in abi.h; sizes that depend on the machine are set at load.
 */
#pragma once

#include "bpf/abi.h"
#include "bpf/kernel.h"

/* Read on every hook: in a section of its own, so that it is plain memory and no look-up. */
volatile struct bl_state state SEC(".data.state") = { .abi_version = BL_ABI_VERSION };

/* Written by bl_enroll, and is_sealed by the daemon. */
volatile struct bl_guard guard SEC(".data.guard");

volatile __u8 bound_cgroups[2][BL_BOUND_CGROUPS] SEC(".data.bound");

struct {
	__uint(type, BPF_MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct bl_label);
} labels SEC(".maps");

struct prefixes {
	struct bl_prefix slots[BL_PREFIX_SLOTS];
};

struct {
	__uint(type, BPF_MAP_TYPE_INODE_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, struct prefixes);
} prefixes SEC(".maps");

/*
 * Owners of files that may not be sent signals by who set them; see process.bpf.c. Of a struct
 * fown_struct the struct pid that was denied.
 */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BL_OWNERS_MAX);
	__type(key, __u64);
	__type(value, __u64);
} owners_denied SEC(".maps");

/* File systems that would count as image, but a confined task mounted them. By super_block. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, BL_MOUNTED_MAX);
	__type(key, __u64);
	__type(value, __u8);
} mounted_inside SEC(".maps");

/* Maps, programs and links of the engine. By BL_OBJECT_KEY. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, BL_ENGINE_OBJECTS_MAX);
	__type(key, __u64);
	__type(value, __u8);
} engine_objects SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, BL_PROFILES_MAX);
	__type(key, __u32);
	__type(value, struct bl_profile);
} profiles SEC(".maps");

/*
 * The policy tables. The value sizes of inner maps must all be equal, so tables are put into one
 * behind the other. A value is named by the first profile that has its table in it.
 */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, BL_PROFILES_MAX);
	__type(key, __u32);
	__array(
		values, struct {
			__uint(type, BPF_MAP_TYPE_ARRAY);
			__uint(max_entries, 1);
			__uint(key_size, sizeof(__u32));
			__uint(value_size, BL_TABLE_MAX);
		});
} tables SEC(".maps");

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
