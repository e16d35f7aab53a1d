/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where and when the next verb is tried, by whom, and how often. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/sched.h>

#define CGROUP_ROOT  "/sys/fs/cgroup"
#define DEADLINE_MS  60000
#define POLL_MS      2
#define HAMMER_CHECK 32

int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int open_cgroup(const char *cgroup)
{
	char path[4096];

	snprintf(path, sizeof(path), CGROUP_ROOT "%s", cgroup);
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static enum outcome in_cgroup(int argc, char **argv)
{
	char path[4096];
	FILE *procs;

	snprintf(path, sizeof(path), CGROUP_ROOT "%s/cgroup.procs", argv[0]);
	procs = fopen(path, "we");
	if (!procs)
		return not_tried(path);
	if (fputs("0\n", procs) < 0 || fclose(procs) != 0)
		return not_tried(path);
	return run_verb(argc - 1, argv + 1);
}

/* The child's exit code; what is no outcome means it never came to one. */
enum outcome wait_for_outcome(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child)
		return not_tried("waitpid");
	if (!WIFEXITED(status) || WEXITSTATUS(status) >= OUTCOME_COUNT) {
		say("could not try: the child ended with status %#x", status);
		return NOT_TRIED;
	}
	return WEXITSTATUS(status);
}

static enum outcome in_fork(int argc, char **argv)
{
	pid_t child = fork();

	if (child < 0)
		return not_tried("fork");
	if (child == 0)
		_exit(run_verb(argc, argv));
	return wait_for_outcome(child);
}

struct call {
	int argc;
	char **argv;
};

static int run_call(void *data)
{
	const struct call *call = data;

	return run_verb(call->argc, call->argv);
}

/* As vfork() does it: in our memory, while we wait. */
static enum outcome in_vfork(int argc, char **argv)
{
	static char stack[1 << 16] __attribute__((aligned(16)));
	struct call call = {.argc = argc, .argv = argv};
	pid_t child =
		clone(run_call, stack + sizeof(stack), CLONE_VM | CLONE_VFORK | SIGCHLD, &call);

	return child < 0 ? not_tried("clone") : wait_for_outcome(child);
}

static enum outcome in_directory(int argc, char **argv)
{
	return chdir(argv[0]) < 0 ? not_tried(argv[0]) : run_verb(argc - 1, argv + 1);
}

static enum outcome fork_into_cgroup(int argc, char **argv)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
	int fd = open_cgroup(argv[0]);
	pid_t child;

	if (fd < 0)
		return not_tried(argv[0]);
	args.cgroup = fd;
	child = syscall(SYS_clone3, &args, sizeof(args));
	if (child < 0)
		return not_tried("clone3");
	if (child == 0)
		_exit(run_verb(argc - 1, argv + 1));
	close(fd);
	return wait_for_outcome(child);
}

static int wait_for_file(const char *path)
{
	const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};

	for (int waited_ms = 0; waited_ms < DEADLINE_MS; waited_ms += POLL_MS) {
		if (access(path, F_OK) == 0)
			return 0;
		nanosleep(&pause, NULL);
	}
	errno = ETIMEDOUT;
	return -1;
}

/* waiting READY GO VERB...: makes READY, waits until GO is there, then goes on. */
static enum outcome waiting(int argc, char **argv)
{
	if (touch(argv[0]) < 0)
		return not_tried(argv[0]);
	if (wait_for_file(argv[1]) < 0)
		return not_tried(argv[1]);
	return run_verb(argc - 2, argv + 2);
}

/* stay READY: until it is killed. */
static enum outcome stay(int argc, char **argv)
{
	if (touch(argv[0]) < 0)
		return not_tried(argv[0]);
	for (;;)
		pause();
}

struct thread_call {
	int argc;
	char **argv;
	enum outcome outcome;
};

static void *run_in_thread(void *data)
{
	struct thread_call *call = data;

	call->outcome = waiting(call->argc, call->argv);
	return NULL;
}

/* in-thread READY GO VERB...: as waiting, in a thread that is not the group's leader. */
static enum outcome in_thread(int argc, char **argv)
{
	struct thread_call call = {.argc = argc, .argv = argv, .outcome = NOT_TRIED};
	pthread_t thread;

	errno = pthread_create(&thread, NULL, run_in_thread, &call);
	if (errno)
		return not_tried("pthread_create");
	errno = pthread_join(thread, NULL);
	if (errno)
		return not_tried("pthread_join");
	return call.outcome;
}

/*
 * hammer allowed|denied|any UNTIL VERB...: tries again and again, UNTIL a file is there or so many times, and
 * prints the counts. Exit code: 0 when all outcomes were the expected one, else 3.
 */
static enum outcome hammer(int argc, char **argv)
{
	unsigned long counts[OUTCOME_COUNT] = {0};
	unsigned long total = 0;
	unsigned long expected;
	unsigned long times = argv[1][0] == '/' ? 0 : strtoul(argv[1], NULL, 10);

	is_quiet = true;
	do {
		counts[run_verb(argc - 2, argv + 2)]++;
		total++;
		if (!times && total % HAMMER_CHECK == 0 && access(argv[1], F_OK) == 0)
			break;
	} while (total != times);

