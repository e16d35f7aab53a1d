// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/process_cgroup.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/util.h"

static void test_text_of_proc_is_understood(void **state)
{
	static const struct {
		const char *text;
		int result;
		const char *path;
	} cases[] = {
		{"0::/\n", 0, "/"},
		{"0::/system.slice/nginx.service\n", 0, "/system.slice/nginx.service"},
		{"0::/a b/c:d\n", 0, "/a b/c:d"},
		{"12:pids:/docker/1\n1:name=systemd:/docker/1\n0::/docker/1\n", 0, "/docker/1"},
		/* A hierarchy of version 1 may be called anything. */
		{"3:name=0::/fake:/v1\n0::/true\n", 0, "/true"},
		{"0::/..a/b..\n", 0, "/..a/b.."},
		{"12:pids:/docker/1\n1:name=systemd:/docker/1\n", -EOPNOTSUPP, NULL},
		{"", -EOPNOTSUPP, NULL},
		{"0::relative\n", -EOPNOTSUPP, NULL},
		{"0::/gone (deleted)\n", -ENOENT, NULL},
		{"0::/../other\n", -EXDEV, NULL},
		{"0::/..\n", -EXDEV, NULL},
		{"0::/a/../../b\n", -EXDEV, NULL},
		{"0::/0123456789012345678901234567890\n", 0, "/0123456789012345678901234567890"},
		{"0::/01234567890123456789012345678901\n", -ENAMETOOLONG, NULL},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		char text[256];
		char path[33] = "unchanged";

		strcpy(text, cases[i].text);
		assert_int_equal(bl_process_cgroup_parse(text, path, sizeof(path)),
				 cases[i].result);
		assert_string_equal(path, cases[i].path ? cases[i].path : "unchanged");
	}
}

static void test_process_that_is_not_there_is_said_so(void **state)
{
	char path[64];
	pid_t parent;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, NULL, 0), child);
	assert_int_equal(bl_process_cgroup(child, path, sizeof(path)), -ESRCH);
	assert_int_equal(bl_process_parent(child, &parent), -ESRCH);
}

static void test_parent_is_found(void **state)
{
	pid_t parent = 0;

	assert_int_equal(bl_process_parent(getpid(), &parent), 0);
	assert_int_equal(parent, getppid());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_text_of_proc_is_understood),
		cmocka_unit_test(test_process_that_is_not_there_is_said_so),
		cmocka_unit_test(test_parent_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
