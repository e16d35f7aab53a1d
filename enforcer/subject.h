/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc still tells about the task of an event. The task may have ended, or executed something else
 * since: everything here is best effort, and only describes; nothing is decided by it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Of a command line so many bytes are kept. */
#define BL_SUBJECT_ARGUMENTS_MAX 4096

struct bl_subject {
	char *exe;	 /* NULL: not known */
	char *arguments; /* each ends in NUL; NULL: not known */
	size_t arguments_len;
	bool is_cut; /* there were more arguments */
	char *parent_exe;
};

void bl_subject_fini(struct bl_subject *subject);

/*
 * time_ns is the event's, on CLOCK_BOOTTIME: a process that started later only has the same number, and is
 * not described. -ENOMEM; a task that is gone is no error.
 */
int bl_subject_read(uint32_t tgid, uint32_t parent_tgid, uint64_t time_ns, struct bl_subject *ret_subject)
	__attribute__((warn_unused_result));
