/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What could not be recorded (I3): the kernel counts it for each container and reason; here the
 * growth of those counts becomes records. After a start everything counted so far is growth, so
 * that what was lost while no daemon ran is told, at the price of telling some of it twice.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "bpf/abi.h"
#include "enforcer/records.h"
#include "enforcer/sensor.h"

struct bl_losses {
	struct bl_container_losses *items; /* sorted by container */
	size_t count;
};

void bl_losses_fini(struct bl_losses *losses);

/* Writes a record for each count that grew. -ENOMEM, or what reading the map gave. */
int bl_losses_report(struct bl_losses *losses, const struct bl_sensor *sensor,
		     struct bl_records *records) __attribute__((warn_unused_result));

/* The path of a container's cgroup. -ENOENT: no binding knows it any more. */
int bl_container_cgroup(const struct bl_sensor *sensor, uint64_t container,
			char path[BL_CGROUP_PATH_MAX]) __attribute__((warn_unused_result));
