/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facilities of the kernel that are the machine's. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/klog.h>
#include <sys/mman.h>
#include <sys/quota.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/kexec.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <linux/sched.h>
#include <linux/userfaultfd.h>

#ifndef USERFAULTFD_IOC_NEW
#define USERFAULTFD_IOC_NEW _IO(0xAA, 0x00)
#endif

#define MSR_TSC_AUX 0xc0000103

/* The row of a table that has the name, -1 if there is none. */
static int find_name(const char *const names[], const char *name)
{
	for (int i = 0; names[i]; i++) {
		if (strcmp(names[i], name) == 0)
			return i;
	}
	errno = EINVAL;
	return -1;
}

static enum outcome change_root(int argc, char **argv)
{
	return judge(chroot(argv[0]) == 0);
}

/* --- user namespaces --- */

static enum outcome new_users(int argc, char **argv)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	pid_t child;

	if (!strcmp(argv[0], "unshare"))
		return judge(unshare(CLONE_NEWUSER) == 0);
	if (!strcmp(argv[0], "clone"))
		child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, 0);
	else
		child = syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(DID);
	return child < 0 ? judge(false) : wait_for_outcome(child);
}

/* --- bpf and perf --- */

static enum outcome call_bpf(int argc, char **argv)
{
	static const struct bpf_insn program[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr attr = {0};
	int command;

	if (!strcmp(argv[0], "map")) {
		command = BPF_MAP_CREATE;
		attr.map_type = BPF_MAP_TYPE_ARRAY;
		attr.key_size = attr.value_size = 4;
		attr.max_entries = 1;
	} else if (!strcmp(argv[0], "program")) {
		command = BPF_PROG_LOAD;
		attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
		attr.insns = (uintptr_t)program;
		attr.insn_cnt = sizeof(program) / sizeof(*program);
		attr.license = (uintptr_t) "GPL";
	} else {
		command = BPF_PROG_GET_NEXT_ID;
	}
	/* There may be no program. */
	return judge(syscall(SYS_bpf, command, &attr, sizeof(attr)) >= 0 || errno == ENOENT);
}

/* perf self|everybody */
static enum outcome use_perf(int argc, char **argv)
{
	struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE,
				       .size = sizeof(attr),
				       .config = PERF_COUNT_SW_CPU_CLOCK};
	bool is_everybody = strcmp(argv[0], "everybody") == 0;

	return judge(syscall(SYS_perf_event_open, &attr, is_everybody ? -1 : 0,
			     is_everybody ? 0 : -1, -1, PERF_FLAG_FD_CLOEXEC) >= 0);
}

/* --- modules --- */

static enum outcome load_module(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	return fd < 0 ? not_tried(argv[0]) : judge(syscall(SYS_finit_module, fd, "", 0) == 0);
}

/* From memory. */
static enum outcome load_module_bytes(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	struct stat status;
	void *bytes;

	if (fd < 0 || fstat(fd, &status) < 0)
		return not_tried(argv[0]);
	bytes = mmap(NULL, status.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return not_tried("mmap");
	return judge(syscall(SYS_init_module, bytes, status.st_size, "") == 0);
}

static enum outcome unload_module(int argc, char **argv)
{
	return judge(syscall(SYS_delete_module, argv[0], O_NONBLOCK) == 0);
}

/* --- keys --- */

static long add_key(const char *name, int ring)
{
	return syscall(SYS_add_key, "user", name, "secret", strlen("secret"), ring);
}

/* key HOW: what the process itself may use, and of others what they let it. */
static enum outcome use_key(int argc, char **argv)
{
	static const char *const hows[] = {"add", "ring", "join", "find", "request", "read", NULL};
	char text[64];
	long r = -1;

	switch (find_name(hows, argv[0])) {
	case 0:
		r = add_key("probe", KEY_SPEC_USER_KEYRING);
		break;
	case 1:
		r = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, KEY_SPEC_PROCESS_KEYRING, 1);
		break;
	case 2:
		r = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
		break;
	case 3:
		r = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, "user", "probe", 0);
		break;
	case 4:
		r = syscall(SYS_request_key, "user", "probe", NULL, 0);
		break;
	case 5:
		r = syscall(SYS_keyctl, KEYCTL_READ, KEY_SPEC_USER_KEYRING, text, sizeof(text));
		break;
	default:
		return not_tried(argv[0]);
	}
	return judge(r >= 0);
}

/* --- what exploits of the kernel are made with --- */

static enum outcome make_ring(int argc, char **argv)
{
	struct io_uring_params params = {0};

	return judge(syscall(SYS_io_uring_setup, 1, &params) >= 0);
}

/* faults call|device */
static enum outcome watch_faults(int argc, char **argv)
{
	int device;

	if (!strcmp(argv[0], "call"))
		return judge(syscall(SYS_userfaultfd, O_CLOEXEC) >= 0);
	device = open("/dev/userfaultfd", O_RDWR | O_CLOEXEC);
	if (device < 0)
		return not_tried("/dev/userfaultfd");
	return judge(ioctl(device, USERFAULTFD_IOC_NEW, O_CLOEXEC) >= 0);
}

/* --- another kernel --- */

