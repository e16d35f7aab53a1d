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
		bl_subject_read(NULL, (uint32_t)getpid(), (uint32_t)getpid(), bl_time_boot(), &subject),
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

	assert_int_equal(bl_subject_read(NULL, (uint32_t)getpid(), 0, 0, &subject), 0);
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
		bl_subject_read(NULL, (uint32_t)pid, (uint32_t)getpid(), bl_time_boot(), &subject), 0);
	assert_null(subject.exe);
	assert_null(subject.arguments);
	assert_non_null(subject.parent_exe);
}

/* What is read of a shell with these arguments, whose script waits. */
static void read_shell(char *const arguments[], struct bl_subject *ret_subject)
{
	int down[2];
	int up[2];
	char byte;
	pid_t pid;

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
	assert_int_equal(bl_subject_read(NULL, (uint32_t)pid, 0, bl_time_boot(), ret_subject), 0);
	close(down[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(down[0]);
	close(up[0]);
	close(up[1]);
}

static void test_long_command_line_is_cut(void **state)
{
	static char word[1000];
	char name[] = "sh";
	char option[] = "-c";
	char script[] = "echo; read line";
	char *const arguments[] = {name, option, script, word, word, word, word, word, NULL};
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};

	memset(word, 'x', sizeof(word) - 1);
	read_shell(arguments, &subject);
	assert_true(subject.is_cut);
	assert_int_equal(subject.arguments_len, BL_SUBJECT_ARGUMENTS_MAX);
	assert_memory_equal(subject.arguments, "sh\0-c\0", 6);
}

static void test_empty_arguments_at_the_end_are_left_out(void **state)
{
	static const char kept[] = "sh\0-c\0echo; read line\0\0x";
	char name[] = "sh";
	char option[] = "-c";
	char script[] = "echo; read line";
	char empty[] = "";
	char word[] = "x";
	char *const arguments[] = {name, option, script, empty, word, empty, empty, NULL};
	bl_cleanup(bl_subject_fini) struct bl_subject subject = {0};

	read_shell(arguments, &subject);
	assert_false(subject.is_cut);
	assert_int_equal(subject.arguments_len, sizeof(kept));
	assert_memory_equal(subject.arguments, kept, sizeof(kept));
}

static void test_process_that_has_ended_is_still_known(void **state)
{
	struct bl_subjects subjects = {.next = 0};
	const char comm[16] = "test";
	const struct bl_subject *subject;
	uint64_t now = bl_time_boot();
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		char byte;

		close(fds[1]);
		_exit(read(fds[0], &byte, 1) == 0 ? 0 : 1);
	}
	/* Its clock tick has begun: an event of now is not older than the process. */
	subject = bl_subjects_find(&subjects, (uint32_t)pid, 0, comm, now + 20000000);
	assert_non_null(subject);
	assert_non_null(subject->exe);
	close(fds[0]);
	close(fds[1]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);

	subject = bl_subjects_find(&subjects, (uint32_t)pid, 0, comm, now + 500000000);
	assert_non_null(subject);
	assert_non_null(subject->exe);
	/* Another name, or long after: somebody else. */
	subject = bl_subjects_find(&subjects, (uint32_t)pid, 0, "other\0\0\0\0\0\0\0\0\0\0",
				   now + 500000000);
	assert_non_null(subject);
	assert_null(subject->exe);
	subject = bl_subjects_find(&subjects, (uint32_t)pid, 0, comm, now + 5000000000);
	assert_non_null(subject);
	assert_null(subject->exe);
	bl_subjects_fini(&subjects);
}

static void test_more_subjects_than_are_kept(void **state)
{
	struct bl_subjects subjects = {.next = 0};
	char comm[16] = "test";

	for (unsigned i = 0; i < 3 * BL_SUBJECTS_KNOWN; i++) {
		comm[5] = (char)i;
		assert_non_null(
			bl_subjects_find(&subjects, (uint32_t)getpid(), 0, comm, bl_time_boot())
				->exe);
	}
	bl_subjects_fini(&subjects);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_this_process_is_described),
		cmocka_unit_test(test_process_that_started_later_is_another),
		cmocka_unit_test(test_process_that_is_gone_is_absent),
		cmocka_unit_test(test_long_command_line_is_cut),
		cmocka_unit_test(test_empty_arguments_at_the_end_are_left_out),
		cmocka_unit_test(test_process_that_has_ended_is_still_known),
		cmocka_unit_test(test_more_subjects_than_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
