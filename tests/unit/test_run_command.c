// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_command.h"

#include <errno.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/util.h"

static void free_command(struct bl_command **command)
{
	bl_command_free(*command);
}

static int set_up(void **state)
{
	sigset_t *mask = malloc(sizeof(*mask));

	*state = mask;
	return mask ? sigprocmask(SIG_SETMASK, NULL, mask) : -1;
}

/* What was held for the command is let go. */
static int tear_down(void **state)
{
	int r = sigprocmask(SIG_SETMASK, *state, NULL);

	free(*state);
	return r;
}

static enum bl_command_stage run_to_the_end(const struct bl_command_spec *spec, bool is_audit,
					    int *ret_status, int *ret_error)
{
	bl_cleanup(free_command) struct bl_command *command = NULL;

	assert_int_equal(bl_command_start(spec, &command), 0);
	assert_true(bl_command_tgid(command) > 0);
	assert_int_equal(bl_command_go(command, is_audit), 0);
	assert_int_equal(bl_command_wait(command, ret_status), 0);
	return bl_command_reached(command, ret_error);
}

static int status_of(const char *script)
{
	char *text = strdup(script);
	char *const argv[] = {(char[]){"sh"}, (char[]){"-c"}, text, NULL};
	const struct bl_command_spec spec = {.argv = argv};
	int status = 0;
	int error;

	assert_non_null(text);
	assert_int_equal(run_to_the_end(&spec, false, &status, &error), BL_COMMAND_RUNNING);
	free(text);
	return status;
}

static void test_status_is_the_commands(void **state)
{
	int status = status_of("exit 7");

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 7);
	status = status_of("kill -KILL $$");
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
}

/* The command signals its parent, as anybody might, and is sent that. */
static void test_signals_are_passed_on(void **state)
{
	int status = status_of("trap 'exit 42' USR1; kill -USR1 $PPID; while :; do :; done");

	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 42);
}

/* Not by a shell, which has signals of its own. */
static void assert_own_status_has(const char *line)
{
	char *pattern = strdup(line);
	char *const argv[] = {(char[]){"grep"}, (char[]){"-q"}, pattern,
			      (char[]){"/proc/self/status"}, NULL};
	const struct bl_command_spec spec = {.argv = argv};
	int status, error;

	assert_non_null(pattern);
	assert_int_equal(run_to_the_end(&spec, false, &status, &error), BL_COMMAND_RUNNING);
	free(pattern);
	assert_int_equal(status, 0);
}

static void test_mask_and_ignored_signals_are_the_callers(void **state)
{
	const struct sigaction ignored = {.sa_handler = SIG_IGN};
	struct sigaction before;

	assert_int_equal(sigaction(SIGCHLD, &ignored, &before), 0);
	assert_own_status_has("^SigIgn:.00000000000[13579bdf]");
	assert_int_equal(sigaction(SIGCHLD, &before, NULL), 0);
	assert_int_equal(sigprocmask(SIG_SETMASK, *state, NULL), 0);
	assert_own_status_has("^SigBlk:.0000000000000000$");
}

static void test_what_is_not_there_is_reported(void **state)
{
	char *const argv[] = {(char[]){"/nix/nix"}, NULL};
	const struct bl_command_spec spec = {.argv = argv};
	int status, error;

	assert_int_equal(run_to_the_end(&spec, false, &status, &error), BL_COMMAND_EXEC);
	assert_int_equal(error, ENOENT);
}

static struct bl_syscall_filter *make_filter(const char *text, bool is_audit)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_policies policies = {0};
	struct bl_syscall_filter *filter = NULL;

	assert_int_equal(bl_policy_parse_for_run(text, strlen(text), "t.ini", &diags, &policies),
			 0);
	assert_int_equal(bl_syscall_filter_new(&policies, is_audit, &filter), 0);
	assert_non_null(filter);
	bl_policies_fini(&policies);
	return filter;
}

