// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/runs.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "enforcer/log.h"
#include "enforcer/run_cgroup.h"
#include "enforcer/util.h"

#define SUFFIX ".json"

struct item {
	struct bl_run run;
	bool was_over; /* when it was last looked at */
};

struct bl_runs {
	char *dir;
	const char *cgroup_root;
	sd_event_source *timer;
	const struct bl_runs_handlers *handlers;
	void *context;
	struct item *items;
	size_t count;
};

static char *dir_of(const struct bl_runs *runs, const struct bl_run *run)
{
	char *dir;

	return asprintf(&dir, "%s%s", runs->cgroup_root, run->cgroup) < 0 ? NULL : dir;
}

/* What cannot be seen may be populated. */
static bool is_empty(const struct bl_runs *runs, const struct bl_run *run)
{
	bl_cleanup_free char *dir = dir_of(runs, run);
	int r = dir ? bl_run_cgroup_is_populated(dir, run->cgroup_id) : -ENOMEM;

	return r == 0 || r == -ENOENT;
}

/* Who moves to another cgroup does not get away from the policies (I4), so they have to stay. */
static bool is_over(const struct bl_runs *runs, const struct bl_run *run)
{
	return is_empty(runs, run) && !runs->handlers->is_held(runs->context, run);
}

/* --- the list --- */

/* Takes run over on success. */
static int add(struct bl_runs *runs, struct bl_run *run)
{
	struct item *items = reallocarray(runs->items, runs->count + 1, sizeof(*items));

	if (!items)
		return -ENOMEM;
	runs->items = items;
	items[runs->count++] = (struct item){.run = *run};
	*run = (struct bl_run){0};
	return 0;
}

static struct item take(struct bl_runs *runs, size_t index)
{
	struct item item = runs->items[index];

	memmove(&runs->items[index], &runs->items[index + 1],
		(--runs->count - index) * sizeof(*runs->items));
	return item;
}

static size_t find(const struct bl_runs *runs, const char *name)
{
	size_t i = 0;

	while (i < runs->count && strcmp(runs->items[i].run.name, name) != 0)
		i++;
	return i;
}

const struct bl_run *bl_runs_find(const struct bl_runs *runs, const char *name)
{
	size_t index = find(runs, name);

	return index < runs->count ? &runs->items[index].run : NULL;
}

const char *bl_runs_dir(const struct bl_runs *runs)
{
	return runs->dir;
}

int bl_runs_add_policies(const struct bl_runs *runs, struct bl_diags *diags,
			 struct bl_policies *policies)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < runs->count; i++)
		r = bl_run_add_policies(&runs->items[i].run, diags, policies);
	return r;
}

/* Everything that is left of one that is over. */
static void remove_traces(const struct bl_runs *runs, const struct bl_run *run)
{
	bl_cleanup_free char *dir = dir_of(runs, run);
	int r = dir ? bl_run_cgroup_is_populated(dir, run->cgroup_id) : -ENOMEM;

	if (r == 0)
		r = bl_run_cgroup_remove(dir);
	if (r < 0 && r != -ENOENT)
		bl_log(BL_LOG_WARNING, "run", "the cgroup '%s' cannot be removed: %s, ignoring",
		       run->cgroup, strerror(-r));
	r = bl_run_remove(runs->dir, run->name);
	if (r < 0)
		bl_log(BL_LOG_WARNING, "run", "'%s/%s" SUFFIX "' cannot be removed: %s, ignoring",
		       runs->dir, run->name, strerror(-r));
}

/* --- at the start --- */

static int adopt(struct bl_runs *runs, const char *name)
{
	bl_cleanup(bl_run_fini) struct bl_run run = {0};
	int r = bl_run_read(runs->dir, name, &run);

	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "run",
		       "the run in '%s/%s" SUFFIX
		       "' cannot be read: %s; when its command has ended, remove the file",
		       runs->dir, name, strerror(-r));
		return r;
	}
	bl_log(BL_LOG_INFO, "run", "'%s' goes on", run.cgroup);
	return add(runs, &run);
}

static int adopt_all(struct bl_runs *runs)
{
	bl_cleanup_closedir DIR *stream = opendir(runs->dir);
	const struct dirent *entry;
	int r = 0;

	if (!stream)
		return -errno;
	while (r == 0 && (entry = readdir(stream))) {
		bl_cleanup_free char *name = strdup(entry->d_name);
		char *suffix;

		if (!name)
			return -ENOMEM;
		suffix = strrchr(name, '.');
		if (!suffix || strcmp(suffix, SUFFIX) != 0)
			continue;
		*suffix = '\0';
		if (bl_run_is_name(name))
			r = adopt(runs, name);
	}
	return r;
}

