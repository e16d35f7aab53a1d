/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bytes that others chose (paths, names, arguments) as text that is safe in a record and on a
 * terminal, and from which the bytes can be had back: a backslash becomes "\\", and every byte that
 * is not part of a printable UTF-8 character becomes "\xHH". bailiff-events.5 documents it.
 */
#pragma once

#include <stddef.h>

/* NULL: out of memory. Freed with free(). */
char *bl_escape(const void *bytes, size_t len) __attribute__((warn_unused_result));

/*
 * The same for text that may have been escaped already: backslashes stay, so that what was escaped
 * does not change, and what was not can do no harm.
 */
char *bl_escape_controls(const char *text) __attribute__((warn_unused_result));

/* The bytes of what bl_escape() made; what it cannot have made stays. NULL: out of memory. */
char *bl_unescape(const char *text) __attribute__((warn_unused_result));
