// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "enforcer/log.h"
#include "enforcer/util.h"

/* Of a place that is not there nothing can be guarded; whoever makes it later is the daemon. */
static int enroll_place(struct bl_sensor *sensor, const char *path, enum bl_guard_kind kind)
{
	bl_cleanup_close int fd = open(path, O_PATH | O_CLOEXEC);
	struct bl_enroll request = {.step = BL_ENROLL_PLACE, .kind = kind, .fd = fd};
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	r = bl_sensor_enroll(sensor, &request);
	if (r == -ENOSPC)
		bl_log(BL_LOG_ERROR, "guard",
		       "'%s' cannot be guarded: at most %d places, on at most %d file systems, can be; put the policies into fewer directories",
		       path, BL_GUARD_PLACES_MAX, BL_GUARD_SUPERS_MAX);
	else if (r < 0)
		bl_log(BL_LOG_ERROR, "guard", "'%s' cannot be guarded: %s", path, strerror(-r));
	return r;
}

/* The directories above it, but for the root, which cannot be moved. */
static int enroll_above(struct bl_sensor *sensor, const char *path, enum bl_guard_kind kind)
{
	bl_cleanup_free char *real = realpath(path, NULL);
	char *above;
	int r = 0;

	if (!real)
		return errno == ENOENT ? 0 : -errno;
	for (above = dirname(real); r == 0 && strcmp(above, "/") != 0; above = dirname(above))
		r = enroll_place(sensor, above, kind);
	return r;
}

/* Own places come first: what is both is the engine's own. */
static int enroll_files(struct bl_sensor *sensor, const struct bl_config *config,
			const char *config_file)
{
	const char *const own[] = {BL_CONFIG_DIR, config_file ? config_file : BL_CONFIG_FILE,
				   config->run_dir, config->state_dir};
	int r = 0;

	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(own); i++)
		r = enroll_place(sensor, own[i], BL_GUARD_OWN);
	for (size_t i = 0; r == 0 && i < config->policies_count; i++)
		r = enroll_place(sensor, config->policies[i], BL_GUARD_OWN);
	if (r == 0)
		r = enroll_place(sensor, config->pin_dir, BL_GUARD_PINS);
	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(own); i++)
		r = enroll_above(sensor, own[i], BL_GUARD_ABOVE);
	for (size_t i = 0; r == 0 && i < config->policies_count; i++)
		r = enroll_above(sensor, config->policies[i], BL_GUARD_ABOVE);
	return r;
}

/* cgroups(7): of the unified hierarchy the line begins with "0::". */
static int own_cgroup(const char *cgroup_root, char **ret_path)
{
	bl_cleanup_fclose FILE *file = fopen("/proc/self/cgroup", "re");
	bl_cleanup_free char *line = NULL;
	size_t size = 0;

	if (!file)
		return -errno;
	while (getline(&line, &size, file) >= 0) {
		if (strncmp(line, "0::/", 4) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		return asprintf(ret_path, "%s%s", cgroup_root, line + 3) < 0 ? -ENOMEM : 0;
	}
	return -ENOENT;
}

/* Everything from the daemon's cgroup up to the root of the tree, which has nothing to kill by. */
static int enroll_cgroups(struct bl_sensor *sensor, const char *cgroup_root)
{
	bl_cleanup_free char *path = NULL;
	size_t root_len = strlen(cgroup_root);
	int r = own_cgroup(cgroup_root, &path);

	while (r == 0 && strlen(path) > root_len + 1) {
		r = enroll_place(sensor, path, BL_GUARD_CGROUP);
		*strrchr(path, '/') = '\0';
	}
	return r;
}

static int enroll_objects(struct bl_sensor *sensor)
{
	int r = 0;

	for (enum bl_object object = 0; r == 0 && object < BL_OBJECT_COUNT; object++) {
		struct bl_enroll request = {
			.step = BL_ENROLL_OBJECT,
			.kind = object,
			.fd = bl_sensor_object_fd(sensor, object),
		};

		r = bl_sensor_enroll(sensor, &request);
	}
	return r;
}

int bl_guard_enroll(struct bl_sensor *sensor, const struct bl_config *config,
		    const char *config_file, const char *cgroup_root)
{
	const struct bl_enroll begin = {.step = BL_ENROLL_BEGIN};
	const struct bl_enroll end = {.step = BL_ENROLL_END};
	int r = bl_sensor_enroll(sensor, &begin);

	if (r == 0)
		r = enroll_objects(sensor);
	if (r == 0)
		r = enroll_files(sensor, config, config_file);
	if (r == 0)
		r = enroll_cgroups(sensor, cgroup_root);
	if (r == 0)
		r = bl_sensor_enroll(sensor, &end);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "guard",
		       "the engine cannot be guarded from what it confines: %s", strerror(-r));
	return r;
}