int bl_runs_new(const char *run_dir, const char *cgroup_root, struct bl_runs **ret_runs)
{
	struct bl_runs *runs = calloc(1, sizeof(*runs));
	int r = 0;

	if (!runs)
		return -ENOMEM;
	runs->cgroup_root = cgroup_root;
	if (asprintf(&runs->dir, "%s/" BL_RUNS_DIR, run_dir) < 0) {
		runs->dir = NULL;
		r = -ENOMEM;
	}
	if (r == 0 && mkdir(runs->dir, 0700) < 0 && errno != EEXIST)
		r = -errno;
	if (r < 0 && r != -ENOMEM)
		bl_log(BL_LOG_ERROR, "run", "'%s' cannot be made: %s", runs->dir, strerror(-r));
	if (r == 0)
		r = adopt_all(runs);
	if (r < 0) {
		bl_runs_free(runs);
		return r;
	}
	*ret_runs = runs;
	return 0;
}

void bl_runs_free(struct bl_runs *runs)
{
	if (!runs)
		return;
	sd_event_source_disable_unref(runs->timer);
	for (size_t i = 0; i < runs->count; i++)
		bl_run_fini(&runs->items[i].run);
	free(runs->items);
	free(runs->dir);
	free(runs);
}

/* --- starting and ending --- */

/* While there are any. */
static void set_timer(struct bl_runs *runs)
{
	if (!runs->timer)
		return;
	if (runs->count > 0)
		sd_event_source_set_time_relative(runs->timer, BL_RUNS_PERIOD_MS * UINT64_C(1000));
	sd_event_source_set_enabled(runs->timer, runs->count > 0 ? SD_EVENT_ONESHOT : SD_EVENT_OFF);
}

int bl_runs_start(struct bl_runs *runs, const char *name, struct bl_diags *diags,
		  const char **reterr_message)
{
	bl_cleanup(bl_run_fini) struct bl_run run = {0};
	int r;

	if (!bl_run_is_name(name)) {
		*reterr_message = "'run' is no name of a run";
		return -EINVAL;
	}
	/* A daemon that started after the file was written has found it. */
	if (bl_runs_find(runs, name))
		return 0;
	r = bl_run_read(runs->dir, name, &run);
	if (r < 0) {
		*reterr_message = "the daemon cannot read the run's file";
		return r;
	}
	if (is_empty(runs, &run)) {
		*reterr_message =
			"the daemon does not see the run's process in its cgroup; is it in another cgroup namespace?";
		return -ESTALE;
	}
	r = add(runs, &run);
	if (r < 0)
		return r;
	r = runs->handlers->apply(runs->context, diags, reterr_message);
	if (r < 0) {
		struct item refused = take(runs, runs->count - 1);

		bl_run_fini(&refused.run);
		return r;
	}
	runs->handlers->tell(runs->context, &runs->items[runs->count - 1].run, true);
	set_timer(runs);
	return 0;
}

/*
 * The last ones of the list are over: one step for all of them. When it does not work they are
 * forgotten all the same, since the next generation will be without them: nobody is held by what
 * stays in force for a cgroup without processes.
 */
static int end_last(struct bl_runs *runs, size_t count, const char **reterr_message)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct item *over;
	int r;

	runs->count -= count;
	over = &runs->items[runs->count];
	for (size_t i = 0; i < count; i++)
		remove_traces(runs, &over[i].run);
	r = runs->handlers->apply(runs->context, &diags, reterr_message);
	if (r < 0)
		bl_log(BL_LOG_WARNING, "run",
		       "policies of runs that ended are in force until the next reload: %s: %s, ignoring",
		       *reterr_message, strerror(-r));
	for (size_t i = 0; i < count; i++) {
		runs->handlers->tell(runs->context, &over[i].run, false);
		bl_run_fini(&over[i].run);
	}
	set_timer(runs);
	return r;
}

int bl_runs_end(struct bl_runs *runs, const char *name, const char **reterr_message)
{
	size_t index = find(runs, name);
	struct item item;

	if (index == runs->count)
		return 0;
	if (!is_over(runs, &runs->items[index].run)) {
		*reterr_message = "processes of the run are still held by its policies";
		return -EBUSY;
	}
	item = take(runs, index);
	runs->items[runs->count++] = item;
	return end_last(runs, 1, reterr_message);
}

/* Moves those that are over to the end of the list, if they were so before. Returns how many. */
static size_t find_over(struct bl_runs *runs)
{
	size_t count = 0;

	for (size_t i = runs->count; i-- > 0;) {
		bool was_over = runs->items[i].was_over;

		runs->items[i].was_over = is_over(runs, &runs->items[i].run);
		if (was_over && runs->items[i].was_over) {
			struct item item = take(runs, i);

			runs->items[runs->count++] = item;
			count++;
		}
	}
	return count;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *context)
{
	struct bl_runs *runs = context;
	const char *message = NULL;
	size_t count = find_over(runs);

	if (count > 0)
		(void)!end_last(runs, count, &message);
	set_timer(runs);
	return 0;
}

int bl_runs_watch(struct bl_runs *runs, sd_event *event, const struct bl_runs_handlers *handlers,
		  void *context)
{
	int r;

	runs->handlers = handlers;
	runs->context = context;
	r = sd_event_add_time_relative(event, &runs->timer, CLOCK_MONOTONIC,
				       BL_RUNS_PERIOD_MS * UINT64_C(1000), 0, on_timer, runs);
	if (r < 0)
		return r;
	set_timer(runs);
	return 0;
}
