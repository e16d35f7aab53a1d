/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a process is in the unified hierarchy, as /proc tells it to the daemon, which sees all of
 * the tree.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Writes the path of the process's cgroup, which begins with '/'. -ESRCH: there is no such process.
 * -EOPNOTSUPP: it is in none of cgroup2. -ENOENT: its cgroup has been removed. -EXDEV: its cgroup
 * is outside of what we see. -ENAMETOOLONG: the path does not fit.
 */
int bl_process_cgroup(pid_t tgid, char *path, size_t size) __attribute__((warn_unused_result));

/* The same out of the text of a /proc/PID/cgroup, which is changed. */
int bl_process_cgroup_parse(char *text, char *path, size_t size)
	__attribute__((warn_unused_result));

/* The number of the process's parent. -ESRCH. */
int bl_process_parent(pid_t tgid, pid_t *ret_parent) __attribute__((warn_unused_result));
