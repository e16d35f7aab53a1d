/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What belongs to the engine (I11): tells the programs in the kernel which processes, files and
 * cgroups are the daemon's. What they make of it is said in bpf/guard.bpf.h. To be used before the
 * daemon confines itself.
 */
#pragma once

#include "enforcer/config.h"
#include "enforcer/sensor.h"

/*
 * The calling process, its child, and the places of the configuration. Guarded is the configuration
 * directory, config_file (NULL: the one there), policies, the directory of the socket and the pins.
 * What was guarded before stays so until all of it is known. Says itself what went wrong.
 */
int bl_guard_enroll(struct bl_sensor *sensor, const struct bl_config *config,
		    const char *config_file, const char *cgroup_root)
	__attribute__((warn_unused_result));
