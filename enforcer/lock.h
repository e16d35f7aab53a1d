/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pid file, and the lock on it that makes a daemon the only one. The kernel drops it with the
 * process.
 */
#pragma once

#include <sys/types.h>

/* Takes the lock and writes our pid. -EBUSY: *reterr_pid holds it (0 if it cannot be read). */
int bl_lock_take(const char *path, int *ret_fd, pid_t *reterr_pid)
	__attribute__((warn_unused_result));

/*
 * Who holds it? 0: nobody. -EBUSY: somebody whose pid is not written yet. -EACCES: only root may
 * know.
 */
int bl_lock_holder(const char *path, pid_t *ret_pid) __attribute__((warn_unused_result));
