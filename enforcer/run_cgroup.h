/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cgroup of a "bailiff run": below the caller's own, so that the run stays within the caller's
 * limits, is ended with the caller's unit, and is held by whatever policies hold the caller. A
 * cgroup without controllers may be made below one that has processes, so this works in a unit of
 * systemd as in a plain tree.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct bl_run_cgroup {
	char *dir;  /* "<root><path>" */
	char *path; /* from the root of the hierarchy, as /proc/PID/cgroup names it */
	char *name; /* its last component */
	uint64_t id;
};

void bl_run_cgroup_fini(struct bl_run_cgroup *cgroup);

/*
 * Makes one, with a name that no other has. root is where cgroup2 is mounted. -ENOENT: the caller
 * is in no cgroup of that hierarchy. -ENAMETOOLONG: deeper than a policy reaches.
 */
int bl_run_cgroup_make(const char *root, struct bl_run_cgroup *ret_cgroup)
	__attribute__((warn_unused_result));

/* Puts a process in. */
int bl_run_cgroup_enter(const struct bl_run_cgroup *cgroup, pid_t tgid)
	__attribute__((warn_unused_result));

/*
 * Whether the cgroup of that id at dir, or one below it, has a process. 0: it is there and empty.
 * -ENOENT: it is gone, whether or not another one has its name.
 */
int bl_run_cgroup_is_populated(const char *dir, uint64_t id) __attribute__((warn_unused_result));

/* Removes a cgroup in which nobody is, and those below it. -EBUSY: somebody is. Gone: 0. */
int bl_run_cgroup_remove(const char *dir) __attribute__((warn_unused_result));
