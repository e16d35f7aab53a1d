// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/binding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "enforcer/evaluate.h"
#include "enforcer/util.h"

struct scan {
	const struct bl_sensor *sensor;
	const struct bl_generation *generation;
	uint64_t number;
	volatile uint8_t *bound; /* bl_sensor_bound() of number */
	struct bl_binding_totals totals;
	char path[BL_CGROUP_PATH_MAX]; /* of the cgroup being looked at, below cgroup_root */
};

/* What a cgroup has from those above it. */
struct inherited {
	uint64_t container; /* 0: none */
	uint32_t profile;
};

static uint32_t selected_profile(const struct scan *scan, const char *path, size_t len,
				 bool *ret_is_own)
{
	struct bl_selected selected = bl_evaluate_selectors(
		scan->generation->selectors, scan->generation->selectors_bytes, path, len);

	*ret_is_own = selected.is_own;
	return selected.profile ? BL_PROFILE_ID(scan->number, selected.profile) : 0;
}

static int write_binding(int fd, uint64_t id, struct bl_binding *binding, uint64_t number,
			 uint32_t profile, uint64_t flags)
{
	binding->generation[number & 1] = number;
	binding->profile[number & 1] = profile;
	return bpf_map_update_elem(fd, &id, binding, flags);
}

/* A new cgroup is bound by the kernel at any moment; then there is one to be changed. */
static int bind_cgroup(struct scan *scan, uint64_t id, size_t len, bool is_own,
		       struct inherited above, uint32_t profile)
{
	int fd = bl_sensor_map_fd(scan->sensor, BL_MAP_BINDINGS);
	struct bl_binding binding = {0};
	int r = bpf_map_lookup_elem(fd, &id, &binding);

	if (r < 0 && r != -ENOENT)
		return r;
	if (r == -ENOENT) {
		if (!is_own && profile == above.profile)
			return 0;
		binding = (struct bl_binding){.id = id, .path_len = (uint32_t)len};
		memcpy(binding.path, scan->path, len);
		binding.container = is_own || !above.container ? id : above.container;
		r = write_binding(fd, id, &binding, scan->number, profile, BPF_NOEXIST);
		if (r == -EEXIST) {
			r = bpf_map_lookup_elem(fd, &id, &binding);
			if (r == 0)
				r = write_binding(fd, id, &binding, scan->number, profile,
						  BPF_EXIST);
		}
	} else {
		if (is_own)
			binding.container = id;
		r = write_binding(fd, id, &binding, scan->number, profile, BPF_EXIST);
	}
	if (r < 0)
		return r;
	scan->totals.bindings += profile != 0;
	scan->totals.containers += profile != 0 && binding.container == id;
	return 0;
}

static int scan_cgroup(struct scan *scan, int fd, size_t len, struct inherited above);

/* Below what is too long to be named may be any cgroup. */
static void mark_all_bound(struct scan *scan)
{
	for (size_t i = 0; i < BL_BOUND_CGROUPS; i++)
		scan->bound[i] = 1;
}

static int scan_child(struct scan *scan, int dir_fd, size_t len, const char *name,
		      struct inherited above)
{
	int n = snprintf(scan->path + len, sizeof(scan->path) - len, "/%s", name);
	int fd;

	/*
	 * As in the kernel: what the tracepoint's buffer does not hold stays part of the cgroup
	 * above.
	 */
	if (n < 0 || (size_t)n >= sizeof(scan->path) - len - 1) {
		if (above.profile)
			mark_all_bound(scan);
		return 0;
	}
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* removed meanwhile */
	return scan_cgroup(scan, fd, len + (size_t)n, above);
}

/*
 * Takes fd over. One descriptor a level: a container that nests as deep as it can must not stop a
 * reload.
 */
static int scan_cgroup(struct scan *scan, int fd, size_t len, struct inherited above)
{
	bl_cleanup_closedir DIR *stream = fdopendir(fd);
	const struct dirent *entry;
	struct stat status;
	uint32_t profile;
	bool is_own;
	int r;

	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	if (fstat(fd, &status) < 0)
		return -errno;
	profile = selected_profile(scan, len ? scan->path : "/", len ? len : 1, &is_own);
	/*
	 * kernfs_ino() of include/linux/kernfs.h: on 64 bits the inode's number is the cgroup's id.
	 */
	if (profile)
		scan->bound[status.st_ino % BL_BOUND_CGROUPS] = 1;
	r = bind_cgroup(scan, status.st_ino, len, is_own, above, profile);
	if (r < 0)
		return r;
	if (profile && (is_own || !above.container))
		above.container = status.st_ino;
	above.profile = profile;

	while ((entry = readdir(stream))) {
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, ".."))
			continue;
		r = scan_child(scan, fd, len, entry->d_name, above);
		if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Bindings the scan did not come by: their cgroups are gone, their paths still say who selects
 * them.
 */
