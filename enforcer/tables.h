/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The tables of one generation in the kernel. Those that were there when it was applied lie behind
 * each other in values that nobody can write any more; what is compiled later, for combinations of
 * policies that a container needs, is put into values of its own.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "enforcer/policy_compile.h"
#include "enforcer/sensor.h"

struct bl_tables {
	uint64_t number;       /* of the generation */
	size_t profiles_count; /* that are in the kernel */
	/* The value that tables are added to. */
	int fd;
	uint32_t value;
	uint8_t *bytes; /* what is in it: BL_TABLE_MAX */
	size_t used;
};

#define BL_TABLES_NONE                                                                             \
	(struct bl_tables)                                                                         \
	{                                                                                          \
		.fd = -1                                                                           \
	}

/* What is in the kernel stays. */
void bl_tables_fini(struct bl_tables *tables);

/* Writes all of a generation, under a number that nothing refers to. */
int bl_tables_put(const struct bl_sensor *sensor, const struct bl_generation *generation,
		  uint64_t number, struct bl_tables *ret_tables)
	__attribute__((warn_unused_result));

/* Writes the profiles that were made since. */
int bl_tables_add(struct bl_tables *tables, const struct bl_sensor *sensor,
		  const struct bl_generation *generation) __attribute__((warn_unused_result));

/* Frees what a generation of that parity used. No program may be using it any more. */
int bl_tables_drop(const struct bl_sensor *sensor, uint64_t number)
	__attribute__((warn_unused_result));

/* The other way round: of a profile's number in the kernel its index, in a generation of it. */
static inline size_t bl_profile_index(uint64_t number, uint32_t id)
{
	return id - BL_PROFILE_ID(number, 1);
}
