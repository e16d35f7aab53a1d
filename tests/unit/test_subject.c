// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/subject.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/event.h"
#include "enforcer/util.h"

static void test_this_process_is_described(void **state)
{
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};
	char exe[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	assert_true(len > 0);
	exe[len] = '\0';
	assert_int_equal(
		bl_subject_read((uint32_t)getpid(), (uint32_t)getpid(), bl_time_boot(), &subject),
		0);
	assert_string_equal(subject.exe, exe);
	assert_string_equal(subject.parent_exe, exe);
	assert_non_null(subject.arguments);
	assert_int_equal(subject.arguments[subject.arguments_len - 1], '\0');
	assert_false(subject.is_cut);
}

static void test_process_that_started_later_is_another(void **state)
{
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};

	assert_int_equal(bl_subject_read((uint32_t)getpid(), 0, 0, &subject), 0);
	assert_null(subject.exe);
	assert_null(subject.arguments);
	assert_null(subject.parent_exe);
}

static void test_process_that_is_gone_is_absent(void **state)
{
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(
		bl_subject_read((uint32_t)pid, (uint32_t)getpid(), bl_time_boot(), &subject), 0);
	assert_null(subject.exe);
	assert_null(subject.arguments);
	assert_non_null(subject.parent_exe);
}

/* The child's command line is longer than what is kept of it. */
static void test_long_command_line_is_cut(void **state)
{
	static char word[1000];
	char name[] = "sh";
	char option[] = "-c";
	char script[] = "echo; read line";
	char *const arguments[] = {name, option, script, word, word, word, word, word, NULL};
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};
	int down[2];
	int up[2];
	char byte;
	pid_t pid;

	memset(word, 'x', sizeof(word) - 1);
	assert_int_equal(pipe(down), 0);
	assert_int_equal(pipe(up), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		dup2(down[0], STDIN_FILENO);
		dup2(up[1], STDOUT_FILENO);
		close(down[1]);
		execv("/bin/sh", arguments);
		_exit(127);
	}
	assert_int_equal(read(up[0], &byte, 1), 1); /* it has been executed */
	assert_int_equal(bl_subject_read((uint32_t)pid, 0, bl_time_boot(), &subject), 0);
	assert_true(subject.is_cut);
	assert_int_equal(subject.arguments_len, BL_SUBJECT_ARGUMENTS_MAX);
	assert_memory_equal(subject.arguments, "sh\0-c\0", 6);
	close(down[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(down[0]);
	close(up[0]);
	close(up[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_process_is_described),
		cmocka_unit_test(test_process_that_started_later_is_another),
		cmocka_unit_test(test_process_that_is_gone_is_absent),
		cmocka_unit_test(test_long_command_line_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
