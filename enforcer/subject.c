// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/subject.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/util.h"

void bl_subject_fini(struct bl_subject *subject)
{
	free(subject->exe);
	free(subject->arguments);
	free(subject->parent_exe);
	*subject = (struct bl_subject){0};
}

static ssize_t read_at(int dir, const char *name, char *buffer, size_t size)
{
	bl_cleanup_close int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t len = 0;

	if (fd < 0)
		return -errno;
	while (len < size) {
		ssize_t n = read(fd, buffer + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

/* proc(5): starttime is the 22nd field; the second, comm, may hold blanks and parentheses. */
static bool has_started_by(int dir, uint64_t time_ns)
{
	char stat[1024];
	unsigned long long start_ticks;
	ssize_t len = read_at(dir, "stat", stat, sizeof(stat) - 1);
	long ticks_per_second = sysconf(_SC_CLK_TCK);
	char *rest;

	if (len <= 0 || ticks_per_second <= 0)
		return false;
	stat[len] = '\0';
	rest = strrchr(stat, ')');
	for (int field = 2; rest && field < 22; field++) {
		rest = strchr(rest, ' ');
		if (rest)
			rest++;
	}
	if (!rest || sscanf(rest, "%llu", &start_ticks) != 1)
		return false;
	return start_ticks <= time_ns / (1000000000u / (unsigned long)ticks_per_second);
}

static int read_exe(struct bl_exe_reader *reader, int dir, uint32_t tgid, char **ret_exe)
{
	char exe[PATH_MAX];
	ssize_t len = reader ? bl_exe_reader_ask(reader, tgid, exe, sizeof(exe) - 1)
			     : readlinkat(dir, "exe", exe, sizeof(exe) - 1);
	char *copy;

	/* The reader goes by the number; while dir has a process, it is that one's. */
	if (reader && faccessat(dir, "stat", F_OK, 0) < 0)
		return 0;
	if (len <= 0)
		return 0; /* gone, or a kernel thread */
	exe[len] = '\0';
	copy = strdup(exe);
	if (!copy)
		return -ENOMEM;
	*ret_exe = copy;
	return 0;
}

static int read_arguments(int dir, struct bl_subject *subject)
{
	char buffer[BL_SUBJECT_ARGUMENTS_MAX + 1];
	ssize_t len = read_at(dir, "cmdline", buffer, sizeof(buffer));

	if (len <= 0)
		return 0;
	if (len > BL_SUBJECT_ARGUMENTS_MAX) {
		len = BL_SUBJECT_ARGUMENTS_MAX;
		subject->is_cut = true;
	}
	/* Who puts a title there leaves the rest of its command line empty. */
	while (len > 1 && buffer[len - 1] == '\0' && buffer[len - 2] == '\0')
		len--;
	subject->arguments = malloc((size_t)len);
	if (!subject->arguments)
		return -ENOMEM;
	memcpy(subject->arguments, buffer, (size_t)len);
	subject->arguments_len = (size_t)len;
	return 0;
}

static int open_process(uint32_t tgid, uint64_t time_ns)
{
	bl_cleanup_close int dir = -1;
	char path[32];

	if (tgid == 0)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%u", tgid);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -errno;
	if (!has_started_by(dir, time_ns))
		return -ESRCH;
	return TAKE_FD(dir);
}

int bl_subject_read(struct bl_exe_reader *reader, uint32_t tgid, uint32_t parent_tgid,
		    uint64_t time_ns, struct bl_subject *ret_subject)
{
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};
	bl_cleanup_close int dir = open_process(tgid, time_ns);
	bl_cleanup_close int parent_dir = open_process(parent_tgid, time_ns);

	if (dir >= 0 &&
	    (read_exe(reader, dir, tgid, &subject.exe) < 0 || read_arguments(dir, &subject) < 0))
		return -ENOMEM;
	if (parent_dir >= 0 && read_exe(reader, parent_dir, parent_tgid, &subject.parent_exe) < 0)
		return -ENOMEM;

	*ret_subject = subject;
	subject = (struct bl_subject){0};
	return 0;
}

/* So long a process is taken to be what it was, as long as it has the same name. */
#define FRESH_NS UINT64_C(50000000)

/* So long a process that is gone is taken to be the one of its number. */
#define GONE_NS UINT64_C(1000000000)

void bl_subjects_fini(struct bl_subjects *subjects)
{
	for (size_t i = 0; i < BL_SUBJECTS_KNOWN; i++)
		bl_subject_fini(&subjects->known[i].subject);
	*subjects = (struct bl_subjects){.next = 0};
}

static struct bl_known_subject *find_known(struct bl_subjects *subjects, uint32_t tgid,
					   uint32_t parent_tgid, const char *comm)
{
	for (size_t i = 0; i < BL_SUBJECTS_KNOWN; i++) {
		struct bl_known_subject *known = &subjects->known[i];

		if (known->tgid == tgid && known->parent_tgid == parent_tgid &&
		    memcmp(known->comm, comm, sizeof(known->comm)) == 0)
			return known;
	}
	return NULL;
}

/* Events of several CPUs may arrive in another order than they happened in. */
static bool is_within(uint64_t time_ns, uint64_t other_ns, uint64_t limit_ns)
{
	return (time_ns > other_ns ? time_ns - other_ns : other_ns - time_ns) < limit_ns;
}

const struct bl_subject *bl_subjects_find(struct bl_subjects *subjects, uint32_t tgid,
					  uint32_t parent_tgid, const char *comm, uint64_t time_ns)
{
	bl_cleanup(bl_subject_fini) struct bl_subject read = {0};
	struct bl_known_subject *known = NULL;

	if (tgid != 0)
		known = find_known(subjects, tgid, parent_tgid, comm);
	if (known && known->subject.exe && is_within(time_ns, known->time_ns, FRESH_NS))
		return &known->subject;
	if (bl_subject_read(subjects->reader, tgid, parent_tgid, time_ns, &read) < 0)
		return NULL;
	if (!read.exe && known && is_within(time_ns, known->time_ns, GONE_NS))
		return &known->subject;

	if (!known) {
		known = &subjects->known[subjects->next];
		subjects->next = (subjects->next + 1) % BL_SUBJECTS_KNOWN;
	}
	bl_subject_fini(&known->subject);
	known->tgid = tgid;
	known->parent_tgid = parent_tgid;
	memcpy(known->comm, comm, sizeof(known->comm));
	known->time_ns = time_ns;
	known->subject = read;
	read = (struct bl_subject){0};
	return &known->subject;
}
