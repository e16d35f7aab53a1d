// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/syscall_filter.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/filter.h>

#include "enforcer/util.h"

#define POLICY(name) "[policy]\nname = " name "\n"

static struct bl_policies parse(const char *const *texts, size_t count, struct bl_diags *diags)
{
	struct bl_policies policies = {0};

	for (size_t i = 0; i < count; i++)
		assert_int_equal(bl_policy_parse_for_run(texts[i], strlen(texts[i]), "t.ini", diags,
							 &policies),
				 0);
	return policies;
}

/* --- names --- */

static void assert_diags(const char *text, const char *expected)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_policies policies = parse(&text, 1, &diags);
	char actual[1024] = "";
	size_t len = 0;

	bl_syscall_check(&policies, &diags);
	for (size_t i = 0; i < diags.count; i++)
		len += (size_t)snprintf(actual + len, sizeof(actual) - len, "%u:%u: %s: %s\n",
					diags.items[i].line, diags.items[i].column,
					diags.items[i].severity == BL_SEVERITY_ERROR ? "error"
										     : "warning",
					diags.items[i].message);
	assert_string_equal(actual, expected);
	bl_policies_fini(&policies);
}

static void test_name_that_nobody_has_is_an_error(void **state)
{
	assert_diags(POLICY("x") "[syscall]\ndeny = mkdir opne\n",
		     "4:14: error: unknown system call 'opne': libseccomp has none of that name\n");
}

static void test_name_of_others_is_said_to_be_so(void **state)
{
	assert_diags(
		POLICY("x") "[syscall]\ndeny = s390_pci_mmio_read\n",
		"4:8: warning: system call 's390_pci_mmio_read' is one of other architectures only: here it means nothing\n");
}

static void test_what_starts_the_command_cannot_be_denied(void **state)
{
	assert_diags(
		POLICY("x") "[syscall]\nkill = execve\n",
		"4:8: error: 'execve' starts the command itself, so [syscall] cannot kill it: forbid programs in [exec]\n");
	assert_diags(POLICY("x") "[syscall]\naudit = execve\ndeny = execveat\n", "");
}

static void test_name_decided_above_is_warned_of(void **state)
{
	assert_diags(
		POLICY("x") "[syscall]\ndeny = mkdirat\nallow = mkdirat\n",
		"5:9: warning: 'mkdirat' is decided by line 4 already: this can never match\n");
}

static void test_allow_that_changes_nothing_is_warned_of(void **state)
{
	assert_diags(
		POLICY("x") "[syscall]\nallow = mkdirat\n",
		"4:9: warning: this allow changes nothing: the default of [syscall] is allow and no rule below restricts 'mkdirat'\n");
	assert_diags(
		POLICY("x") "[syscall]\nallow = mkdirat\ndeny = mkdirat\n",
		"5:8: warning: 'mkdirat' is decided by line 4 already: this can never match\n");
	assert_diags(POLICY("x") "[syscall]\ndefault = deny\nallow = mkdirat\n", "");
}

/* --- filters --- */

static struct bl_syscall_filter *make(const char *const *texts, size_t count, bool is_audit_forced)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	struct bl_policies policies = parse(texts, count, &diags);
	struct bl_syscall_filter *filter = NULL;

	assert_int_equal(bl_syscall_filter_new(&policies, is_audit_forced, &filter), 0);
	bl_policies_fini(&policies);
	return filter;
}

/*
 * A filter is for good, so each test puts one on in a child, which says as exit code which step was
 * wrong; by a call of its own, for which the filters leave room.
 */
#define STEP(condition)                                                                            \
	do {                                                                                       \
		if (!(condition))                                                                  \
			syscall(SYS_exit_group, __LINE__ % 250 + 1);                               \
	} while (0)

static bool is_refused(long result)
{
	return result < 0 && errno == EPERM;
}

static int run_under(const char *const *texts, size_t count, bool is_audit_forced,
		     void (*steps)(void))
{
	struct bl_syscall_filter *filter = make(texts, count, is_audit_forced);
	pid_t child;
	int status;

	assert_non_null(filter);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		STEP(bl_syscall_filter_load(filter) == 0);
		steps();
		syscall(SYS_exit_group, 0);
	}
	bl_syscall_filter_free(filter);
	assert_int_equal(waitpid(child, &status, 0), child);
	return status;
}

static void assert_steps(const char *text, bool is_audit_forced, void (*steps)(void))
{
	assert_int_equal(run_under(&text, 1, is_audit_forced, steps), 0);
}

static void try_denied(void)
{
	STEP(is_refused(syscall(SYS_getppid)));
	STEP(syscall(SYS_getuid) >= 0);
	STEP(is_refused(syscall(SYS_getpgid, 0)));
}

static void test_denied_calls_fail_with_eperm(void **state)
{
	assert_steps(
		POLICY("x") "[syscall]\nallow = getuid\ndeny = getppid getuid\ndeny = getpgid\n",
		false, try_denied);
}

static void try_allowed(void)
{
	STEP(syscall(SYS_getppid) > 0);
	STEP(syscall(SYS_getuid) >= 0);
	STEP(syscall(SYS_getpgid, 0) > 0);
}

static void test_audit_mode_denies_nothing(void **state)
{
	static const char rules[] =
		POLICY("x") "[syscall]\ndefault = deny\nkill = getppid\ndeny = getpgid\n";
	static const char mode[] =
		POLICY("x") "mode = audit\n[syscall]\ndefault = deny\nkill = getppid\n";

	assert_steps(rules, true, try_allowed);
	assert_steps(mode, false, try_allowed);
}

