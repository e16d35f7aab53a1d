// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/discovery.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "enforcer/container_files.h"
#include "enforcer/container_json.h"
#include "enforcer/container_path.h"
#include "enforcer/container_store.h"
#include "enforcer/log.h"
#include "enforcer/process_cgroup.h"
#include "enforcer/util.h"

/* When a runtime's files are looked for again: after 50 ms, then twice as long each time. */
#define RETRY_FIRST_US UINT64_C(50000)
#define RETRIES_MAX    8
#define TOO_OLD_US     (60 * UINT64_C(1000000))

struct bl_discovery {
	sd_event_source *ring_source;
	sd_event_source *retry_timer;
	sd_event_source *collect_timer;
	struct bl_discovery_sources on;
	struct ring_buffer *ring;
	uint64_t missed; /* as the kernel counts, up to the last scan */
	uint64_t retry_us;
	bool is_ignoring; /* what is in the ring buffer is old */
};

static volatile struct bl_state *state_of(const struct bl_discovery *discovery)
{
	return bl_sensor_state(discovery->on.binder->sensor);
}

/* --- records --- */

static bool add_policies(const struct bl_discovery *discovery, struct json_object *record,
			 uint32_t profile)
{
	const struct bl_generation *generation = &discovery->on.binder->ruleset->generation;
	struct json_object *names = bl_json_add_array(record, "policies");

	if (!names || !profile)
		return names;
	for (size_t i = 0; i < generation->profiles[profile - 1].policies_count; i++) {
		const char *name = generation->profiles[profile - 1].policies[i]->name;

		if (!bl_json_append(names, bl_json_new_bytes(name, strlen(name))))
			return false;
	}
	return true;
}

static void record_change(struct bl_discovery *discovery, const struct bl_known *known,
			  const char *outcome, uint32_t profile)
{
	bl_cleanup_json struct json_object *record =
		bl_records_new_engine(discovery->on.records, "container");
	const char *cgroup = known->container.cgroup;
	struct json_object *object;

	if (!record || !bl_json_add_string(record, "outcome", outcome) ||
	    !bl_json_add_u64(record, "generation", discovery->on.binder->ruleset->number) ||
	    !(object = bl_json_add_object(record, "container")) ||
	    !bl_json_add_u64(object, "id", known->id) ||
	    !bl_json_add_bytes(object, "cgroup", cgroup, strlen(cgroup)) ||
	    !bl_json_add_container(object, &known->container) ||
	    (!known->is_gone && !add_policies(discovery, record, profile))) {
		bl_intake_record(discovery->on.intake, NULL);
		return;
	}
	bl_intake_record(discovery->on.intake, TAKE(record));
}

/* --- what the next daemon is to know --- */

static void save(const struct bl_discovery *discovery, const struct bl_known *known)
{
	int r;

	/* The next daemon may be able to read what this one could not. */
	if (known->error < 0)
		return;
	r = bl_container_save(discovery->on.store, known);
	if (r < 0)
		bl_log(BL_LOG_WARNING, "container",
		       "what is known of the container in '%s' cannot be kept in '%s': %s; a daemon that is started later knows what its runtime's files say",
		       known->container.cgroup, discovery->on.store, strerror(-r));
}

static void forget(const struct bl_discovery *discovery, struct bl_known *known)
{
	int r = bl_container_forget(discovery->on.store, known->id);

	if (r < 0)
		bl_log(BL_LOG_WARNING, "container",
		       "what was kept of the container in '%s' cannot be removed from '%s': %s",
		       known->container.cgroup, discovery->on.store, strerror(-r));
	bl_containers_remove(discovery->on.containers, known);
}

/* --- one container --- */

static int set_texts(struct bl_container *container, const char *cgroup)
{
	size_t len = 0;
	const char *unit = bl_cgroup_unit(cgroup, &len);

	free(container->cgroup);
	container->cgroup = strdup(cgroup);
	if (container->cgroup && unit && !container->unit) {
		container->unit = strndup(unit, len);
		return container->unit ? 0 : -ENOMEM;
	}
	return container->cgroup ? 0 : -ENOMEM;
}

