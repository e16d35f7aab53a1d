/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command of a "bailiff run": a process that waits until it is told to become it, and its life
 * until it ends. It stays in the caller's process group, so that the terminal is the command's as
 * it was the caller's. One at a time; signals that are passed on are blocked from its start on.
 */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "enforcer/syscall_filter.h"

/* What it is to be. Borrowed, and must outlive it. */
struct bl_command_spec {
	char *const *argv;
	const struct bl_syscall_filter *filter;       /* or NULL */
	const struct bl_syscall_filter *audit_filter; /* when nothing is to be denied; or NULL */
};

/* What went wrong before the command's own first instruction. */
enum bl_command_stage {
	BL_COMMAND_WAITING,
	BL_COMMAND_FILTER,
	BL_COMMAND_EXEC,
	BL_COMMAND_RUNNING,
};

struct bl_command;

/* Forks. The process waits, and ends if the caller does. */
int bl_command_start(const struct bl_command_spec *spec, struct bl_command **ret_command)
	__attribute__((warn_unused_result));

pid_t bl_command_tgid(const struct bl_command *command);

/* Has it put the filter on and execute argv. */
int bl_command_go(struct bl_command *command, bool is_audit) __attribute__((warn_unused_result));

/* Passes signals on until it ends; *ret_status is what waitpid(2) gives. */
int bl_command_wait(struct bl_command *command, int *ret_status)
	__attribute__((warn_unused_result));

/* After it ended: how far it came, and if not to the end, the errno that stopped it. */
enum bl_command_stage bl_command_reached(const struct bl_command *command, int *ret_error);

/* Ends a process that waits. Accepts NULL. */
void bl_command_free(struct bl_command *command);