/* None: what was loaded is forgotten, which needs the same. */
static enum outcome load_kernel(int argc, char **argv)
{
	return judge(syscall(SYS_kexec_load, 0, 0, NULL, KEXEC_ARCH_DEFAULT) == 0);
}

/* A file that is no kernel: read, and then refused as that. */
static enum outcome load_kernel_file(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return not_tried(argv[0]);
	return judge(syscall(SYS_kexec_file_load, fd, -1, 1, "", KEXEC_FILE_NO_INITRAMFS) == 0 ||
		     errno == ENOEXEC);
}

/* --- ports and registers --- */

/* raw HOW: what is written is what is there. */
static enum outcome raw(int argc, char **argv)
{
	static const char *const hows[] = {"iopl", "ioperm", "msr", NULL};
	uint64_t value;
	int fd;

	switch (find_name(hows, argv[0])) {
	case 0:
		return judge(iopl(3) == 0);
	case 1:
		return judge(ioperm(0x80, 1, 1) == 0);
	case 2:
		fd = open("/dev/cpu/0/msr", O_RDWR | O_CLOEXEC);
		if (fd >= 0 && pread(fd, &value, sizeof(value), MSR_TSC_AUX) != sizeof(value))
			return not_tried("the register");
		return judge(fd >= 0 &&
			     pwrite(fd, &value, sizeof(value), MSR_TSC_AUX) == sizeof(value));
	default:
		return not_tried(argv[0]);
	}
}

/* --- the clock --- */

/* set-time HOW: to what it is. */
static enum outcome set_time(int argc, char **argv)
{
	static const char *const hows[] = {"clock", "day", "zone", "adjust", "shift", NULL};
	struct timespec now;
	struct timeval now_us;
	struct timezone zone = {0};
	struct timex adjusted = {0};

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || gettimeofday(&now_us, NULL) < 0 ||
	    adjtimex(&adjusted) < 0)
		return not_tried("the time");
	switch (find_name(hows, argv[0])) {
	case 0:
		return judge(clock_settime(CLOCK_REALTIME, &now) == 0);
	case 1:
		return judge(settimeofday(&now_us, NULL) == 0);
	case 2:
		return judge(settimeofday(NULL, &zone) == 0);
	case 3:
		adjusted.modes = ADJ_FREQUENCY;
		return judge(adjtimex(&adjusted) >= 0);
	case 4:
		adjusted = (struct timex){.modes = ADJ_SETOFFSET};
		return judge(clock_adjtime(CLOCK_REALTIME, &adjusted) >= 0);
	default:
		return not_tried(argv[0]);
	}
}

/* --- the kernel's log --- */

static enum outcome kernel_log(int argc, char **argv)
{
	static const char *const hows[] = {"read", "size", "console", NULL};
	char text[64];

	switch (find_name(hows, argv[0])) {
	case 0:
		return judge(klogctl(3, text, sizeof(text)) >= 0); /* SYSLOG_ACTION_READ_ALL */
	case 1:
		return judge(klogctl(10, NULL, 0) >= 0); /* SYSLOG_ACTION_SIZE_BUFFER */
	case 2:
		return judge(klogctl(7, NULL, 0) >= 0); /* SYSLOG_ACTION_CONSOLE_ON */
	default:
		return not_tried(argv[0]);
	}
}

/* --- quotas and swap --- */

/* quota sync|PATH: of all file systems, or about that of PATH. */
static enum outcome use_quota(int argc, char **argv)
{
	struct dqinfo info;
	int fd;

	if (!strcmp(argv[0], "sync"))
		return judge(quotactl(QCMD(Q_SYNC, USRQUOTA), NULL, 0, NULL) == 0);
	fd = open(argv[0], O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return not_tried(argv[0]);
	return judge(syscall(SYS_quotactl_fd, fd, QCMD(Q_GETINFO, USRQUOTA), 0, &info) == 0);
}

/* swap on|off PATH */
static enum outcome use_swap(int argc, char **argv)
{
	return judge((strcmp(argv[0], "on") == 0 ? swapon(argv[1], 0) : swapoff(argv[1])) == 0);
}

const struct verb privilege_verbs[] = {
	{"change-root", 1, change_root, "DIR (chroot)"},
	{"new-users", 1, new_users, "unshare|clone|clone3 (a user namespace)"},
	{"bpf", 1, call_bpf, "map|program|next"},
	{"perf", 1, use_perf, "self|everybody"},
	{"load-module", 1, load_module, "PATH"},
	{"load-module-bytes", 1, load_module_bytes, "PATH (init_module)"},
	{"unload-module", 1, unload_module, "NAME"},
	{"key", 1, use_key, "add|ring|join|find|request|read"},
	{"make-ring", 0, make_ring, "(io_uring_setup)"},
	{"faults", 1, watch_faults, "call|device (userfaultfd)"},
	{"load-kernel", 0, load_kernel, "(kexec_load)"},
	{"load-kernel-file", 1, load_kernel_file, "PATH (kexec_file_load)"},
	{"raw", 1, raw, "iopl|ioperm|msr"},
	{"set-time", 1, set_time, "clock|day|zone|adjust|shift"},
	{"kernel-log", 1, kernel_log, "read|size|console (syslog)"},
	{"quota", 1, use_quota, "sync|PATH"},
	{"swap", 2, use_swap, "on|off PATH"},
	{NULL, 0, NULL, NULL},
};