/*
 * Whether the cgroup is a container, and what is known of it. -ENOENT: it is none. *ret_error: why
 * its runtime's files have told nothing, yet.
 */
static int read_container(const char *cgroup, struct bl_container *ret_container, int *ret_error)
{
	bl_cleanup(bl_container_fini) struct bl_container sure = {0};
	struct bl_container_place place;
	size_t at = 0;
	int error = 0;

	while (bl_container_place_read(cgroup, &at, &place)) {
		bl_cleanup(bl_container_fini) struct bl_container container = {0};
		int r = bl_container_read("", &place, &container);

		if (r == -ENOMEM || r == -EMEDIUMTYPE)
			return r == -ENOMEM ? r : -ENOENT;
		if (r == 0 || (place.is_sure && !sure.runtime)) {
			bl_container_fini(&sure);
			sure = container;
			container = (struct bl_container){0};
			error = r;
		}
		if (r == 0)
			break;
	}
	if (!sure.runtime)
		return -ENOENT;
	if (set_texts(&sure, cgroup) < 0)
		return -ENOMEM;
	*ret_container = sure;
	*ret_error = error;
	sure = (struct bl_container){0};
	return 0;
}

static void log_refusal(const struct bl_known *known, int error, const struct bl_diags *diags)
{
	const char *name = known->container.name ? known->container.name : known->container.id;

	for (size_t i = 0; i < diags->count; i++)
		bl_log(BL_LOG_ERROR, "container", "%s:%u:%u: %s", diags->items[i].file,
		       diags->items[i].line, diags->items[i].column, diags->items[i].message);
	if (error == -ENOSPC)
		bl_log(BL_LOG_ERROR, "container",
		       "container '%s' in '%s' is confined by its cgroup's path alone: there are %u combinations of policies already; select with fewer policies, or by cgroup, and reload",
		       name, known->container.cgroup, BL_PROFILES_PER_GENERATION);
	else
		bl_log(BL_LOG_ERROR, "container",
		       "container '%s' in '%s' is confined by its cgroup's path alone: its policies cannot be put into force: %s; a reload tries again",
		       name, known->container.cgroup, strerror(-error));
}

static int bind_known(struct bl_discovery *discovery, struct bl_known *known,
		      struct bl_diags *diags, uint32_t *ret_profile)
{
	int r = bl_binding_bind_container(discovery->on.binder, known, diags, ret_profile);

	if (r < 0)
		log_refusal(known, r, diags);
	if (known->is_started || !known->is_complete)
		return r;
	known->is_started = true;
	save(discovery, known);
	record_change(discovery, known, "started", r < 0 ? 0 : *ret_profile);
	return r;
}

static void arm_retry(struct bl_discovery *discovery, uint64_t us)
{
	discovery->retry_us = us;
	sd_event_source_set_time_relative(discovery->retry_timer, us);
	sd_event_source_set_enabled(discovery->retry_timer, SD_EVENT_ONESHOT);
}

/* What its runtime has not told of a container: policies that ask for it do not select it. */
static void log_unread(const struct bl_known *known, int error)
{
	const char *remedy = "is it kept elsewhere?";

	if (error == -EACCES)
		remedy =
			"if the runtime was installed after the daemon was started, restart the daemon";
	bl_log(BL_LOG_WARNING, "container",
	       "what %s knows of the container in '%s' cannot be read: %s; %s Policies that select by name, image, label, pod or namespace do not select it",
	       known->container.runtime, known->container.cgroup, strerror(-error), remedy);
}

/* Registers what is at the path, if it is a container. */
static int find_container(struct bl_discovery *discovery, uint64_t id, const char *cgroup,
			  struct bl_known **ret_known)
{
	bl_cleanup(bl_container_fini) struct bl_container container = {0};
	struct bl_known *known;
	int error = 0;
	int r = read_container(cgroup, &container, &error);

