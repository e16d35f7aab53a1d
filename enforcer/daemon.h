/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The daemon's loop: policies into the kernel at start and on SIGHUP, events out of it into
 * records, and the control socket. One thread. What is in force stays so when it ends, however it
 * ends (I7).
 */
#pragma once

#include <stdbool.h>

#include "enforcer/config.h"
#include "enforcer/exit.h"

/*
 * The command line; it goes before the file, also when the file is read again. NULL, -1: not given.
 */
struct bl_daemon_options {
	const char *config_file;
	const char *policies;
	const char *events_file;
	const char *pin_dir;
	bool is_audit_forced;
	bool is_stdout;
	bool is_sandbox_off;
	bool is_sealed;
	int log_level; /* enum bl_log_level */
};

/* Runs until SIGTERM or SIGINT. Has logged why when it does not return BL_EXIT_OK. */
enum bl_exit bl_daemon_run(const struct bl_daemon_options *options);
