// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/binding.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <bpf/bpf.h>

#include "enforcer/util.h"

struct scan {
	const struct bl_binder *binder;
	uint64_t number;
	volatile uint8_t *bound; /* bl_sensor_bound() of number */
	struct bl_diags *diags;
	struct bl_binding_totals totals;
	char path[BL_CGROUP_PATH_MAX]; /* of the cgroup being looked at, below cgroup_root */
};

/* What a cgroup has from those above it. */
struct inherited {
	uint64_t container; /* 0: none */
	uint32_t profile;
	uint32_t selected;
	const struct bl_known *known; /* the container that it is in; NULL: none */
};

static struct scan scan_of(const struct bl_binder *binder, struct bl_diags *diags)
{
	return (struct scan){
		.binder = binder,
		.number = binder->tables->number,
		.bound = bl_sensor_bound(binder->sensor, binder->tables->number),
		.diags = diags,
	};
}

static int bindings_of(const struct scan *scan)
{
	return bl_sensor_map_fd(scan->binder->sensor, BL_MAP_BINDINGS);
}

/* What its binding is to be: the numbers that the kernel knows the profiles by. */
struct wanted {
	uint32_t profile;
	uint32_t selected;
	bool is_own;
};

static uint32_t number_of(const struct scan *scan, uint32_t profile)
{
	return profile ? BL_PROFILE_ID(scan->number, profile) : 0;
}

static int choose(const struct scan *scan, const char *path, const struct bl_known *known,
		  struct wanted *ret_wanted)
{
	const struct bl_binder *binder = scan->binder;
	struct bl_choice_of_profile choice;
	int r;

	r = bl_ruleset_choose(binder->ruleset, path, known ? &known->container : NULL, scan->diags,
			      &choice);
	if (r == 0)
		r = bl_tables_add(binder->tables, binder->sensor, &binder->ruleset->generation);
	if (r < 0)
		return r;
	*ret_wanted = (struct wanted){
		.profile = number_of(scan, choice.profile),
		.selected = number_of(scan, choice.selected),
		.is_own = choice.is_own,
	};
	return 0;
}

static int write_binding(const struct scan *scan, uint64_t id, struct bl_binding *binding,
			 const struct wanted *wanted, uint64_t flags)
{
	binding->generation[scan->number & 1] = scan->number;
	binding->profile[scan->number & 1] = wanted->profile;
	binding->selected[scan->number & 1] = wanted->selected;
	return bpf_map_update_elem(bindings_of(scan), &id, binding, flags);
}

/* Whether the cgroup is the one in which a runtime is setting the container up. */
static bool is_runtimes(const struct wanted *wanted, const struct bl_known *known, uint64_t id)
{
	return wanted->profile && known && known->runtime_tgid && known->runtime_cgroup == id;
}

static struct bl_binding make_binding(const struct scan *scan, uint64_t id, size_t len,
				      const struct wanted *wanted, const struct inherited *above)
{
	const struct bl_known *known = above->known;
	struct bl_binding binding = {.id = id, .path_len = (uint32_t)len};

	memcpy(binding.path, scan->path, len);
	binding.container = wanted->is_own || !above->container ? id : above->container;
	binding.is_new =
		known && known->is_new && (known->id == id || is_runtimes(wanted, known, id));
	if (is_runtimes(wanted, known, id))
		binding.runtime_tgid = (uint32_t)known->runtime_tgid;
	return binding;
}

static int change_binding(const struct scan *scan, uint64_t id, const struct wanted *wanted,
			  const struct inherited *above, struct bl_binding *binding)
{
	int r = bpf_map_lookup_elem(bindings_of(scan), &id, binding);

	if (r < 0)
		return r;
	if (wanted->is_own)
		binding->container = id;
	else if (above->known && binding->container != id)
		binding->container = above->container;
	if (is_runtimes(wanted, above->known, id))
		binding->runtime_tgid = (uint32_t)above->known->runtime_tgid;
	return write_binding(scan, id, binding, wanted, BPF_EXIST);
}

