// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/lock.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/scratch.h"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "pid");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void test_second_is_told_who_holds_it(void **state)
{
	struct scratch *scratch = *state;
	struct stat st;
	pid_t pid = -1;
	int first = -1;
	int second = -1;

	assert_int_equal(bl_lock_holder(scratch->path, &pid), 0);
	assert_int_equal(pid, 0);
	assert_int_equal(bl_lock_take(scratch->path, &first, &pid), 0);
	assert_int_equal(stat(scratch->path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);

	assert_int_equal(bl_lock_take(scratch->path, &second, &pid), -EBUSY);
	assert_int_equal(pid, getpid());
	assert_int_equal(second, -1);
	pid = -1;
	assert_int_equal(bl_lock_holder(scratch->path, &pid), 0);
	assert_int_equal(pid, getpid());
	close(first);
}

static void test_what_a_dead_daemon_leaves_is_no_lock(void **state)
{
	struct scratch *scratch = *state;
	pid_t pid = -1;
	int fd = -1;

	assert_int_equal(bl_lock_take(scratch->path, &fd, &pid), 0);
	close(fd);
	assert_int_equal(bl_lock_holder(scratch->path, &pid), 0);
	assert_int_equal(pid, 0);
	assert_int_equal(bl_lock_take(scratch->path, &fd, &pid), 0);
	close(fd);
}

static void test_lock_without_a_pid_is_still_held(void **state)
{
	struct scratch *scratch = *state;
	pid_t pid = -1;
	int fd = -1;
	int other = -1;

	assert_int_equal(bl_lock_take(scratch->path, &fd, &pid), 0);
	assert_int_equal(ftruncate(fd, 0), 0);
	assert_int_equal(bl_lock_holder(scratch->path, &pid), -EBUSY);
	assert_int_equal(bl_lock_take(scratch->path, &other, &pid), -EBUSY);
	assert_int_equal(pid, 0);
	close(fd);
}

static void test_directory_that_is_missing(void **state)
{
	pid_t pid = -1;
	int fd = -1;

	assert_int_equal(bl_lock_take("/nonexistent/pid", &fd, &pid), -ENOENT);
	assert_int_equal(bl_lock_holder("/nonexistent/pid", &pid), 0);
	assert_int_equal(pid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_second_is_told_who_holds_it, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_what_a_dead_daemon_leaves_is_no_lock, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_lock_without_a_pid_is_still_held, set_up,
						tear_down),
		cmocka_unit_test(test_directory_that_is_missing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
