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

static int read_exe(int dir, char **ret_exe)
{
	char exe[PATH_MAX];
	ssize_t len = readlinkat(dir, "exe", exe, sizeof(exe) - 1);
	char *copy;

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

int bl_subject_read(uint32_t tgid, uint32_t parent_tgid, uint64_t time_ns,
		    struct bl_subject *ret_subject)
{
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};
	bl_cleanup_close int dir = open_process(tgid, time_ns);
	bl_cleanup_close int parent_dir = open_process(parent_tgid, time_ns);

	if (dir >= 0 && (read_exe(dir, &subject.exe) < 0 || read_arguments(dir, &subject) < 0))
		return -ENOMEM;
	if (parent_dir >= 0 && read_exe(parent_dir, &subject.parent_exe) < 0)
		return -ENOMEM;

	*ret_subject = subject;
	subject = (struct bl_subject){0};
	return 0;
}
