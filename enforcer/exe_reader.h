/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A process beside the daemon that says which executable another runs, and can do nothing else.
 *
 * /proc/PID/exe is shown to those only who could trace the process. The daemon cannot when it has
 * entered its sandbox: it gives up CAP_SYS_PTRACE, and Landlock refuses it whatever the
 * capabilities (hook_ptrace_access_check() of security/landlock/ptrace.c). The reader keeps that
 * one capability, without a file, a policy or memory of the daemon's, and takes only numbers.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct bl_exe_reader;

/*
 * Starts it; it ends when the daemon does. To be called before maps are opened, so that it has none
 * of them.
 */
int bl_exe_reader_new(struct bl_exe_reader **ret_reader) __attribute__((warn_unused_result));

/* Accepts NULL. */
void bl_exe_reader_free(struct bl_exe_reader *reader);

/*
 * Bytes of path, without a NUL: at most size, which is at most PATH_MAX. Negative: not known. Logs
 * when the reader is gone.
 */
ssize_t bl_exe_reader_ask(struct bl_exe_reader *reader, uint32_t tgid, char *path, size_t size);
