/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is done to other processes: tracing them, looking into them, sending them signals. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/kcmp.h>

/* --- tracing --- */

/* trace attach|seize PROCESS: and lets it go again. */
static enum outcome trace(int argc, char **argv)
{
	bool is_seized = strcmp(argv[0], "seize") == 0;
	pid_t process = atoi(argv[1]);
	int status;

	if (ptrace(is_seized ? PTRACE_SEIZE : PTRACE_ATTACH, process, NULL, NULL) < 0)
		return judge(false);
	if (is_seized && ptrace(PTRACE_INTERRUPT, process, NULL, NULL) < 0)
		return not_tried("PTRACE_INTERRUPT");
	if (waitpid(process, &status, __WALL) != process ||
	    ptrace(PTRACE_DETACH, process, NULL, NULL) < 0)
		return not_tried("PTRACE_DETACH");
	return DID;
}

/* By the parent. */
static enum outcome be_traced(int argc, char **argv)
{
	return judge(ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0);
}

/* --- looking into it --- */

/* Where every probe has it: it is linked statically. */
static char somewhere[8] = "content";

/* memory read|write PROCESS: of another probe's memory. */
static enum outcome access_memory(int argc, char **argv)
{
	char copy[sizeof(somewhere)];
	struct iovec ours = {copy, sizeof(copy)};
	struct iovec theirs = {somewhere, sizeof(somewhere)};
	pid_t process = atoi(argv[1]);

	memcpy(copy, somewhere, sizeof(copy));
	if (strcmp(argv[0], "write") == 0)
		return judge(process_vm_writev(process, &ours, 1, &theirs, 1, 0) > 0);
	return judge(process_vm_readv(process, &ours, 1, &theirs, 1, 0) > 0);
}

static enum outcome compare(int argc, char **argv)
{
	return judge(syscall(SYS_kcmp, getpid(), atoi(argv[0]), KCMP_VM, 0, 0) >= 0);
}

/* Its host name's namespace, by a descriptor of the process. */
static enum outcome join(int argc, char **argv)
{
	int process = syscall(SYS_pidfd_open, atoi(argv[0]), 0);

	return process < 0 ? not_tried("pidfd_open") : judge(setns(process, CLONE_NEWUTS) == 0);
}

static enum outcome get_robust_list(int argc, char **argv)
{
	void *head;
	size_t len;

	return judge(syscall(SYS_get_robust_list, atoi(argv[0]), &head, &len) == 0);
}

/* --- limits --- */

/* limit WHAT PROCESS: puts to it what is so already. */
static enum outcome limit(int argc, char **argv)
{
	struct sched_param parameters = {0};
	pid_t process = atoi(argv[1]);
	struct rlimit resource;
	cpu_set_t set;

	if (!strcmp(argv[0], "resource")) {
		if (prlimit(process, RLIMIT_CPU, NULL, &resource) < 0)
			return not_tried("prlimit");
		return judge(prlimit(process, RLIMIT_CPU, &resource, NULL) == 0);
	}
	if (!strcmp(argv[0], "affinity")) {
		if (sched_getaffinity(process, sizeof(set), &set) < 0)
			return not_tried("sched_getaffinity");
		return judge(sched_setaffinity(process, sizeof(set), &set) == 0);
	}
	if (!strcmp(argv[0], "scheduler"))
		return judge(sched_setscheduler(process, SCHED_OTHER, &parameters) == 0);
	return judge(setpriority(PRIO_PROCESS, process, 0) == 0);
}

/* --- signals --- */

/* By its name without "SIG", or its number. */
static int signal_number(const char *name)
{
	for (int number = 1; number < NSIG; number++) {
		const char *known = sigabbrev_np(number);

		if (known && strcmp(known, name) == 0)
			return number;
	}
	return atoi(name);
}

static int queue_signal(int call, pid_t process, int number)
{
	siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE, .si_pid = getpid()};

	return call == SYS_rt_sigqueueinfo ? syscall(call, process, number, &info)
					   : syscall(call, process, process, number, &info);
}