/* What a sanitizer does on the way is allowed. */
#define LITTLE                                                                                     \
	"[policy]\nname = x\n[syscall]\ndefault = deny\nallow = mmap munmap madvise mprotect futex sigaltstack\n"

/* A process that may neither write nor end still says that the execution failed, and ends. */
static void test_failure_under_a_filter_is_reported(void **state)
{
	char *const argv[] = {(char[]){"/nix/nix"}, NULL};
	struct bl_command_spec spec = {.argv = argv};
	struct bl_syscall_filter *filter = make_filter(LITTLE, false);
	int status, error;

	spec.filter = filter;
	assert_int_equal(run_to_the_end(&spec, false, &status, &error), BL_COMMAND_EXEC);
	assert_int_equal(error, ENOENT);
	assert_true(WIFSIGNALED(status));
	bl_syscall_filter_free(filter);
}

static void test_filter_is_the_one_that_is_asked_for(void **state)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	struct bl_command_spec spec = {.argv = argv};
	struct bl_syscall_filter *filter = make_filter(LITTLE, false);
	struct bl_syscall_filter *audit_filter = make_filter(LITTLE, true);
	int status, error;

	spec.filter = filter;
	spec.audit_filter = audit_filter;
	assert_int_equal(run_to_the_end(&spec, true, &status, &error), BL_COMMAND_RUNNING);
	assert_int_equal(status, 0);
	assert_int_equal(run_to_the_end(&spec, false, &status, &error), BL_COMMAND_RUNNING);
	assert_int_not_equal(status, 0);
	bl_syscall_filter_free(filter);
	bl_syscall_filter_free(audit_filter);
}

#define SCRIPT                                                                                     \
	"trap 'echo interrupted' INT; echo ready; until read x; do :; done; echo \"got $x\"; exit 3"

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text++;
	}
	return count;
}

/* Until word is in what the terminal has shown. */
static void read_until(int fd, char *shown, size_t size, const char *word)
{
	while (!strstr(shown, word)) {
		size_t len = strlen(shown);
		ssize_t n = read(fd, shown + len, size - len - 1);

		assert_true(n > 0);
		shown[len + (size_t)n] = '\0';
	}
}

/* The command has the terminal; what is typed there reaches it, and a key for a signal once. */
static void test_terminal_is_the_commands(void **state)
{
	char shown[1024] = "";
	int fd, status;
	pid_t caller = forkpty(&fd, NULL, NULL, NULL);

	assert_true(caller >= 0);
	if (caller == 0) {
		status = status_of(SCRIPT);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 99);
	}
	read_until(fd, shown, sizeof(shown), "ready");
	assert_int_equal(write(fd, "\003", 1), 1);
	read_until(fd, shown, sizeof(shown), "interrupted");
	assert_int_equal(write(fd, "word\n", 5), 5);
	read_until(fd, shown, sizeof(shown), "got word");
	assert_int_equal(waitpid(caller, &status, 0), caller);
	close(fd);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 3);
	assert_int_equal(count_of(shown, "interrupted"), 1);
}

static void test_one_that_is_not_told_to_go_does_not(void **state)
{
	char *const argv[] = {(char[]){"true"}, NULL};
	const struct bl_command_spec spec = {.argv = argv};
	struct bl_command *command = NULL;
	pid_t tgid;

	assert_int_equal(bl_command_start(&spec, &command), 0);
	tgid = bl_command_tgid(command);
	bl_command_free(command);
	assert_int_equal(kill(tgid, 0), -1);
	assert_int_equal(errno, ESRCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_status_is_the_commands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_signals_are_passed_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mask_and_ignored_signals_are_the_callers,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_what_is_not_there_is_reported, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_failure_under_a_filter_is_reported, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_filter_is_the_one_that_is_asked_for, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_terminal_is_the_commands, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_one_that_is_not_told_to_go_does_not, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
