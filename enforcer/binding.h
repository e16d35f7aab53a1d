/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which profile binds which cgroup: the bindings map, for cgroups that exist. Cgroups made later
 * are bound in the kernel, when they are made (bpf/lifecycle.bpf.c), from the same selector table.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "enforcer/container.h"
#include "enforcer/policy_compile.h"
#include "enforcer/sensor.h"

struct bl_binding_totals {
	size_t containers;
	size_t bindings;
};

/*
 * Writes the half of every binding that belongs to number, for the cgroups below cgroup_root and
 * for removed ones that labels still name. What the generation in force uses is not touched.
 */
int bl_binding_prepare(struct bl_sensor *sensor, const struct bl_generation *generation,
		       uint64_t number, const char *cgroup_root,
		       struct bl_binding_totals *ret_totals) __attribute__((warn_unused_result));

/*
 * Waits until every mkdir in the cgroup tree that began before has ended, by making a cgroup: both
 * take cgroup_mutex (kernel/cgroup/cgroup.c). After it a scan sees every cgroup that was bound
 * without knowing of the generation being prepared.
 */
int bl_binding_barrier(const char *cgroup_root) __attribute__((warn_unused_result));

/*
 * Binds the cgroup of a container that is being made, in the generation in force, which number is
 * of, and at once. runtime_tgid is the process in which the runtime sets it up; it is not decided
 * until it executes a program. *ret_profile is 1 + the profile's index in the generation, 0 if no
 * policy selects the container; then nothing is written. -E2BIG: there are too many bindings.
 */
int bl_binding_bind_container(struct bl_sensor *sensor, const struct bl_generation *generation,
			      uint64_t number, const char *cgroup_root,
			      const struct bl_container *container, pid_t runtime_tgid,
			      uint32_t *ret_profile) __attribute__((warn_unused_result));

/*
 * Removes bindings of removed or unselected cgroups that no label names. Returns how many, or
 * -errno.
 */
int bl_binding_collect(struct bl_sensor *sensor, const char *cgroup_root)
	__attribute__((warn_unused_result));

/*
 * Whether the label of some thread names the container of that id, wherever the thread is by now: 0
 * or 1, or -errno.
 */
int bl_binding_is_named(const struct bl_sensor *sensor, uint64_t container)
	__attribute__((warn_unused_result));
