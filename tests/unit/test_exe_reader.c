// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/exe_reader.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/event.h"
#include "enforcer/subject.h"

static int set_up(void **state)
{
	struct bl_exe_reader *reader;

	assert_int_equal(bl_exe_reader_new(&reader), 0);
	*state = reader;
	return 0;
}

/* It ends by itself when nobody can ask it any more. */
static int tear_down(void **state)
{
	int status;

	bl_exe_reader_free(*state);
	assert_true(wait(&status) > 0);
	return 0;
}

static void test_executable_is_told(void **state)
{
	char expected[PATH_MAX];
	char path[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", expected, sizeof(expected));

	assert_int_equal(bl_exe_reader_ask(*state, (uint32_t)getpid(), path, sizeof(path)), len);
	assert_memory_equal(path, expected, (size_t)len);
	assert_int_equal(bl_exe_reader_ask(*state, (uint32_t)getpid(), path, 3), 3);
}

static void test_process_that_is_gone_is_not_known(void **state)
{
	struct bl_subject subject = {0};
	char path[PATH_MAX];
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(bl_exe_reader_ask(*state, (uint32_t)pid, path, sizeof(path)), -ENOENT);

	assert_int_equal(bl_subject_read(*state, (uint32_t)pid, (uint32_t)getpid(), bl_time_boot(),
					 &subject),
			 0);
	assert_null(subject.exe);
	assert_non_null(subject.parent_exe);
	bl_subject_fini(&subject);
}

static pid_t find_child(void)
{
	char path[64];
	long child = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &child), 1);
	fclose(file);
	return (pid_t)child;
}

static void test_reader_that_was_killed_is_not_waited_for(void **state)
{
	char path[PATH_MAX];
	siginfo_t info;
	pid_t reader = find_child();

	assert_int_equal(kill(reader, SIGKILL), 0);
	assert_int_equal(waitid(P_PID, (id_t)reader, &info, WEXITED | WNOWAIT), 0);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(bl_exe_reader_ask(*state, (uint32_t)getpid(), path, sizeof(path)),
				 -EPIPE);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_executable_is_told),
		TEST(test_process_that_is_gone_is_not_known),
		TEST(test_reader_that_was_killed_is_not_waited_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