/* signal HOW SIGNAL PROCESS: a process group is -GROUP, everybody -1, the probe itself "self". */
static enum outcome send_signal(int argc, char **argv)
{
	int number = signal_number(argv[1]);
	pid_t process = strcmp(argv[2], "self") == 0 ? getpid() : atoi(argv[2]);
	int fd;

	if (!strcmp(argv[0], "kill"))
		return judge(kill(process, number) == 0);
	if (!strcmp(argv[0], "tkill"))
		return judge(syscall(SYS_tkill, process, number) == 0);
	if (!strcmp(argv[0], "tgkill"))
		return judge(syscall(SYS_tgkill, process, process, number) == 0);
	if (!strcmp(argv[0], "queue"))
		return judge(queue_signal(SYS_rt_sigqueueinfo, process, number) == 0);
	if (!strcmp(argv[0], "queue-thread"))
		return judge(queue_signal(SYS_rt_tgsigqueueinfo, process, number) == 0);
	fd = syscall(SYS_pidfd_open, process, 0);
	if (fd < 0 || strcmp(argv[0], "descriptor") != 0)
		return not_tried("pidfd_open");
	return judge(syscall(SYS_pidfd_send_signal, fd, number, NULL, 0) == 0);
}

/* owned HOW SIGNAL PROCESS VERB...: with what is held sending that signal to the process when it can be read. */
static enum outcome owned(int argc, char **argv)
{
	pid_t process = atoi(argv[2]);
	struct f_owner_ex owner = {.type = F_OWNER_TID, .pid = process};
	int r = !strcmp(argv[0], "thread") ? fcntl(HELD, F_SETOWN_EX, &owner)
					   : fcntl(HELD, F_SETOWN, process);

	if (r < 0 || fcntl(HELD, F_SETSIG, signal_number(argv[1])) < 0 ||
	    fcntl(HELD, F_SETFL, O_RDWR | O_NONBLOCK | O_ASYNC) < 0)
		return not_tried("F_SETOWN");
	return run_verb(argc - 3, argv + 3);
}

/* blocking SIGNAL VERB...: what is sent is pending until the end, as "pending" says. */
static enum outcome blocking(int argc, char **argv)
{
	sigset_t signals;

	if (sigemptyset(&signals) < 0 || sigaddset(&signals, signal_number(argv[0])) < 0 ||
	    sigprocmask(SIG_BLOCK, &signals, NULL) < 0)
		return not_tried("sigprocmask");
	return run_verb(argc - 1, argv + 1);
}

/* pending SIGNAL PROCESS: it has been sent. */
static enum outcome is_pending(int argc, char **argv)
{
	unsigned long long bit = 1ull << (signal_number(argv[0]) - 1);
	unsigned long long signals;
	bool is_sent = false;
	char line[256];
	FILE *status;

	snprintf(line, sizeof(line), "/proc/%s/status", argv[1]);
	status = fopen(line, "re");
	if (!status)
		return not_tried(line);
	while (fgets(line, sizeof(line), status)) {
		if (sscanf(line, "SigPnd: %llx", &signals) == 1 ||
		    sscanf(line, "ShdPnd: %llx", &signals) == 1)
			is_sent |= signals & bit;
	}
	fclose(status);
	return is_sent ? DID : OTHERWISE;
}

const struct verb process_verbs[] = {
	{"trace", 2, trace, "attach|seize PROCESS"},
	{"be-traced", 0, be_traced, "(by the parent)"},
	{"memory", 2, access_memory, "read|write PROCESS (process_vm_readv)"},
	{"compare", 1, compare, "PROCESS (kcmp)"},
	{"join", 1, join, "PROCESS (setns)"},
	{"get-robust-list", 1, get_robust_list, "PROCESS"},
	{"limit", 2, limit, "resource|affinity|scheduler|priority PROCESS"},
	{"signal", 3, send_signal,
	 "kill|tkill|tgkill|queue|queue-thread|descriptor SIGNAL PROCESS"},
	{"owned", 4, owned, "process|thread SIGNAL PROCESS VERB... (F_SETOWN of what is held)"},
	{"blocking", 2, blocking, "SIGNAL VERB..."},
	{"pending", 2, is_pending, "SIGNAL PROCESS"},
	{NULL, 0, NULL, NULL},
};
