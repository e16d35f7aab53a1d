// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/runs.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/run_cgroup.h"
#include "enforcer/util.h"
#include "tests/unit/scratch.h"

/* A directory tree stands for the cgroup tree. */
struct fixture {
	struct scratch scratch; /* path: the runs' directory */
	char root[96];
	sd_event *event;
	struct bl_runs *runs;
	int result; /* what the next apply returns */
	unsigned applied;
	size_t policies; /* when it was last applied */
	char told[256];
	uint64_t held; /* cgroup whose policies hold somebody outside */
};

/* Time of the test's choosing. */
int __real_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context)
{
	return __real_sd_event_add_time_relative(event, source, clock, 1, 1, handler, context);
}

int __real_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time_relative(sd_event_source *source, uint64_t usec)
{
	assert_int_equal(usec, BL_RUNS_PERIOD_MS * 1000);
	return __real_sd_event_source_set_time_relative(source, 1);
}

static int apply(void *context, struct bl_diags *diags, const char **reterr_message)
{
	struct fixture *fixture = context;
	bl_cleanup(bl_policies_fini) struct bl_policies policies = {0};
	int r = fixture->result;

	fixture->applied++;
	if (r == 0)
		r = bl_runs_add_policies(fixture->runs, diags, &policies);
	if (r < 0) {
		*reterr_message = "refused";
		return r;
	}
	fixture->policies = policies.count;
	return 0;
}

static void tell(void *context, const struct bl_run *run, bool is_started)
{
	struct fixture *fixture = context;
	size_t len = strlen(fixture->told);

	snprintf(fixture->told + len, sizeof(fixture->told) - len, "%s%s ", is_started ? "+" : "-",
		 run->name);
}

static bool is_held(void *context, const struct bl_run *run)
{
	return run->cgroup_id == ((struct fixture *)context)->held;
}

static const struct bl_runs_handlers handlers = {
	.apply = apply,
	.tell = tell,
	.is_held = is_held,
};

static int start_daemon(struct fixture *fixture)
{
	int r = bl_runs_new(fixture->scratch.dir, fixture->root, &fixture->runs);

	if (r == 0)
		r = bl_runs_watch(fixture->runs, fixture->event, &handlers, fixture);
	return r;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){0};
	assert_int_equal(scratch_make(&fixture.scratch, BL_RUNS_DIR), 0);
	snprintf(fixture.root, sizeof(fixture.root), "%s/cgroup", fixture.scratch.dir);
	assert_int_equal(mkdir(fixture.root, 0755), 0);
	assert_true(sd_event_new(&fixture.event) >= 0);
	assert_int_equal(start_daemon(&fixture), 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	bl_runs_free(fixture->runs);
	sd_event_unref(fixture->event);
	scratch_remove(&fixture->scratch);
	return 0;
}

static void path_in(const struct fixture *fixture, const char *cgroup, const char *file,
		    char path[256])
{
	snprintf(path, 256, "%s/%s%s", fixture->root, cgroup, file);
}

static void set_populated(const struct fixture *fixture, const char *cgroup, bool is_populated)
{
	char path[256];
	FILE *file;

	path_in(fixture, cgroup, "/cgroup.events", path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_true(fprintf(file, "populated %d\nfrozen 0\n", is_populated) > 0);
	assert_int_equal(fclose(file), 0);
}

static void remove_cgroup(const struct fixture *fixture, const char *cgroup)
{
	char path[256];

	path_in(fixture, cgroup, "/cgroup.events", path);
	assert_int_equal(unlink(path), 0);
	path_in(fixture, cgroup, "", path);
	assert_int_equal(rmdir(path), 0);
}

/* What the command line does before it asks. */
static void write_run(const struct fixture *fixture, const char *name, const char *text)
{
	bl_cleanup(bl_run_fini) struct bl_run run = {.name = strdup(name)};
	struct stat status;
	char path[256];

	path_in(fixture, name, "", path);
	assert_int_equal(mkdir(path, 0755), 0);
	set_populated(fixture, name, true);
	assert_int_equal(stat(path, &status), 0);
	run.cgroup_id = status.st_ino;
	assert_true(asprintf(&run.cgroup, "/%s", name) > 0);
	assert_int_equal(bl_run_add_text(&run, "/x.ini", text, strlen(text)), 0);
	assert_int_equal(bl_run_write(&run, fixture->scratch.path), 0);
}

#define POLICY "[policy]\nname = x\n"

static int start(struct fixture *fixture, const char *name, const char **reterr_message)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};

	return bl_runs_start(fixture->runs, name, &diags, reterr_message);
}

