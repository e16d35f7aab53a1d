/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the daemon gives up once it has started, for the day somebody takes it over through what it
 * reads: names that confined tasks chose, events, requests. What is in force does not depend on the
 * daemon (I7), so a system call that the list has not is refused with EPERM rather than answered
 * with death, and the kernel logs it (audit record type 1326) where the daemon cannot take it back.
 *
 * Of the calling thread; there is one. None of it can be undone. Logs what could not be done.
 */
#pragma once

#include "enforcer/config.h"

/*
 * For the daemon, with programs loaded, policies in force and everything open. config_file NULL:
 * BL_CONFIG_FILE. What can be read and written afterwards follows from config; on kernels without
 * Landlock that part is left out, with a warning.
 */
int bl_sandbox_enter(const struct bl_config *config, const char *config_file,
		     const char *cgroup_root, const char *runs_dir)
	__attribute__((warn_unused_result));

/* For the process of exe_reader.h: it can read links of /proc and answer, nothing else. */
int bl_sandbox_enter_reader(void) __attribute__((warn_unused_result));