static int bind_gone(struct scan *scan)
{
	int fd = bl_sensor_map_fd(scan->sensor, BL_MAP_BINDINGS);
	uint64_t parity = scan->number & 1;
	uint64_t *previous = NULL;
	uint64_t id;

	while (bpf_map_get_next_key(fd, previous, &id) == 0) {
		struct bl_binding binding;
		uint32_t profile;
		bool is_own;
		int r = bpf_map_lookup_elem(fd, &id, &binding);

		previous = &id;
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		if (binding.generation[parity] == scan->number)
			continue;
		profile = selected_profile(scan, binding.path_len ? binding.path : "/",
					   binding.path_len ? binding.path_len : 1, &is_own);
		r = write_binding(fd, id, &binding, scan->number, profile, BPF_EXIST);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

int bl_binding_prepare(struct bl_sensor *sensor, const struct bl_generation *generation,
		       uint64_t number, const char *cgroup_root,
		       struct bl_binding_totals *ret_totals)
{
	struct scan scan = {
		.sensor = sensor,
		.generation = generation,
		.number = number,
		.bound = bl_sensor_bound(sensor, number),
	};
	int fd = open(cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = scan_cgroup(&scan, fd, 0, (struct inherited){0});
	if (r < 0)
		return r;
	r = bind_gone(&scan);
	if (r < 0)
		return r;
	*ret_totals = scan.totals;
	return 0;
}

/* The container the cgroup of that path is part of: the nearest binding above it. 0: of none. */
static int find_container_above(int bindings, const char *cgroup_root, const char *path,
				uint64_t *ret_container, uint32_t *ret_is_new)
{
	char at[PATH_MAX];
	int n = snprintf(at, sizeof(at), "%s%s", cgroup_root, path);
	size_t root_len = strlen(cgroup_root);

	if (n < 0 || (size_t)n >= sizeof(at))
		return -ENAMETOOLONG;
	*ret_container = 0;
	*ret_is_new = 1;
	while (strlen(at) > root_len) {
		struct bl_binding binding;
		struct stat status;
		uint64_t id;
		int r;

		*strrchr(at, '/') = '\0';
		if (stat(at, &status) < 0)
			return -errno;
		id = status.st_ino;
		r = bpf_map_lookup_elem(bindings, &id, &binding);
		if (r < 0 && r != -ENOENT)
			return r;
		if (r == 0) {
			*ret_container = binding.container;
			*ret_is_new = binding.is_new;
			return 0;
		}
	}
	return 0;
}

/* Which profile the container is given. Of what is known of it only its cgroup selects. */
static uint32_t profile_of(const struct bl_generation *generation,
			   const struct bl_container *container, bool *ret_is_own)
{
	struct bl_selected selected =
		bl_evaluate_selectors(generation->selectors, generation->selectors_bytes,
				      container->cgroup, strlen(container->cgroup));

	*ret_is_own = selected.is_own;
	return selected.profile;
}

/*
 * Also for one that only inherits what is above it: the runtime's process is the container's own
 * matter. Whoever comes into it later from outside comes to set something up, as in any cgroup that
 * was bound when it was made.
 */
static int write_container(struct bl_sensor *sensor, const struct bl_container *container,
			   uint64_t number, struct bl_binding *made)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_BINDINGS);
	uint32_t profile = made->profile[number & 1];
	struct bl_binding binding;
	int r = bpf_map_lookup_elem(fd, &made->id, &binding);

	if (r == -ENOENT) {
		made->path_len = (uint32_t)strlen(container->cgroup);
		memcpy(made->path, container->cgroup, made->path_len);
		return write_binding(fd, made->id, made, number, profile, BPF_NOEXIST);
	}
	if (r < 0)
		return r;
	binding.container = made->container;
	binding.runtime_tgid = made->runtime_tgid;
	return write_binding(fd, made->id, &binding, number, profile, BPF_EXIST);
}

int bl_binding_bind_container(struct bl_sensor *sensor, const struct bl_generation *generation,
			      uint64_t number, const char *cgroup_root,
			      const struct bl_container *container, pid_t runtime_tgid,
			      uint32_t *ret_profile)
{
	struct bl_binding binding = {.runtime_tgid = (uint32_t)runtime_tgid};
	char path[PATH_MAX];
	struct stat status;
	uint64_t above = 0;
	uint32_t profile;
	bool is_own;
	int n = snprintf(path, sizeof(path), "%s%s", cgroup_root, container->cgroup);
	int r;

	if (n < 0 || (size_t)n >= sizeof(path) || strlen(container->cgroup) >= sizeof(binding.path))
		return -ENAMETOOLONG;
	if (stat(path, &status) < 0)
		return -errno;
	profile = profile_of(generation, container, &is_own);
	if (profile == 0) {
		*ret_profile = 0;
		return 0;
	}
	binding.id = status.st_ino;
	binding.profile[number & 1] = BL_PROFILE_ID(number, profile);
	r = find_container_above(bl_sensor_map_fd(sensor, BL_MAP_BINDINGS), cgroup_root,
				 container->cgroup, &above, &binding.is_new);
	if (r < 0)
		return r;
	binding.container = is_own || !above ? binding.id : above;
	bl_sensor_bound(sensor, number)[binding.id % BL_BOUND_CGROUPS] = 1;
	r = write_container(sensor, container, number, &binding);
	if (r < 0)
		return r;
	*ret_profile = profile;
	return 0;
}

int bl_binding_barrier(const char *cgroup_root)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s/bailiff.barrier", cgroup_root);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return -errno;
	return rmdir(path) < 0 ? -errno : 0;
}

