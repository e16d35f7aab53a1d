// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_cgroup.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bpf/abi.h"
#include "enforcer/util.h"

#define NAME "bailiff.run-XXXXXX"

void bl_run_cgroup_fini(struct bl_run_cgroup *cgroup)
{
	free(cgroup->dir);
	free(cgroup->path);
	free(cgroup->name);
	*cgroup = (struct bl_run_cgroup){0};
}

/* The line of the hierarchy without controllers of version 1: "0::/path". */
static int find_own(char **ret_path)
{
	bl_cleanup_fclose FILE *file = fopen("/proc/self/cgroup", "re");
	bl_cleanup_free char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (!file)
		return -errno;
	while ((len = getline(&line, &room, file)) > 0) {
		char *path;

		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line[len - (line[len - 1] == '\n')] = '\0';
		path = strdup(line + 3);
		if (!path)
			return -ENOMEM;
		*ret_path = path;
		return 0;
	}
	return ferror(file) ? -EIO : -ENOENT;
}

static int describe(const char *root, struct bl_run_cgroup *cgroup)
{
	struct stat status;

	/* Programs look into their own cgroup, and need not be root's. */
	if (chmod(cgroup->dir, 0755) < 0 || stat(cgroup->dir, &status) < 0)
		return -errno;
	cgroup->id = status.st_ino;
	cgroup->path = strdup(cgroup->dir + strlen(root));
	cgroup->name = strdup(strrchr(cgroup->dir, '/') + 1);
	return cgroup->path && cgroup->name ? 0 : -ENOMEM;
}

int bl_run_cgroup_make(const char *root, struct bl_run_cgroup *ret_cgroup)
{
	bl_cleanup(bl_run_cgroup_fini) struct bl_run_cgroup cgroup = {0};
	bl_cleanup_free char *own = NULL;
	int r = find_own(&own);

	if (r < 0)
		return r;
	if (!strcmp(own, "/"))
		*own = '\0';
	/* In the kernel a longer path would belong to the cgroup above it. */
	if (strlen(own) + sizeof("/" NAME) > BL_CGROUP_PATH_MAX - 1)
		return -ENAMETOOLONG;
	if (asprintf(&cgroup.dir, "%s%s/" NAME, root, own) < 0) {
		cgroup.dir = NULL;
		return -ENOMEM;
	}
	if (!mkdtemp(cgroup.dir))
		return -errno;
	r = describe(root, &cgroup);
	if (r < 0) {
		rmdir(cgroup.dir);
		return r;
	}
	*ret_cgroup = cgroup;
	cgroup = (struct bl_run_cgroup){0};
	return 0;
}

int bl_run_cgroup_enter(const struct bl_run_cgroup *cgroup, pid_t tgid)
{
	bl_cleanup_free char *path = NULL;
	bl_cleanup_close int fd = -1;

	if (asprintf(&path, "%s/cgroup.procs", cgroup->dir) < 0) {
		path = NULL;
		return -ENOMEM;
	}
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return dprintf(fd, "%d\n", (int)tgid) < 0 ? -errno : 0;
}

int bl_run_cgroup_is_populated(const char *dir, uint64_t id)
{
	bl_cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bl_cleanup_close int events = -1;
	char text[256];
	struct stat status;
	ssize_t len;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (status.st_ino != id)
		return -ENOENT;
	events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
	if (events < 0)
		return -errno;
	len = read(events, text, sizeof(text) - 1);
	if (len < 0)
		return errno == ENODEV ? -ENOENT : -errno; /* removed meanwhile */
	text[len] = '\0';
	return strstr(text, "populated 0") ? 0 : 1;
}

/* Those below first; one that vanishes meanwhile is gone. */
static int remove_below(const char *dir)
{
	bl_cleanup_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;
	int r = 0;

	if (!stream)
		return errno == ENOENT ? 0 : -errno;
	while (r == 0 && (entry = readdir(stream))) {
		bl_cleanup_free char *path = NULL;

		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, ".."))
			continue;
		if (asprintf(&path, "%s/%s", dir, entry->d_name) < 0) {
			path = NULL;
			return -ENOMEM;
		}
		r = bl_run_cgroup_remove(path);
	}
	return r;
}

int bl_run_cgroup_remove(const char *dir)
{
	int r = remove_below(dir);

	if (r < 0)
		return r;
	return rmdir(dir) < 0 && errno != ENOENT ? -errno : 0;
}
