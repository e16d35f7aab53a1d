/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * [syscall] of policies as one seccomp filter, for the command of "bailiff run". No other part of
 * bailiff filters system calls of those it confines: this filter can only be put on by the process
 * itself.
 *
 * Most restrictive over all policies, as everywhere; in audit mode what would be denied is allowed
 * and logged by the kernel. execve(2) starts the command when the filter is on already, so that the
 * filter never denies it, whatever the default: programs are for [exec] to forbid. Calls by the
 * tables of other architectures (32-bit, x32) kill: names mean others' numbers there.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "enforcer/policy.h"

struct bl_syscall_filter;

/*
 * Adds a diagnostic for each name that is no system call (an error), none of this architecture (a
 * warning), or decided above already (a warning), and for each that would deny execve (an error).
 */
void bl_syscall_check(const struct bl_policies *policies, struct bl_diags *diags);

/*
 * *ret_filter is NULL if no policy that is not off has [syscall]. is_audit_forced: all that are not
 * off count as in audit mode. Names have to have passed bl_syscall_check(). -ENOMEM, or what
 * libseccomp gave.
 */
int bl_syscall_filter_new(const struct bl_policies *policies, bool is_audit_forced,
			  struct bl_syscall_filter **ret_filter)
	__attribute__((warn_unused_result));

/* Accepts NULL. */
void bl_syscall_filter_free(struct bl_syscall_filter *filter);

/*
 * Puts it on the calling thread, for good. Sets no_new_privs only if the kernel does not let it do
 * without: without CAP_SYS_ADMIN, or where [capability] denies sys_admin.
 */
int bl_syscall_filter_load(const struct bl_syscall_filter *filter)
	__attribute__((warn_unused_result));

/* As the instructions that the kernel gets: struct sock_filter. */
int bl_syscall_filter_export(const struct bl_syscall_filter *filter, int fd)
	__attribute__((warn_unused_result));
