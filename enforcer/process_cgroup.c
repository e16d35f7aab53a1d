// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/process_cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/util.h"

/* A dozen hierarchies of version 1 with a path of full length each would be longer; none is. */
#define CGROUP_TEXT_MAX 65536
#define STAT_TEXT_MAX   1024

/* Reads /proc/PID/NAME into text, with a NUL behind it. -E2BIG: it is longer. */
static int read_proc(pid_t tgid, const char *name, char *text, size_t size)
{
	bl_cleanup_close int fd = -1;
	char path[64];
	size_t len = 0;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)tgid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? -ESRCH : -errno;
	for (;;) {
		ssize_t n = read(fd, text + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno; /* ESRCH: it has ended meanwhile */
		if (n == 0)
			break;
		len += (size_t)n;
		if (len == size)
			return -E2BIG;
	}
	text[len] = '\0';
	return 0;
}

static bool has_parent_step(const char *path)
{
	const char *at = path;

	while ((at = strstr(at, "/.."))) {
		if (at[3] == '/' || at[3] == '\0')
			return true;
		at += 3;
	}
	return false;
}

int bl_process_cgroup_parse(char *text, char *path, size_t size)
{
	static const char deleted[] = " (deleted)";
	char *rest = text;
	char *line;

	while ((line = strsep(&rest, "\n"))) {
		size_t len;

		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line += 3;
		len = strlen(line);
		if (len >= strlen(deleted) && !strcmp(line + len - strlen(deleted), deleted))
			return -ENOENT;
		if (has_parent_step(line))
			return -EXDEV;
		if (len >= size)
			return -ENAMETOOLONG;
		memcpy(path, line, len + 1);
		return 0;
	}
	return -EOPNOTSUPP;
}

int bl_process_cgroup(pid_t tgid, char *path, size_t size)
{
	bl_cleanup_free char *text = malloc(CGROUP_TEXT_MAX);
	int r;

	if (!text)
		return -ENOMEM;
	r = read_proc(tgid, "cgroup", text, CGROUP_TEXT_MAX);
	return r < 0 ? r : bl_process_cgroup_parse(text, path, size);
}

int bl_process_parent(pid_t tgid, pid_t *ret_parent)
{
	char text[STAT_TEXT_MAX];
	const char *behind;
	int parent;
	int r;

	r = read_proc(tgid, "stat", text, sizeof(text));
	if (r < 0)
		return r;
	/* proc(5): the second field, comm, may hold blanks and parentheses. */
	behind = strrchr(text, ')');
	if (!behind || sscanf(behind + 1, " %*c %d", &parent) != 1)
		return -ESRCH;
	*ret_parent = parent;
	return 0;
}