	if (r == 0)
		r = bl_containers_put(discovery->on.containers, id, &container, &known);
	if (r < 0)
		return r;
	known->is_gone = false;
	known->is_complete = error == 0;
	known->error = error;
	if (!known->is_complete && known->tries == 0)
		arm_retry(discovery, RETRY_FIRST_US);
	*ret_known = known;
	return 0;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *context)
{
	struct bl_discovery *discovery = context;
	const struct bl_containers *containers = discovery->on.containers;
	bool is_any = false;

	for (size_t i = 0; i < containers->count; i++) {
		bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
		struct bl_known *known = containers->items[i];
		uint32_t profile;
		int r;

		if (known->is_complete || known->is_gone)
			continue;
		known->tries++;
		r = find_container(discovery, known->id, known->container.cgroup, &known);
		if (r == 0 && !known->is_complete && known->tries < RETRIES_MAX) {
			is_any = true;
			continue;
		}
		if (r == 0 && !known->is_complete) {
			/* The name of the cgroup may tell enough. */
			if (!known->container.name)
				log_unread(known, known->error);
			known->is_complete = true;
		}
		if (r == 0)
			(void)bind_known(discovery, known, &diags, &profile);
	}
	if (is_any)
		arm_retry(discovery, discovery->retry_us * 2);
	return 0;
}

/* --- cgroups that come and go --- */

static void handle_made(struct bl_discovery *discovery, uint64_t id, const char *cgroup,
			bool is_inside)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_known *known = bl_containers_find_at(discovery->on.containers, cgroup);
	uint32_t profile;
	int r;

	if (known && known->id == id)
		return;
	if (known && strcmp(known->container.cgroup, cgroup) != 0) {
		r = bl_binding_bind_inner(discovery->on.binder, known, id, cgroup, &diags);
		if (r < 0)
			log_refusal(known, r, &diags);
		return;
	}
	/* Its place was taken: that it was removed is still to be told, or was missed. */
	if (known)
		known->is_gone = true;
	r = find_container(discovery, id, cgroup, &known);
	if (r == -ENOENT)
		return;
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "container", "the container in '%s' is not looked at: %s",
		       cgroup, strerror(-r));
		return;
	}
	known->is_new = !is_inside;
	(void)bind_known(discovery, known, &diags, &profile);
	known->is_new = false;
}

static void handle_removed(struct bl_discovery *discovery, struct bl_known *known)
{
	if (!known)
		return;
	known->is_gone = true;
	if (known->is_started)
		record_change(discovery, known, "stopped", 0);
	known->is_started = false;
	if (bl_binding_exists(discovery->on.binder->sensor, known->id))
		sd_event_source_set_enabled(discovery->collect_timer, SD_EVENT_ONESHOT);
	else
		forget(discovery, known);
}

static int on_cgroup(void *context, void *data, size_t size)
{
	struct bl_discovery *discovery = context;
	const struct bl_cgroup_event *event = data;
	char path[BL_CGROUP_PATH_MAX];

	if (discovery->is_ignoring || size < sizeof(*event))
		return 0;
	if (event->is_removed) {
		handle_removed(discovery, bl_containers_find(discovery->on.containers, event->id));
		return 0;
	}
	if (event->path_len == 0 || event->path_len >= sizeof(path))
		return 0;
	memcpy(path, event->path, event->path_len);
	path[event->path_len] = '\0';
	if (strcmp(path, BL_BARRIER) != 0)
		handle_made(discovery, event->id, path, event->is_inside);
	return 0;
}

/* --- the tree --- */

struct walk {
	struct bl_discovery *discovery;
	char path[BL_CGROUP_PATH_MAX];
	bool is_binding; /* what is found is bound at once */
};

static int walk_cgroup(struct walk *walk, int fd, size_t len);

