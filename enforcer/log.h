/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages to the operator: one line each, to stderr, with the priority prefix journald reads when
 * stderr is the journal. Only program code (cmd_*, daemon) logs; the modules return errors. Records
 * of what policies decided are not messages: see event.h.
 */
#pragma once

#include <stdbool.h>

enum bl_log_level {
	BL_LOG_ERROR,
	BL_LOG_WARNING,
	BL_LOG_INFO,
	BL_LOG_DEBUG,
};

/* Messages above this level are dropped. INFO to begin with. */
void bl_log_set_level(enum bl_log_level level);

/* false when name is none of error, warning, info, debug. */
bool bl_log_parse_level(const char *name, enum bl_log_level *ret_level);

/* subsystem is a word such as "policy"; the text has no newline and ends without a full stop. */
void bl_log(enum bl_log_level level, const char *subsystem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Routes libbpf's own messages through bl_log, its debug messages only at level debug. */
void bl_log_capture_libbpf(void);
