// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/run_command.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "enforcer/util.h"

/*
 * Shared with the process: once the filter is on, writing to memory is the only thing it is sure to
 * be able to do.
 */
struct report {
	enum bl_command_stage stage;
	int error;
};

struct bl_command {
	const struct bl_command_spec *spec;
	pid_t tgid; /* 0: it has been waited for */
	int go_fd;
	struct report *report;
	sigset_t mask;           /* of the caller, and of the command */
	struct sigaction on_end; /* SIGCHLD, likewise */
};

/* Those that are sent to a program to have it do something. */
static const int passed_on[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGALRM};

enum go_word {
	GO_ENFORCE = 'e',
	GO_AUDIT = 'a',
};

/* --- the process --- */

/* A process that may make no call can still fault. */
static _Noreturn void end(struct report *report, int error)
{
	report->error = error;
	(void)syscall(SYS_exit_group, 1);
	__builtin_trap();
}

static _Noreturn void be_command(struct bl_command *command, int fd)
{
	const struct bl_command_spec *spec = command->spec;
	const struct bl_syscall_filter *filter;
	struct report *report = command->report;
	char word;
	ssize_t n;
	int r = 0;

	do
		n = read(fd, &word, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		end(report, n < 0 ? errno : ECANCELED);
	if (sigaction(SIGCHLD, &command->on_end, NULL) < 0 ||
	    sigprocmask(SIG_SETMASK, &command->mask, NULL) < 0)
		end(report, errno);

	report->stage = BL_COMMAND_FILTER;
	filter = word == GO_AUDIT ? spec->audit_filter : spec->filter;
	if (filter)
		r = bl_syscall_filter_load(filter);
	if (r < 0)
		end(report, -r);
	report->stage = BL_COMMAND_EXEC;
	execvp(spec->argv[0], spec->argv);
	end(report, errno);
}

/* --- the caller --- */

static int hold_signals(struct bl_command *command)
{
	const struct sigaction by_default = {.sa_handler = SIG_DFL};
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	for (size_t i = 0; i < BL_ARRAY_LEN(passed_on); i++)
		sigaddset(&held, passed_on[i]);
	if (sigprocmask(SIG_BLOCK, &held, &command->mask) < 0)
		return -errno;
	/* Ignored, it would take the command's status away. */
	return sigaction(SIGCHLD, &by_default, &command->on_end) < 0 ? -errno : 0;
}

static int fork_process(struct bl_command *command)
{
	int fds[2];

	command->report = mmap(NULL, sizeof(*command->report), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (command->report == MAP_FAILED) {
		command->report = NULL;
		return -errno;
	}
	/* Of sockets writing to one that nobody reads can be kept from killing. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	command->go_fd = fds[1];
	command->tgid = fork();
	if (command->tgid == 0) {
		/* Its own end would keep it from seeing that the caller's is closed. */
		close(command->go_fd);
		be_command(command, fds[0]);
	}
	close(fds[0]);
	if (command->tgid < 0) {
		command->tgid = 0;
		return -errno;
	}
	return 0;
}

int bl_command_start(const struct bl_command_spec *spec, struct bl_command **ret_command)
{
	struct bl_command *command = calloc(1, sizeof(*command));
	int r;

	if (!command)
		return -ENOMEM;
	command->spec = spec;
	command->go_fd = -1;
	r = hold_signals(command);
	if (r == 0)
		r = fork_process(command);
	if (r < 0) {
		bl_command_free(command);
		return r;
	}
	*ret_command = command;
	return 0;
}

pid_t bl_command_tgid(const struct bl_command *command)
{
	return command->tgid;
}

int bl_command_go(struct bl_command *command, bool is_audit)
{
	char word = is_audit ? GO_AUDIT : GO_ENFORCE;

	if (send(command->go_fd, &word, 1, MSG_NOSIGNAL) == 1)
		return 0;
	return errno == EPIPE ? 0 : -errno; /* it was killed: bl_command_wait() tells */
}

/* What the terminal sends it sends to the whole process group, so to the command as well. */
static bool is_from_terminal(const siginfo_t *info)
{
	return info->si_code == SI_KERNEL;
}

int bl_command_wait(struct bl_command *command, int *ret_status)
{
	sigset_t held;

	sigemptyset(&held);
	sigaddset(&held, SIGCHLD);
	for (size_t i = 0; i < BL_ARRAY_LEN(passed_on); i++)
		sigaddset(&held, passed_on[i]);
	for (;;) {
		pid_t ended = waitpid(command->tgid, ret_status, WNOHANG);
		siginfo_t info;
		int number;

		if (ended < 0)
			return -errno;
		if (ended > 0) {
			command->tgid = 0;
			return 0;
		}
		number = sigwaitinfo(&held, &info);
		if (number < 0 && errno != EINTR)
			return -errno;
		if (number > 0 && number != SIGCHLD && !is_from_terminal(&info))
			(void)kill(command->tgid, number);
	}
}

enum bl_command_stage bl_command_reached(const struct bl_command *command, int *ret_error)
{
	*ret_error = command->report->error;
	return command->report->error ? command->report->stage : BL_COMMAND_RUNNING;
}

void bl_command_free(struct bl_command *command)
{
	if (!command)
		return;
	if (command->go_fd >= 0)
		close(command->go_fd);
	if (command->tgid > 0) {
		(void)kill(command->tgid, SIGKILL);
		while (waitpid(command->tgid, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (command->report)
		munmap(command->report, sizeof(*command->report));
	free(command);
}