/* A new cgroup is bound by the kernel at any moment; then there is one to be changed. */
static int bind_cgroup(struct scan *scan, uint64_t id, size_t len, const struct wanted *wanted,
		       const struct inherited *above)
{
	struct bl_binding binding;
	int r = change_binding(scan, id, wanted, above, &binding);

	if (r == -ENOENT) {
		if (!wanted->is_own && wanted->profile == above->profile &&
		    wanted->selected == above->selected && !is_runtimes(wanted, above->known, id))
			return 0;
		binding = make_binding(scan, id, len, wanted, above);
		r = write_binding(scan, id, &binding, wanted, BPF_NOEXIST);
		if (r == -EEXIST)
			r = change_binding(scan, id, wanted, above, &binding);
	}
	if (r < 0)
		return r;
	scan->totals.bindings += wanted->profile != 0;
	scan->totals.containers += wanted->profile != 0 && binding.container == id;
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
static int scan_children(struct scan *scan, int fd, size_t len, struct inherited above)
{
	bl_cleanup_closedir DIR *stream = fdopendir(fd);
	const struct dirent *entry;
	int r;

	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
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

/* Binds the cgroup at scan->path; *above becomes what those below have from it. */
static int bind_one(struct scan *scan, uint64_t id, size_t len, struct inherited *above)
{
	struct wanted wanted;
	int r;

	scan->path[len] = '\0';
	/* A container in a container is part of it. */
	if (!above->known)
		above->known = bl_containers_find(scan->binder->containers, id);
	r = choose(scan, len ? scan->path : "/", above->known, &wanted);
	if (r < 0)
		return r;
	wanted.is_own |= above->known && above->known->id == id && wanted.profile;
	if (wanted.profile)
		scan->bound[id % BL_BOUND_CGROUPS] = 1;
	r = bind_cgroup(scan, id, len, &wanted, above);
	if (r < 0)
		return r;
	if (wanted.profile && (wanted.is_own || !above->container))
		above->container = id;
	above->profile = wanted.profile;
	above->selected = wanted.selected;
	return 0;
}

/* Takes fd over. */
static int scan_cgroup(struct scan *scan, int fd, size_t len, struct inherited above)
{
	struct stat status;
	int r;

	/*
	 * kernfs_ino() of include/linux/kernfs.h: on 64 bits the inode's number is the cgroup's id.
	 */
	r = fstat(fd, &status) < 0 ? -errno : bind_one(scan, status.st_ino, len, &above);
	if (r < 0) {
		close(fd);
		return r;
	}
	return scan_children(scan, fd, len, above);
}

/* The container that a binding is of, or in, whether its cgroup is still there or not. */
static const struct bl_known *known_of(const struct scan *scan, const struct bl_binding *binding)
{
	const struct bl_containers *containers = scan->binder->containers;
	const struct bl_known *known = bl_containers_find(containers, binding->id);

	if (!known)
		known = bl_containers_find(containers, binding->container);
	return known ? known : bl_containers_find_at(containers, binding->path);
}

/*
 * One that was made and removed while the scan was elsewhere has been bound by the kernel, which
 * may not have known what was yet to be written of the container above.
 */
static bool is_bound(const struct scan *scan, const struct bl_binding *binding,
		     const struct bl_known *known)
{
	uint64_t parity = scan->number & 1;

	return binding->generation[parity] == scan->number &&
	       (!known || binding->profile[parity] != binding->selected[parity]);
}

/*
 * Bindings the scan did not come by: their cgroups are gone, their paths still say who selects
 * them.
 */
static int bind_gone(struct scan *scan)
{
	int fd = bindings_of(scan);
	uint64_t *previous = NULL;
	uint64_t id;

	while (bpf_map_get_next_key(fd, previous, &id) == 0) {
		const struct bl_known *known;
		struct bl_binding binding;
		struct wanted wanted;
		int r = bpf_map_lookup_elem(fd, &id, &binding);

		previous = &id;
		if (r == -ENOENT)
			continue;
		if (r < 0)
			return r;
		binding.path[BL_CGROUP_PATH_MAX - 1] = '\0';
		known = known_of(scan, &binding);
		if (is_bound(scan, &binding, known))
			continue;
		r = choose(scan, binding.path_len ? binding.path : "/", known, &wanted);
		if (r == 0)
			r = write_binding(scan, id, &binding, &wanted, BPF_EXIST);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

int bl_binding_prepare(const struct bl_binder *binder, struct bl_diags *diags,
		       struct bl_binding_totals *ret_totals)
{
	struct scan scan = scan_of(binder, diags);
	int fd = open(binder->cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
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

/* --- one container --- */

/*
 * Labels that were made of the bindings as they were are out of date: every task makes its own
 * anew.
 */
static void renew_labels(struct bl_sensor *sensor)
{
	atomic_thread_fence(memory_order_seq_cst);
	bl_sensor_state(sensor)->stamp++;
	atomic_thread_fence(memory_order_seq_cst);
}

/* What the cgroups above have does not matter: all of it selects the container as well. */
static int bind_below(struct scan *scan, size_t len, struct inherited above)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s%s", scan->binder->cgroup_root, scan->path);
	int fd;

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* removed meanwhile */
	return scan_children(scan, fd, len, above);
}

static int set_path(struct scan *scan, const char *cgroup, size_t *ret_len)
{
	size_t len = strlen(cgroup);

	if (len >= sizeof(scan->path) - 1)
		return -ENAMETOOLONG;
	memcpy(scan->path, cgroup, len + 1);
	*ret_len = len;
	return 0;
}

int bl_binding_bind_container(const struct bl_binder *binder, const struct bl_known *known,
			      struct bl_diags *diags, uint32_t *ret_profile)
{
	struct scan scan = scan_of(binder, diags);
	struct inherited above = {.known = known};
	size_t len;
	int r = set_path(&scan, known->container.cgroup, &len);

	if (r == 0)
		r = bind_one(&scan, known->id, len, &above);
	if (r < 0)
		return r;
	if (!above.profile && !bl_binding_exists(binder->sensor, known->id)) {
		*ret_profile = 0;
		return 0;
	}
	/*
	 * A cgroup that was being made below before may not know of this binding; one that is made
	 * from here on does.
	 */
	r = bl_binding_barrier(binder->cgroup_root);
	if (r == 0)
		r = bind_below(&scan, len, above);
	renew_labels(binder->sensor);
	if (r < 0)
		return r;
	*ret_profile =
		above.profile ? 1 + (uint32_t)bl_profile_index(scan.number, above.profile) : 0;
	return 0;
}

int bl_binding_bind_inner(const struct bl_binder *binder, const struct bl_known *known, uint64_t id,
			  const char *cgroup, struct bl_diags *diags)
{
	struct scan scan = scan_of(binder, diags);
	uint64_t parity = scan.number & 1;
	struct bl_binding binding;
	struct wanted wanted;
	int r = bpf_map_lookup_elem(bindings_of(&scan), &id, &binding);

	/* It inherits all that there is. */
	if (r == -ENOENT)
		return 0;
	if (r == 0)
		r = choose(&scan, cgroup, known, &wanted);
	if (r < 0 || binding.profile[parity] == wanted.profile)
		return r;
	r = write_binding(&scan, id, &binding, &wanted, BPF_EXIST);
	if (r == 0)
		renew_labels(binder->sensor);
	return r == -ENOENT ? 0 : r;
}

bool bl_binding_exists(const struct bl_sensor *sensor, uint64_t id)
{
	struct bl_binding binding;

	return bpf_map_lookup_elem(bl_sensor_map_fd(sensor, BL_MAP_BINDINGS), &id, &binding) == 0;
}

/* --- waiting, and what is not needed any more --- */

int bl_binding_barrier(const char *cgroup_root)
{
	char path[PATH_MAX];
	int n = snprintf(path, sizeof(path), "%s" BL_BARRIER, cgroup_root);

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

int bl_binding_is_named(const struct bl_sensor *sensor, uint64_t container)
{
	bl_cleanup_free struct bl_task_label *labels = NULL;
	size_t count = 0;
	int r = bl_sensor_task_labels(sensor, &labels, &count);

	return r < 0 ? r : is_named(labels, count, container);
}