static bool has_file(const struct fixture *fixture, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s.json", fixture->scratch.path, name);
	return access(path, F_OK) == 0;
}

/* Rounds of the timer; it is off when there are no runs. */
static void let_time_pass(const struct fixture *fixture, unsigned rounds)
{
	while (rounds--)
		sd_event_run(fixture->event, 100000);
}

static void test_run_is_in_force_until_it_is_ended(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	write_run(fixture, "one", POLICY);
	assert_int_equal(start(fixture, "one", &message), 0);
	assert_int_equal(fixture->policies, 1);
	assert_non_null(bl_runs_find(fixture->runs, "one"));
	write_run(fixture, "two", POLICY);
	assert_int_equal(start(fixture, "two", &message), 0);
	assert_int_equal(fixture->policies, 2);

	assert_int_equal(bl_runs_end(fixture->runs, "one", &message), -EBUSY);
	assert_string_equal(message, "processes of the run are still held by its policies");
	let_time_pass(fixture, 4);
	assert_int_equal(fixture->policies, 2);

	remove_cgroup(fixture, "one");
	assert_int_equal(bl_runs_end(fixture->runs, "one", &message), 0);
	assert_int_equal(fixture->policies, 1);
	assert_null(bl_runs_find(fixture->runs, "one"));
	assert_false(has_file(fixture, "one"));
	assert_true(has_file(fixture, "two"));
	assert_int_equal(bl_runs_end(fixture->runs, "one", &message), 0);
	assert_string_equal(fixture->told, "+one +two -one ");
}

static void test_what_cannot_be_a_run_is_refused(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	assert_int_equal(start(fixture, "", &message), -EINVAL);
	assert_int_equal(start(fixture, "../one", &message), -EINVAL);
	assert_int_equal(start(fixture, "one", &message), -ENOENT);
	assert_string_equal(message, "the daemon cannot read the run's file");

	write_run(fixture, "one", POLICY);
	set_populated(fixture, "one", false);
	assert_int_equal(start(fixture, "one", &message), -ESTALE);
	remove_cgroup(fixture, "one");
	assert_int_equal(start(fixture, "one", &message), -ESTALE);

	write_run(fixture, "two", POLICY);
	assert_int_equal(start(fixture, "two", &message), 0);
	assert_int_equal(start(fixture, "two", &message), 0);
	assert_int_equal(fixture->applied, 1);
}

static void test_refused_policies_leave_no_run(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	write_run(fixture, "one", "[what]\n");
	assert_int_equal(start(fixture, "one", &message), -EINVAL);
	assert_string_equal(message, "refused");
	assert_null(bl_runs_find(fixture->runs, "one"));
	assert_string_equal(fixture->told, "");
}

static void test_run_that_is_over_ends_by_itself(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	for (unsigned i = 0; i < 3; i++) {
		const char *names[] = {"one", "two", "three"};

		write_run(fixture, names[i], POLICY);
		assert_int_equal(start(fixture, names[i], &message), 0);
	}
	/* Whoever started it has a while to ask for what was denied. */
	remove_cgroup(fixture, "one");
	set_populated(fixture, "three", false);
	let_time_pass(fixture, 1);
	assert_int_equal(fixture->policies, 3);
	let_time_pass(fixture, 1);
	assert_int_equal(fixture->policies, 1);
	assert_int_equal(fixture->applied, 4);
	assert_non_null(bl_runs_find(fixture->runs, "two"));
	assert_false(has_file(fixture, "one"));
	assert_true(has_file(fixture, "two"));
	assert_false(has_file(fixture, "three"));
}

