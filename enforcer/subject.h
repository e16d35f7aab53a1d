/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What /proc still tells about the task of an event. The task may have ended, or executed something
 * else since: everything here is best effort, and only describes; nothing is decided by it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "enforcer/exe_reader.h"

/* Of a command line so many bytes are kept. */
#define BL_SUBJECT_ARGUMENTS_MAX 4096

struct bl_subject {
	char *exe;       /* NULL: not known */
	char *arguments; /* each ends in NUL; NULL: not known */
	size_t arguments_len;
	bool is_cut; /* there were more arguments */
	char *parent_exe;
};

void bl_subject_fini(struct bl_subject *subject);

/*
 * time_ns is the event's, on CLOCK_BOOTTIME: a process that started later only has the same number,
 * and is not described. reader NULL: executables are read here. -ENOMEM; a task that is gone is no
 * error.
 */
int bl_subject_read(struct bl_exe_reader *reader, uint32_t tgid, uint32_t parent_tgid,
		    uint64_t time_ns, struct bl_subject *ret_subject)
	__attribute__((warn_unused_result));

/*
 * Subjects read a moment ago: a process that fails over and over is not read each time, and one
 * that has ended since is still known. Zeroed to begin with, but for reader.
 */
#define BL_SUBJECTS_KNOWN 64

struct bl_subjects {
	struct bl_exe_reader *reader; /* borrowed; NULL: see bl_subject_read() */
	struct bl_known_subject {
		uint32_t tgid; /* 0: free */
		uint32_t parent_tgid;
		char comm[16];
		uint64_t time_ns; /* of the event it was read for */
		struct bl_subject subject;
	} known[BL_SUBJECTS_KNOWN];
	size_t next; /* that makes room */
};

void bl_subjects_fini(struct bl_subjects *subjects);

/* Never NULL but out of memory; valid until the next call. comm as in the event: 16 bytes. */
const struct bl_subject *bl_subjects_find(struct bl_subjects *subjects, uint32_t tgid,
					  uint32_t parent_tgid, const char *comm, uint64_t time_ns);