static void try_list(void)
{
	char *const argv[] = {NULL};

	STEP(is_refused(syscall(SYS_getppid)));
	STEP(syscall(SYS_getuid) >= 0);
	/* Only by its default could it be denied. */
	STEP(execve("/nix", argv, argv) < 0 && errno == ENOENT);
	STEP(is_refused(syscall(SYS_execveat, AT_FDCWD, "/nix", argv, argv, 0)));
}

static void test_default_deny_leaves_execve(void **state)
{
	assert_steps(POLICY("x") "[syscall]\ndefault = deny\nallow = getuid exit_group\n", false,
		     try_list);
}

static void test_kill_kills(void **state)
{
	static const char *const text = POLICY("x") "[syscall]\nkill = getppid\n";
	int status = run_under(&text, 1, false, try_allowed);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void try_both(void)
{
	STEP(is_refused(syscall(SYS_getppid)));
	STEP(is_refused(syscall(SYS_getpgid, 0)));
	STEP(is_refused(syscall(SYS_getuid)));
	STEP(syscall(SYS_getgid) >= 0);
}

static void test_most_restrictive_policy_holds(void **state)
{
	static const char *const texts[] = {
		POLICY("a") "[syscall]\ndeny = getppid\nallow = getpgid\n",
		POLICY("b") "[syscall]\ndefault = deny\nallow = getppid getpgid getgid exit_group\n",
		POLICY("c") "mode = audit\n[syscall]\ndeny = getgid\nkill = getpgid\n",
		POLICY("d") "mode = off\n[syscall]\ndefault = deny\n",
		POLICY("e") "[syscall]\ndeny = getpgid\n",
	};

	assert_int_equal(run_under(texts, BL_ARRAY_LEN(texts), false, try_both), 0);
}

#if defined(__x86_64__)
static void try_x32(void)
{
	syscall(SYS_getuid | 0x40000000);
}

static void test_calls_of_other_tables_kill(void **state)
{
	static const char *const text = POLICY("x") "[syscall]\ndeny = getppid\n";
	int status = run_under(&text, 1, false, try_x32);

	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}
#else
static void test_calls_of_other_tables_kill(void **state)
{
	/* Only x86 has two tables behind one instruction. */
}
#endif

static void test_privileges_stay_where_they_may(void **state)
{
	static const char *const text = POLICY("x") "[syscall]\ndeny = getppid\n";
	struct bl_syscall_filter *filter = make(&text, 1, false);
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		STEP(bl_syscall_filter_load(filter) == 0);
		/* Without CAP_SYS_ADMIN the kernel wants it. */
		STEP(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == (geteuid() != 0));
		syscall(SYS_exit_group, 0);
	}
	bl_syscall_filter_free(filter);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_nothing_said_is_no_filter(void **state)
{
	static const char *const texts[] = {
		POLICY("a") "[file]\ndeny = read /x\n",
		POLICY("b") "mode = off\n[syscall]\ndefault = deny\n",
		POLICY("c") "[syscall]\n",
	};

	assert_null(make(texts, BL_ARRAY_LEN(texts), false));
	bl_syscall_filter_free(NULL);
}

static size_t count_instructions(const char *text)
{
	struct bl_syscall_filter *filter = make(&text, 1, false);
	bl_cleanup_fclose FILE *file = tmpfile();
	long size;

	assert_non_null(file);
	assert_int_equal(bl_syscall_filter_export(filter, fileno(file)), 0);
	bl_syscall_filter_free(filter);
	assert_int_equal(fseek(file, 0, SEEK_END), 0);
	size = ftell(file);
	assert_true(size > 0);
	assert_int_equal((size_t)size % sizeof(struct sock_filter), 0);
	return (size_t)size / sizeof(struct sock_filter);
}

/* Names that mean what the default does make no instructions. */
static void test_filter_has_what_differs_from_the_default(void **state)
{
	size_t one = count_instructions(POLICY("x") "[syscall]\ndeny = getppid\n");

	assert_int_equal(count_instructions(POLICY(
				 "x") "[syscall]\nallow = open openat\ndeny = getppid getppid\n"),
			 one);
	assert_true(count_instructions(POLICY("x") "[syscall]\ndeny = getppid getpgid\n") > one);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_name_that_nobody_has_is_an_error),
		cmocka_unit_test(test_name_of_others_is_said_to_be_so),
		cmocka_unit_test(test_what_starts_the_command_cannot_be_denied),
		cmocka_unit_test(test_name_decided_above_is_warned_of),
		cmocka_unit_test(test_allow_that_changes_nothing_is_warned_of),
		cmocka_unit_test(test_denied_calls_fail_with_eperm),
		cmocka_unit_test(test_audit_mode_denies_nothing),
		cmocka_unit_test(test_default_deny_leaves_execve),
		cmocka_unit_test(test_kill_kills),
		cmocka_unit_test(test_most_restrictive_policy_holds),
		cmocka_unit_test(test_calls_of_other_tables_kill),
		cmocka_unit_test(test_privileges_stay_where_they_may),
		cmocka_unit_test(test_nothing_said_is_no_filter),
		cmocka_unit_test(test_filter_has_what_differs_from_the_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