/* I4: who has left the cgroup is still held. */
static void test_run_that_somebody_left_goes_on(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	write_run(fixture, "one", POLICY);
	assert_int_equal(start(fixture, "one", &message), 0);
	fixture->held = bl_runs_find(fixture->runs, "one")->cgroup_id;
	remove_cgroup(fixture, "one");
	let_time_pass(fixture, 4);
	assert_int_equal(bl_runs_end(fixture->runs, "one", &message), -EBUSY);
	assert_int_equal(fixture->policies, 1);

	bl_runs_free(fixture->runs);
	assert_int_equal(start_daemon(fixture), 0);
	let_time_pass(fixture, 4);
	assert_non_null(bl_runs_find(fixture->runs, "one"));
	fixture->held = 0;
	let_time_pass(fixture, 2);
	assert_null(bl_runs_find(fixture->runs, "one"));
	assert_int_equal(fixture->policies, 0);
}

static void test_end_that_cannot_be_applied_is_an_end(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	write_run(fixture, "one", POLICY);
	assert_int_equal(start(fixture, "one", &message), 0);
	remove_cgroup(fixture, "one");
	fixture->result = -ENOMEM;
	assert_int_equal(bl_runs_end(fixture->runs, "one", &message), -ENOMEM);
	assert_null(bl_runs_find(fixture->runs, "one"));
	assert_false(has_file(fixture, "one"));
}

static void test_next_daemon_finds_what_goes_on(void **state)
{
	struct fixture *fixture = *state;
	const char *message = NULL;

	write_run(fixture, "one", POLICY);
	write_run(fixture, "two", POLICY);
	assert_int_equal(start(fixture, "one", &message), 0);
	assert_int_equal(start(fixture, "two", &message), 0);
	bl_runs_free(fixture->runs);
	set_populated(fixture, "one", false);
	assert_int_equal(start_daemon(fixture), 0);
	let_time_pass(fixture, 2);
	assert_null(bl_runs_find(fixture->runs, "one"));
	assert_non_null(bl_runs_find(fixture->runs, "two"));
	assert_false(has_file(fixture, "one"));
}

static void test_other_cgroup_of_that_name_is_not_the_runs(void **state)
{
	struct fixture *fixture = *state;
	struct stat status;
	char path[256];

	write_run(fixture, "one", POLICY);
	path_in(fixture, "one", "", path);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(bl_run_cgroup_is_populated(path, status.st_ino), 1);
	assert_int_equal(bl_run_cgroup_is_populated(path, status.st_ino + 1), -ENOENT);
	set_populated(fixture, "one", false);
	assert_int_equal(bl_run_cgroup_is_populated(path, status.st_ino), 0);
	remove_cgroup(fixture, "one");
	assert_int_equal(bl_run_cgroup_is_populated(path, status.st_ino), -ENOENT);
	assert_int_equal(bl_run_cgroup_remove(path), 0);
}

/* Without their files: a directory that has some is not removed. */
static void test_cgroups_below_are_removed_first(void **state)
{
	struct fixture *fixture = *state;
	char path[256];

	path_in(fixture, "one", "", path);
	assert_int_equal(mkdir(path, 0755), 0);
	path_in(fixture, "one", "/two", path);
	assert_int_equal(mkdir(path, 0755), 0);
	path_in(fixture, "one", "/two/three", path);
	assert_int_equal(mkdir(path, 0755), 0);
	path_in(fixture, "one", "", path);
	assert_int_equal(bl_run_cgroup_remove(path), 0);
	assert_int_equal(access(path, F_OK), -1);
}

static void test_file_that_is_no_run_is_not_passed_over(void **state)
{
	struct fixture *fixture = *state;
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/broken.json", fixture->scratch.path);
	file = fopen(path, "we");
	assert_non_null(file);
	assert_int_equal(fclose(file), 0);
	bl_runs_free(fixture->runs);
	fixture->runs = NULL;
	assert_int_equal(start_daemon(fixture), -EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(start_daemon(fixture), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_run_is_in_force_until_it_is_ended, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_cannot_be_a_run_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_refused_policies_leave_no_run, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_run_that_is_over_ends_by_itself, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_run_that_somebody_left_goes_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_end_that_cannot_be_applied_is_an_end, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_next_daemon_finds_what_goes_on, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_other_cgroup_of_that_name_is_not_the_runs,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cgroups_below_are_removed_first, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_file_that_is_no_run_is_not_passed_over, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
