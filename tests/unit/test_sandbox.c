// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/landlock.h>

#include <cmocka.h>

#include "enforcer/kept.h"
#include "enforcer/util.h"
#include "tests/unit/scratch.h"

/*
 * A sandbox cannot be left, so each test enters one in a child, which says as exit code which step was wrong. Not by
 * _exit(), before which a sanitizer makes calls of its own.
 */
#define STEP(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			syscall(SYS_exit_group, __LINE__ % 250 + 1);                               \
	} while (0)

static int run_in_child(void (*steps)(const char *dir))
{
	struct scratch scratch;
	int status;
	pid_t pid;

	assert_int_equal(scratch_make(&scratch, "file"), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		steps(scratch.dir);
		syscall(SYS_exit_group, 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	scratch_remove(&scratch);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static bool is_refused(long result)
{
	return result < 0 && errno == EPERM;
}

static void enter(const char *dir)
{
	struct bl_config config = {0};
	char path[256];

	STEP(bl_config_init(&config) == 0);
	STEP(bl_config_set_policies(&config, dir) == 0);
	snprintf(path, sizeof(path), "%s/file", dir);
	STEP(bl_config_set_string(&config.events_file, path) == 0);
	STEP(bl_config_set_string(&config.run_dir, dir) == 0);
	snprintf(path, sizeof(path), "%s/state", dir);
	STEP(bl_config_set_string(&config.state_dir, path) == 0);
	snprintf(path, sizeof(path), "%s/file", dir);
	STEP(bl_sandbox_enter(&config, path, dir, dir) == 0);
	bl_config_fini(&config);
}

static void be_confined(const char *dir)
{
	char *const argv[] = {NULL};

	enter(dir);
	STEP(is_refused(execve("/bin/true", argv, NULL)));
	STEP(is_refused(syscall(SYS_clone, 0, NULL, NULL, NULL, 0)));
	STEP(is_refused(socket(AF_INET, SOCK_STREAM, 0)));
	STEP(is_refused(socket(AF_UNIX, SOCK_STREAM, 0)));
	STEP(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0) >= 0);
	STEP(is_refused(prctl(PR_GET_DUMPABLE)));
	STEP(getpid() > 0);
}

static void test_calls_that_are_not_listed_are_refused(void **state)
{
	assert_int_equal(run_in_child(be_confined), 0);
}

static void use_files(const char *dir)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/file", dir);
	enter(dir);
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT, 0600);
	STEP(fd >= 0 && write(fd, "x", 1) == 1 && ftruncate(fd, 0) == 0);
	STEP(open(path, O_RDONLY) >= 0);
	STEP(open("/proc/self/stat", O_RDONLY) >= 0);
	STEP(unlink(path) == 0);
	if (version < 1)
		return;
	STEP(open("/dev/null", O_WRONLY) < 0 && errno == EACCES);
	STEP(open("/etc/passwd", O_RDONLY) < 0 && errno == EACCES);
}

static void test_files_of_the_configuration_can_be_used(void **state)
{
	assert_int_equal(run_in_child(use_files), 0);
}

/* What is kept is replaced as a whole, and nowhere else. */
static void keep_policies(const char *dir)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	const struct bl_kept kept = {0};
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/state", dir);
	STEP(mkdir(path, 0700) == 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	STEP(fd >= 0);
	enter(dir);
	STEP(bl_kept_save(fd, &kept) == 0);
	STEP(bl_kept_save(fd, &kept) == 0);
	STEP(bl_kept_remove(fd) == 0);
	if (version < 1)
		return;
	STEP(symlinkat("file", fd, "link") < 0);
	STEP(bl_kept_save(fd, &kept) == 0);
	STEP(renameat(fd, BL_KEPT_FILE, AT_FDCWD, "/tmp/" BL_KEPT_FILE) < 0);
}

static void test_policies_can_be_kept(void **state)
{
	assert_int_equal(run_in_child(keep_policies), 0);
}

static void be_reader(const char *dir)
{
	char path[16];

	STEP(bl_sandbox_enter_reader() == 0);
	STEP(readlink("/proc/self/exe", path, sizeof(path)) > 0);
	STEP(is_refused(open("/proc/self/stat", O_RDONLY)));
	STEP(is_refused(write(STDERR_FILENO, "", 0)));
}

static void test_reader_can_read_links_only(void **state)
{
	assert_int_equal(run_in_child(be_reader), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_calls_that_are_not_listed_are_refused),
		cmocka_unit_test(test_files_of_the_configuration_can_be_used),
		cmocka_unit_test(test_policies_can_be_kept),
		cmocka_unit_test(test_reader_can_read_links_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