	printf("total=%lu allowed=%lu denied=%lu untried=%lu otherwise=%lu\n", total, counts[DID],
	       counts[DENIED], counts[NOT_TRIED], counts[OTHERWISE]);
	if (!strcmp(argv[0], "allowed"))
		expected = counts[DID];
	else if (!strcmp(argv[0], "denied"))
		expected = counts[DENIED];
	else
		expected = total;
	return expected == total ? DID : OTHERWISE;
}

/* holding MODE PATH VERB...: with a descriptor of the file, opened here and now. */
static enum outcome holding(int argc, char **argv)
{
	static const struct {
		const char *name;
		int flags;
	} modes[] = {
		{"r", O_RDONLY},
		{"w", O_WRONLY},
		{"rw", O_RDWR},
		{"path", O_PATH},
		{"link", O_PATH | O_NOFOLLOW},
		{"unnamed", O_TMPFILE | O_RDWR},
	};

	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		int fd;

		if (strcmp(modes[i].name, argv[0]) != 0)
			continue;
		fd = open(argv[1], modes[i].flags, 0755);
		if (fd < 0 || dup2(fd, HELD) < 0)
			return not_tried(argv[1]);
		close(fd);
		return run_verb(argc - 2, argv + 2);
	}
	errno = EINVAL;
	return not_tried(argv[0]);
}

/* as PROGRAM VERB...: in a child that is another copy of the probe, which is called PROGRAM. */
static enum outcome as_program(int argc, char **argv)
{
	char *program = argv[0];
	pid_t child = fork();

	if (child < 0)
		return not_tried("fork");
	if (child == 0) {
		argv[0] = "probe";
		execv(program, argv);
		_exit(not_tried(program));
	}
	return wait_for_outcome(child);
}

/* killed VERB...: done when a child that tries it is killed by SIGKILL and has not come to an outcome. */
static enum outcome killed(int argc, char **argv)
{
	pid_t child = fork();
	int status;

	if (child < 0)
		return not_tried("fork");
	if (child == 0)
		_exit(run_verb(argc, argv));
	if (waitpid(child, &status, 0) != child)
		return not_tried("waitpid");
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL)
		return DID;
	say("not killed: the child ended with status %#x", status);
	return OTHERWISE;
}

/* with NAME=VALUE VERB...: with that in the environment. */
static enum outcome with_variable(int argc, char **argv)
{
	if (putenv(argv[0]) != 0)
		return not_tried("putenv");
	return run_verb(argc - 1, argv + 1);
}

/* each VERB... [also VERB...]...: one after the other; the first that is not done is the outcome. */
static enum outcome each(int argc, char **argv)
{
	while (argc > 0) {
		int count = 0;
		enum outcome outcome;

		while (count < argc && strcmp(argv[count], "also") != 0)
			count++;
		outcome = run_verb(count, argv);
		if (outcome != DID)
			return outcome;
		count += count < argc;
		argc -= count;
		argv += count;
	}
	return DID;
}

/* refused-as ERROR VERB...: denied when it fails with that error, for what is refused with another than EPERM. */
static enum outcome refused_as(int argc, char **argv)
{
	enum outcome outcome;

	judged_error = 0;
	outcome = run_verb(argc - 1, argv + 1);
	if (outcome != OTHERWISE && outcome != DENIED)
		return outcome;
	return judged_error && strcmp(strerrorname_np(judged_error), argv[0]) == 0 ? DENIED
										   : OTHERWISE;
}

/* as-user NUMBER VERB...: as a user who is nobody special. */
static enum outcome as_user(int argc, char **argv)
{
	uid_t user = atoi(argv[0]);

	if (setgroups(0, NULL) < 0 || setresgid(user, user, user) < 0 ||
	    setresuid(user, user, user) < 0)
		return not_tried(argv[0]);
	return run_verb(argc - 1, argv + 1);
}

const struct verb place_verbs[] = {
	{"in-cgroup", 2, in_cgroup, "/CGROUP VERB..."},
	{"in-fork", 1, in_fork, "VERB..."},
	{"in-vfork", 1, in_vfork, "VERB..."},
	{"in-directory", 2, in_directory, "DIR VERB..."},
	{"fork-into-cgroup", 2, fork_into_cgroup, "/CGROUP VERB..."},
	{"waiting", 3, waiting, "READY GO VERB..."},
	{"stay", 1, stay, "READY"},
	{"in-thread", 3, in_thread, "READY GO VERB..."},
	{"hammer", 3, hammer, "allowed|denied|any FILE|TIMES VERB..."},
	{"holding", 3, holding, "r|w|rw|path|link|unnamed PATH VERB..."},
	{"as", 2, as_program, "PROGRAM VERB..."},
	{"killed", 1, killed, "VERB..."},
	{"with", 2, with_variable, "NAME=VALUE VERB..."},
	{"refused-as", 2, refused_as, "ERROR VERB..."},
	{"as-user", 2, as_user, "NUMBER VERB..."},
	{"each", 1, each, "VERB... [also VERB...]..."},
	{NULL, 0, NULL, NULL},
};
