/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hook's side of the control socket (control.h), with one deadline for all of it: a runtime
 * waits for the hook, so nothing of it may wait for ever. Linked without the daemon's loop.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* An answer to "bind" names a cgroup and the policies of one profile. */
#define BL_HOOK_ANSWER_MAX (1u << 20)

/* On CLOCK_MONOTONIC. */
int64_t bl_hook_now_ms(void);

/*
 * Reads fd, a pipe or a file, to its end. -ETIMEDOUT. -EFBIG: there are more than max bytes. The
 * text has a NUL behind it and is freed with free().
 */
int bl_hook_read(int fd, size_t max, int64_t deadline_ms, char **ret_text, size_t *ret_len)
	__attribute__((warn_unused_result));

/*
 * Sends the line, which ends in a newline, to the socket and reads the answer until the daemon
 * hangs up. -ENOENT, -ECONNREFUSED: nobody listens. -ETIMEDOUT. -EPROTO: it hung up without an
 * answer, as it does on everybody but root.
 */
int bl_hook_ask(const char *socket_path, const char *line, size_t line_len, int64_t deadline_ms,
		char **ret_answer, size_t *ret_len) __attribute__((warn_unused_result));