static bool is_there(const char *cgroup_root, uint64_t id, const struct bl_binding *binding)
{
	char path[PATH_MAX];
	struct stat status;
	int n = snprintf(path, sizeof(path), "%s%.*s", cgroup_root, (int)binding->path_len,
			 binding->path);

	if (n < 0 || (size_t)n >= sizeof(path))
		return true;
	return stat(path, &status) == 0 ? status.st_ino == id : errno != ENOENT;
}

static bool is_named(const struct bl_task_label *labels, size_t count, uint64_t id)
{
	for (size_t i = 0; i < count; i++)
		if (labels[i].binding == id || labels[i].container == id)
			return true;
	return false;
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a;
	uint64_t y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/*
 * Bindings that nothing can need but a label; found before the labels are read, so that no new one
 * names them.
 */
static int find_idle(struct bl_sensor *sensor, const char *cgroup_root, uint64_t **ret_ids,
		     size_t *ret_count)
{
	int fd = bl_sensor_map_fd(sensor, BL_MAP_BINDINGS);
	uint64_t number = bl_sensor_state(sensor)->generation;
	bl_cleanup_free uint64_t *ids = NULL;
	uint64_t *previous = NULL;
	size_t count = 0;
	size_t room = 0;
	uint64_t id;

	while (bpf_map_get_next_key(fd, previous, &id) == 0) {
		struct bl_binding binding;

		previous = &id;
		if (bpf_map_lookup_elem(fd, &id, &binding) < 0)
			continue;
		if (binding.profile[number & 1] && is_there(cgroup_root, id, &binding))
			continue;
		if (count == room) {
			uint64_t *more = reallocarray(ids, room + 1024, sizeof(*ids));

			if (!more)
				return -ENOMEM;
			ids = more;
			room += 1024;
		}
		ids[count++] = id;
	}
	/* A hash map that changes meanwhile may show a key twice. */
	if (count)
		qsort(ids, count, sizeof(*ids), compare_ids);
	*ret_ids = TAKE(ids);
	*ret_count = count;
	return 0;
}

int bl_binding_collect(struct bl_sensor *sensor, const char *cgroup_root)
{
	bl_cleanup_free struct bl_task_label *labels = NULL;
	bl_cleanup_free uint64_t *ids = NULL;
	size_t labels_count = 0;
	size_t count = 0;
	int removed = 0;
	int r = find_idle(sensor, cgroup_root, &ids, &count);

	if (r < 0 || count == 0)
		return r;
	r = bl_sensor_task_labels(sensor, &labels, &labels_count);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		if ((i && ids[i] == ids[i - 1]) || is_named(labels, labels_count, ids[i]))
			continue;
		r = bpf_map_delete_elem(bl_sensor_map_fd(sensor, BL_MAP_BINDINGS), &ids[i]);
		if (r < 0 && r != -ENOENT)
			return r;
		removed += r == 0;
		r = bpf_map_delete_elem(bl_sensor_map_fd(sensor, BL_MAP_CONTAINER_COUNTERS),
					&ids[i]);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return removed;
}
