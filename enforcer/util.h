/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Ownership by attribute, so that a function can be seen to be leak-free without opening another.
 * Nothing about policies or the kernel belongs here.
 */
#pragma once

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Ends the process's use of a local when it goes out of scope. */
#define bl_cleanup(function) __attribute__((cleanup(function)))

static inline void bl_free_pointer(void *pointer)
{
	free(*(void **)pointer);
}

static inline void bl_close_fd(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static inline void bl_fclose_pointer(FILE **file)
{
	if (*file)
		fclose(*file);
}

static inline void bl_closedir_pointer(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

#define bl_cleanup_free bl_cleanup(bl_free_pointer)
#define bl_cleanup_close bl_cleanup(bl_close_fd)
#define bl_cleanup_fclose bl_cleanup(bl_fclose_pointer)
#define bl_cleanup_closedir bl_cleanup(bl_closedir_pointer)

/* Hands over what a cleanup local owns. */
#define TAKE(pointer)                                                                              \
	({                                                                                         \
		__typeof__(pointer) *take_from = &(pointer);                                       \
		__typeof__(pointer) taken = *take_from;                                            \
		*take_from = NULL;                                                                 \
		taken;                                                                             \
	})

#define TAKE_FD(fd)                                                                                \
	({                                                                                         \
		int *take_from = &(fd);                                                            \
		int taken = *take_from;                                                            \
		*take_from = -1;                                                                   \
		taken;                                                                             \
	})

#define BL_ARRAY_LEN(array) (sizeof(array) / sizeof((array)[0]))
