/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A small regular file as a whole, into memory. */
#pragma once

#include <stddef.h>

/*
 * *ret_text is NUL-terminated and freed with free(). -EFBIG: it is larger than max_bytes; -EINVAL:
 * no regular file (reading a FIFO or a device might never end); otherwise what opening or reading
 * gave.
 */
int bl_read_file(const char *path, size_t max_bytes, char **ret_text, size_t *ret_len)
	__attribute__((warn_unused_result));
