/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The programs and maps in the kernel: loading, pinning, adopting, removing. The only module that
 * knows the skeleton and the names of maps. What is written into the maps is apply.c's business.
 *
 * Pinned under a directory of a bpffs (I7). Made under "<dir>-new" (bpffs takes no dots) and
 * renamed once whole, so a crash half-way leaves nothing that a later start would take for an
 * engine.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"

#define BL_PIN_DIR "/sys/fs/bpf/bailiff"

enum bl_map {
	BL_MAP_STATE,
	BL_MAP_BOUND,
	BL_MAP_GUARD,
	BL_MAP_ENGINE_OBJECTS,
	BL_MAP_PROFILES,
	BL_MAP_TABLES,
	BL_MAP_BINDINGS,
	BL_MAP_RULE_COUNTERS,
	BL_MAP_CONTAINER_COUNTERS,
	BL_MAP_EVENTS,
	BL_MAP_COUNT,
};

struct bl_sensor;

/* Frees the handle; what is pinned stays in force. Accepts NULL. */
void bl_sensor_free(struct bl_sensor *sensor);

/*
 * Takes over what is pinned in pin_dir. -ENOENT: nothing is. -ESTALE: it was made by another
 * version or other programs; bl_sensor_unload() it first. -EPERM, -EACCES: missing capabilities.
 */
int bl_sensor_adopt(const char *pin_dir, struct bl_sensor **ret_sensor)
	__attribute__((warn_unused_result));

/*
 * Loads, attaches and pins. ring_bytes is a power of two and a multiple of the page size. Until the
 * first generation is applied nothing is mediated. -EEXIST when something is pinned.
 */
int bl_sensor_load(const char *pin_dir, size_t ring_bytes, struct bl_sensor **ret_sensor)
	__attribute__((warn_unused_result));

/*
 * Unpins and so detaches everything, unless another process holds it open. -ENOENT: nothing was
 * pinned.
 */
int bl_sensor_unload(const char *pin_dir) __attribute__((warn_unused_result));

/* Valid as long as the sensor. */
int bl_sensor_map_fd(const struct bl_sensor *sensor, enum bl_map map);

/* The switch, mapped into our memory: the programs read what is written here at once. */
volatile struct bl_state *bl_sensor_state(struct bl_sensor *sensor);

/* What belongs to the engine, mapped too; guard.h fills it in. */
volatile struct bl_guard *bl_sensor_guard(struct bl_sensor *sensor);

/* Runs the program bl_enroll: 0, or -errno of running it or of what it found. */
int bl_sensor_enroll(const struct bl_sensor *sensor, const struct bl_enroll *request)
	__attribute__((warn_unused_result));

/* An open descriptor of each, valid as long as the sensor. */
int bl_sensor_object_fd(const struct bl_sensor *sensor, enum bl_object object);

/* bound_cgroups of abi.h for a generation's parity, mapped too: BL_BOUND_CGROUPS bytes. */
volatile uint8_t *bl_sensor_bound(struct bl_sensor *sensor, uint64_t generation);

/* Sum over the CPUs. A rule without a counter has counted nothing. */
int bl_sensor_rule_counter(const struct bl_sensor *sensor, uint64_t rule_key,
			   struct bl_rule_counter *ret_counter) __attribute__((warn_unused_result));

/* Every binding that the label of some thread names. The caller frees the array. */
int bl_sensor_task_labels(const struct bl_sensor *sensor, struct bl_task_label **ret_labels,
			  size_t *ret_count) __attribute__((warn_unused_result));