static int walk_child(struct walk *walk, int dir_fd, size_t len, const char *name)
{
	int n = snprintf(walk->path + len, sizeof(walk->path) - len, "/%s", name);
	int fd;

	/* Such a cgroup is part of the one above it. */
	if (n < 0 || (size_t)n >= sizeof(walk->path) - len - 1)
		return 0;
	fd = openat(dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno; /* removed meanwhile */
	return walk_cgroup(walk, fd, len + (size_t)n);
}

/* Whether the cgroup at walk->path is a container: what is below is its own then. */
static int look_at(struct walk *walk, uint64_t id, bool *ret_is_container)
{
	const struct bl_containers *containers = walk->discovery->on.containers;
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_known *known = bl_containers_find(containers, id);
	uint32_t profile;
	int r = 0;

	*ret_is_container = known;
	if (known)
		return 0;
	r = find_container(walk->discovery, id, walk->path, &known);
	if (r < 0)
		return r == -ENOENT ? 0 : r;
	*ret_is_container = true;
	if (walk->is_binding) {
		(void)bind_known(walk->discovery, known, &diags, &profile);
		return 0;
	}
	known->is_started = known->is_complete;
	if (known->is_complete)
		save(walk->discovery, known);
	return 0;
}

/* Takes fd over. */
static int walk_cgroup(struct walk *walk, int fd, size_t len)
{
	bl_cleanup_closedir DIR *stream = fdopendir(fd);
	const struct dirent *entry;
	bool is_container = false;
	struct stat status;
	int r = 0;

	if (!stream) {
		close(fd);
		return -ENOMEM;
	}
	if (fstat(fd, &status) < 0)
		return -errno;
	walk->path[len] = '\0';
	if (len)
		r = look_at(walk, status.st_ino, &is_container);
	if (r < 0 || is_container)
		return r;
	while ((entry = readdir(stream))) {
		if (entry->d_type != DT_DIR || !strcmp(entry->d_name, ".") ||
		    !strcmp(entry->d_name, ".."))
			continue;
		r = walk_child(walk, fd, len, entry->d_name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int walk_tree(struct bl_discovery *discovery, bool is_binding)
{
	struct walk walk = {.discovery = discovery, .is_binding = is_binding};
	uint64_t missed = state_of(discovery)->cgroups_missed;
	int fd = open(discovery->on.binder->cgroup_root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = walk_cgroup(&walk, fd, 0);
	if (r == 0)
		discovery->missed = missed;
	return r;
}

static bool is_there(const struct bl_discovery *discovery, const struct bl_known *known)
{
	char path[PATH_MAX];
	struct stat status;
	int n = snprintf(path, sizeof(path), "%s%s", discovery->on.binder->cgroup_root,
			 known->container.cgroup);

	if (n < 0 || (size_t)n >= sizeof(path) || stat(path, &status) < 0)
		return false;
	return status.st_ino == known->id;
}

/* Some cgroups were not told of. One that was being made is there when the barrier is passed. */
static int look_again(struct bl_discovery *discovery)
{
	const struct bl_containers *containers = discovery->on.containers;
	int r = bl_binding_barrier(discovery->on.binder->cgroup_root);

	if (r == 0)
		r = walk_tree(discovery, true);
	for (size_t i = containers->count; r == 0 && i-- > 0;)
		if (!containers->items[i]->is_gone && !is_there(discovery, containers->items[i]))
			handle_removed(discovery, containers->items[i]);
	return r;
}

static int on_ring(sd_event_source *source, int fd, uint32_t revents, void *context)
{
	struct bl_discovery *discovery = context;
	int r = ring_buffer__consume(discovery->ring);

	if (r >= 0 && state_of(discovery)->cgroups_missed != discovery->missed)
		r = look_again(discovery);
	if (r < 0)
		bl_log(BL_LOG_ERROR, "container",
		       "which cgroups were made cannot be told: %s; a reload looks again",
		       strerror(-r));
	return 0;
}

/* Forgets containers that nothing is bound to any more. */
static int on_collect(sd_event_source *source, uint64_t usec, void *context)
{
	struct bl_discovery *discovery = context;
	struct bl_containers *containers = discovery->on.containers;
	bool is_any = false;

	for (size_t i = containers->count; i-- > 0;) {
		struct bl_known *known = containers->items[i];

		if (!known->is_gone)
			continue;
		if (bl_binding_exists(discovery->on.binder->sensor, known->id))
			is_any = true;
		else
			forget(discovery, known);
	}
	sd_event_source_set_time_relative(source, TOO_OLD_US);
	return sd_event_source_set_enabled(source, is_any ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

/* --- all of it --- */

int bl_discovery_own_cgroup(char **ret_cgroup)
{
	char path[BL_CGROUP_PATH_MAX];
	int r = bl_process_cgroup(getpid(), path, sizeof(path));

	if (r == -ENOMEM)
		return r;
	if (r < 0)
		return 0;
	*ret_cgroup = strdup(path);
	return *ret_cgroup ? 0 : -ENOMEM;
}

/* Those that an earlier daemon knew: what was in them may be bound though they are gone. */
static int recall(struct bl_discovery *discovery)
{
	struct bl_containers *containers = discovery->on.containers;
	size_t broken = 0;
	int r = bl_container_store_make(discovery->on.store);

	if (r == 0)
		r = bl_container_load(discovery->on.store, containers, &broken);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "container",
		       "'%s', which is for what is known of containers, cannot be used: %s",
		       discovery->on.store, strerror(-r));
		return r;
	}
	if (broken)
		bl_log(BL_LOG_WARNING, "container",
		       "%zu files in '%s' are none of ours, ignoring them", broken,
		       discovery->on.store);
	for (size_t i = containers->count; i-- > 0;) {
		struct bl_known *known = containers->items[i];

		known->is_gone = !is_there(discovery, known);
		if (!known->is_gone)
			continue;
		if (bl_binding_exists(discovery->on.binder->sensor, known->id))
			sd_event_source_set_enabled(discovery->collect_timer, SD_EVENT_ONESHOT);
		else
			forget(discovery, known);
	}
	return 0;
}

int bl_discovery_scan(struct bl_discovery *discovery)
{
	int r = recall(discovery);

	return r < 0 ? r : walk_tree(discovery, false);
}

static int complete_text(char **text, const char *known)
{
	if (*text || !known)
		return 0;
	*text = strdup(known);
	return *text ? 0 : -ENOMEM;
}

static bool has_label(const struct bl_container *container, const char *key)
{
	for (size_t i = 0; i < container->label_count; i++)
		if (strcmp(container->labels[i].key, key) == 0)
			return true;
	return false;
}

static int replace_text(char **text, const char *known)
{
	char *copy;

	if (!known)
		return 0;
	copy = strdup(known);
	if (!copy)
		return -ENOMEM;
	free(*text);
	*text = copy;
	return 0;
}

/*
 * What is told goes before what was found, but for the name: what was told may be the host name,
 * for want of another.
 */
static int complete(struct bl_container *container, const struct bl_container *found)
{
	int r = replace_text(&container->cgroup, found->cgroup);

	if (r == 0)
		r = replace_text(&container->name, found->name);
	/* A bundle that does not say who has made it is some OCI runtime's. */
	if (r == 0 && container->runtime && strcmp(container->runtime, "oci") == 0)
		r = replace_text(&container->runtime, found->runtime);
	if (r == 0)
		r = complete_text(&container->id, found->id);
	if (r == 0)
		r = complete_text(&container->image, found->image);
	if (r == 0)
		r = complete_text(&container->pod, found->pod);
	if (r == 0)
		r = complete_text(&container->namespace, found->namespace);
	if (r == 0)
		r = complete_text(&container->unit, found->unit);
	for (size_t i = 0; r == 0 && i < found->label_count; i++)
		if (!has_label(container, found->labels[i].key))
			r = bl_container_add_label(container, found->labels[i].key,
						   found->labels[i].value);
	return r;
}

static int find_id(const struct bl_discovery *discovery, const char *cgroup, uint64_t *ret_id)
{
	char path[PATH_MAX];
	struct stat status;
	int n = snprintf(path, sizeof(path), "%s%s", discovery->on.binder->cgroup_root, cgroup);

	if (n < 0 || (size_t)n >= sizeof(path))
		return -ENAMETOOLONG;
	if (stat(path, &status) < 0)
		return -errno;
	*ret_id = status.st_ino;
	return 0;
}

/* Of one that a hook has told of. */
static int bind_told(struct bl_discovery *discovery, struct bl_known *known, pid_t runtime_tgid,
		     uint64_t runtime_cgroup, struct bl_diags *diags, uint32_t *ret_profile)
{
	int r;

	known->is_new = true;
	known->is_complete = true;
	known->error = 0;
	known->is_gone = false;
	known->runtime_tgid = runtime_tgid;
	known->runtime_cgroup = runtime_cgroup;
	r = bind_known(discovery, known, diags, ret_profile);
	save(discovery, known);
	known->is_new = false;
	known->runtime_tgid = 0;
	known->runtime_cgroup = 0;
	return r;
}

int bl_discovery_tell(struct bl_discovery *discovery, struct bl_container *container,
		      pid_t runtime_tgid, struct bl_diags *diags, uint32_t *ret_profile)
{
	struct bl_known *known;
	uint64_t runtime_cgroup = 0;
	uint64_t id = 0;
	int r;

	/* What was made before is known then. */
	r = ring_buffer__consume(discovery->ring);
	if (r < 0)
		return r;
	r = find_id(discovery, container->cgroup, &runtime_cgroup);
	if (r < 0)
		return r;
	known = bl_containers_find_at(discovery->on.containers, container->cgroup);
	/* Nobody will look at its runtime's files again. */
	if (known && !known->is_complete)
		r = find_container(discovery, known->id, known->container.cgroup, &known);
	if (r == -ENOMEM)
		return r;
	r = known ? complete(container, &known->container) : 0;
	if (r == 0)
		r = find_id(discovery, container->cgroup, &id);
	if (r == 0)
		r = bl_containers_put(discovery->on.containers, id, container, &known);
	if (r < 0)
		return r;
	return bind_told(discovery, known, runtime_tgid, runtime_cgroup, diags, ret_profile);
}

static int add_sources(struct bl_discovery *discovery, sd_event *event)
{
	int r;

	r = sd_event_add_time_relative(event, &discovery->retry_timer, CLOCK_BOOTTIME,
				       RETRY_FIRST_US, 0, on_retry, discovery);
	if (r >= 0)
		r = sd_event_source_set_enabled(discovery->retry_timer, SD_EVENT_OFF);
	if (r >= 0)
		r = sd_event_add_time_relative(event, &discovery->collect_timer, CLOCK_BOOTTIME,
					       TOO_OLD_US, 0, on_collect, discovery);
	if (r >= 0)
		r = sd_event_source_set_enabled(discovery->collect_timer, SD_EVENT_OFF);
	if (r < 0)
		return r;
	discovery->ring =
		ring_buffer__new(bl_sensor_map_fd(discovery->on.binder->sensor, BL_MAP_CGROUPS),
				 on_cgroup, discovery, NULL);
	if (!discovery->ring)
		return -errno;
	/* What is told from here on is true when it is read; the rest the scan will see. */
	discovery->is_ignoring = true;
	r = ring_buffer__consume(discovery->ring);
	discovery->is_ignoring = false;
	if (r >= 0)
		r = sd_event_add_io(event, &discovery->ring_source,
				    ring_buffer__epoll_fd(discovery->ring), EPOLLIN, on_ring,
				    discovery);
	return r < 0 ? r : 0;
}

int bl_discovery_new(sd_event *event, const struct bl_discovery_sources *sources,
		     struct bl_discovery **ret_discovery)
{
	struct bl_discovery *discovery = calloc(1, sizeof(*discovery));
	int r;

	if (!discovery)
		return -ENOMEM;
	discovery->on = *sources;
	r = add_sources(discovery, event);
	if (r < 0) {
		bl_discovery_free(discovery);
		return r;
	}
	*ret_discovery = discovery;
	return 0;
}

void bl_discovery_free(struct bl_discovery *discovery)
{
	if (!discovery)
		return;
	sd_event_source_disable_unref(discovery->ring_source);
	sd_event_source_disable_unref(discovery->retry_timer);
	sd_event_source_disable_unref(discovery->collect_timer);
	ring_buffer__free(discovery->ring);
	free(discovery);
}
