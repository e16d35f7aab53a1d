// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/bpf.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "enforcer/container_files.h"
#include "enforcer/log.h"
#include "enforcer/util.h"

/* --- capabilities --- */

/* CAP_BPF for maps; DAC_OVERRIDE to make a cgroup in the root of the tree, which has mode 0555. */
static const cap_value_t daemon_capabilities[] = {CAP_BPF, CAP_DAC_OVERRIDE};

/* To read what /proc/PID/exe of others leads to. */
static const cap_value_t reader_capabilities[] = {CAP_SYS_PTRACE};

static void free_capabilities(const cap_t *capabilities)
{
	if (*capabilities)
		cap_free(*capabilities);
}

/* What was not there to begin with is not asked for. */
static int keep_capabilities(const cap_value_t *kept, size_t count)
{
	bl_cleanup(free_capabilities) cap_t before = cap_get_proc();
	bl_cleanup(free_capabilities) cap_t after = cap_init();
	cap_flag_value_t value;

	if (!before || !after)
		return -errno;
	for (size_t i = 0; i < count; i++) {
		if (cap_get_flag(before, kept[i], CAP_PERMITTED, &value) < 0)
			return -errno;
		if (value != CAP_SET)
			continue;
		if (cap_set_flag(after, CAP_PERMITTED, 1, &kept[i], CAP_SET) < 0 ||
		    cap_set_flag(after, CAP_EFFECTIVE, 1, &kept[i], CAP_SET) < 0)
			return -errno;
	}
	/* Needs CAP_SETPCAP, which the unit does not give; without exec the set means nothing. */
	for (cap_value_t i = 0; i < cap_max_bits(); i++)
		(void)cap_drop_bound(i);
	if (cap_reset_ambient() < 0 || cap_set_proc(after) < 0)
		return -errno;
	return 0;
}

/* --- system calls --- */

#define CONDITIONS_MAX 2

/* One that may be made, if its arguments are such. */
struct allowed {
	int call;
	unsigned conditions_count;
	struct scmp_arg_cmp conditions[CONDITIONS_MAX];
};

#define CALL(name)                                                                                 \
	{                                                                                          \
		.call = SCMP_SYS(name)                                                             \
	}
#define CALL_IF(name, condition)                                                                   \
	{                                                                                          \
		.call = SCMP_SYS(name), .conditions_count = 1, .conditions = { condition }         \
	}
#define CALL_IF_BOTH(name, first, second)                                                          \
	{                                                                                          \
		.call = SCMP_SYS(name), .conditions_count = 2, .conditions = { first, second }     \
	}
/* The argument of that number, or its bits that are in mask */
#define IS(number, value)                                                                          \
	{                                                                                          \
		(number), SCMP_CMP_EQ, (value), 0                                                  \
	}
#define BITS_ARE(number, mask, value)                                                              \
	{                                                                                          \
		(number), SCMP_CMP_MASKED_EQ, (mask), (value)                                      \
	}

/*
 * No execution, no new process, no socket but a datagram's (so no connection to those who would do
 * things for root), no mount, no signal, no tracing, no program for the kernel, no object of
 * another's by its id, and no memory that could be executed.
 */
/* clang-format off */
static const struct allowed daemon_calls[] = {
	/* malloc() and stdio */
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(futex), CALL(getrandom),
	CALL_IF(mmap, BITS_ARE(2, PROT_EXEC, 0)), CALL_IF(mprotect, BITS_ARE(2, PROT_EXEC, 0)),
	/* qsort() asks how much memory there is before it takes any. */
	CALL(sysinfo),

	/* The loop: sd-event, and libbpf's ring buffer in it; clocks where the vdso has none. */
	CALL(epoll_wait), CALL(epoll_pwait), CALL(epoll_pwait2), CALL(epoll_ctl),
	CALL(timerfd_create), CALL(timerfd_settime), CALL(signalfd4),
	CALL(clock_gettime), CALL(gettimeofday), CALL(time),
	CALL(rt_sigprocmask), CALL(rt_sigaction), CALL(rt_sigreturn), CALL(restart_syscall),

	/* Reading: at a reload policies, configuration and the kernel's types; cgroups; /proc */
	CALL(openat), CALL(open), CALL(read), CALL(readv), CALL(pread64), CALL(lseek), CALL(close),
	CALL(fstat), CALL(stat), CALL(lstat), CALL(newfstatat), CALL(statx), CALL(getdents64),
	CALL(access), CALL(faccessat), CALL(faccessat2), CALL(uname),
	CALL_IF(fcntl, IS(1, F_GETFL)), CALL_IF(fcntl, IS(1, F_GETFD)),
	CALL_IF(fcntl, IS(1, F_SETFD)),

	/* Writing: records, the log; policies that are kept, which are replaced as a whole */
	CALL(write), CALL(writev), CALL(ftruncate), CALL(fdatasync),
	CALL(fsync), CALL(renameat), CALL(renameat2),
	/* The cgroup that a reload makes and removes; the control socket, when the daemon ends */
	CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(unlink), CALL(unlinkat),

	/* The control socket, which is open; the exe reader; sd_notify(), which compares ids */
	CALL(accept4), CALL(recvfrom), CALL(sendto), CALL(sendmsg), CALL(getsockopt),
	CALL(setsockopt),
	CALL_IF_BOTH(socket, IS(0, AF_UNIX),
		     BITS_ARE(1, ~(SOCK_CLOEXEC | SOCK_NONBLOCK) & 0xffffffff, SOCK_DGRAM)),
	CALL(getpid), CALL(gettid), CALL(getuid), CALL(geteuid), CALL(getgid), CALL(getegid),

	/* Tables of a new generation, bindings, counters, and the labels of tasks */
	CALL_IF(bpf, IS(0, BPF_MAP_CREATE)), CALL_IF(bpf, IS(0, BPF_MAP_FREEZE)),
	CALL_IF(bpf, IS(0, BPF_MAP_LOOKUP_ELEM)), CALL_IF(bpf, IS(0, BPF_MAP_UPDATE_ELEM)),
	CALL_IF(bpf, IS(0, BPF_MAP_DELETE_ELEM)), CALL_IF(bpf, IS(0, BPF_MAP_GET_NEXT_KEY)),
	CALL_IF(bpf, IS(0, BPF_ITER_CREATE)),

	CALL(exit), CALL(exit_group),
};

static const struct allowed reader_calls[] = {
	CALL(recvfrom), CALL(sendto), CALL(readlink), CALL(readlinkat), CALL(restart_syscall),
	CALL(exit_group),
};
/* clang-format on */

static void release_filter(const scmp_filter_ctx *filter)
{
	seccomp_release(*filter);
}

static int filter_calls(const struct allowed *calls, size_t count)
{
	bl_cleanup(release_filter) scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int r;

	if (!filter)
		return -ENOMEM;
	r = seccomp_attr_set(filter, SCMP_FLTATR_CTL_LOG, 1);
	/* So that what fails in the kernel has the kernel's reason. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1);
	/* Calls as another machine makes them have other numbers. */
	if (r == 0)
		r = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	for (size_t i = 0; r == 0 && i < count; i++)
		r = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[i].call,
					   calls[i].conditions_count, calls[i].conditions);
	return r < 0 ? r : seccomp_load(filter);
}

/* --- files --- */

/* linux/landlock.h may be older than the kernel. */
#define TRUNCATE  (UINT64_C(1) << 14)
#define IOCTL_DEV (UINT64_C(1) << 15)

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)

/* Every access that a version of Landlock can refuse. */
static uint64_t known_accesses(long version)
{
	uint64_t accesses = LANDLOCK_ACCESS_FS_REFER - 1;

	if (version >= 2)
		accesses |= LANDLOCK_ACCESS_FS_REFER;
	if (version >= 3)
		accesses |= TRUNCATE;
	if (version >= 5)
		accesses |= IOCTL_DEV;
	return accesses;
}

struct fence {
	int fd;
	uint64_t accesses; /* that this kernel can refuse */
};

/* A place that is not there is none; should it be made later, it stays closed until a restart. */
static int open_place(const struct fence *fence, const char *dir, uint64_t accesses)
{
	bl_cleanup_close int fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct landlock_path_beneath_attr rule = {
		.allowed_access = accesses & fence->accesses,
		.parent_fd = fd,
	};

	if (fd < 0 && errno == ENOMEM)
		return -ENOMEM;
	if (fd < 0) {
		bl_log(BL_LOG_WARNING, "sandbox",
		       "'%s' cannot be used until the daemon is started again: %s", dir,
		       strerror(errno));
		return 0;
	}
	if (syscall(SYS_landlock_add_rule, fence->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0)
		return -errno;
	return 0;
}

/* Of a file its directory: whoever changes a file puts another in its place. */
static int open_place_of(const struct fence *fence, const char *path, uint64_t accesses)
{
	bl_cleanup_free char *real = realpath(path, NULL);
	struct stat status;

	if (!real)
		real = strdup(path);
	if (!real)
		return -ENOMEM;
	if (stat(real, &status) == 0 && S_ISDIR(status.st_mode))
		return open_place(fence, real, accesses);
	return open_place(fence, dirname(real), accesses);
}

/*
 * Where runtimes say what their containers are. What is not there yet, since the runtime is started
 * after us, is below what is; a runtime that is not even installed has no place of its own.
 */
static int open_runtime_place(const struct fence *fence, const char *path)
{
	bl_cleanup_free char *dir = strdup(path);

	if (!dir)
		return -ENOMEM;
	while (access(dir, F_OK) < 0) {
		*strrchr(dir, '/') = '\0';
		if (!strcmp(dir, "/var/lib") || !*dir)
			return 0;
	}
	return open_place(fence, dir, READ);
}

/* What is kept of containers, for the next daemon. */
static int open_store(const struct fence *fence, const struct bl_config *config)
{
	bl_cleanup_free char *dir = bl_config_run_path(config, BL_CONFIG_CONTAINERS);

	if (!dir)
		return -ENOMEM;
	return open_place(fence, dir,
			  LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				  LANDLOCK_ACCESS_FS_REMOVE_FILE | TRUNCATE);
}

static int open_places(const struct fence *fence, const struct bl_config *config,
		       const char *config_file, const char *cgroup_root, const char *runs_dir)
{
	/*
	 * Processes; what libbpf asks; the policies that come with bailiff, when those of the
	 * configuration are links to them, and time zones.
	 */
	static const char *const read[] = {"/proc", "/sys/kernel/btf", "/sys/devices/system/cpu",
					   "/usr/share"};
	int r = 0;

	for (size_t i = 0; r == 0 && i < BL_ARRAY_LEN(read); i++)
		if (access(read[i], F_OK) == 0)
			r = open_place(fence, read[i], READ);
	for (size_t i = 0; r == 0 && i < config->policies_count; i++)
		r = open_place_of(fence, config->policies[i], READ);
	if (r == 0 && (config_file || access(BL_CONFIG_DIR, F_OK) == 0))
		r = open_place_of(fence, config_file ? config_file : BL_CONFIG_FILE, READ);
	if (r == 0 && config->events_file)
		r = open_place_of(fence, config->events_file,
				  LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
					  TRUNCATE);
	for (size_t i = 0; r == 0 && bl_container_dirs[i]; i++)
		r = open_runtime_place(fence, bl_container_dirs[i]);
	if (r == 0)
		r = open_store(fence, config);
	if (r == 0)
		r = open_place(fence, config->run_dir, LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (r == 0 && access(config->state_dir, F_OK) == 0)
		r = open_place(fence, config->state_dir,
			       LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
				       LANDLOCK_ACCESS_FS_REMOVE_FILE | TRUNCATE);
	if (r == 0)
		r = open_place(fence, runs_dir, READ | LANDLOCK_ACCESS_FS_REMOVE_FILE);
	/* Files of cgroups tell whether anybody is in them. */
	if (r == 0)
		r = open_place(fence, cgroup_root,
			       READ | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_REMOVE_DIR);
	return r;
}

static int fence_files(const struct bl_config *config, const char *config_file,
		       const char *cgroup_root, const char *runs_dir)
{
	long version =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attributes = {.handled_access_fs = known_accesses(version)};
	bl_cleanup_close int fd = -1;
	struct fence fence = {.accesses = attributes.handled_access_fs};
	int r;

	if (version < 0 && errno != ENOSYS && errno != EOPNOTSUPP)
		return -errno;
	if (version < 0) {
		bl_log(BL_LOG_WARNING, "sandbox",
		       "which files the daemon can write is not restricted: Landlock is not active; 'bailiff probe' tells how it becomes so");
		return 0;
	}
	fd = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof(attributes), 0);
	if (fd < 0)
		return -errno;
	fence.fd = fd;
	r = open_places(&fence, config, config_file, cgroup_root, runs_dir);
	if (r < 0)
		return r;
	return syscall(SYS_landlock_restrict_self, fd, 0) < 0 ? -errno : 0;
}

/* --- all of it --- */

/* No new privileges, which both Landlock and seccomp want, and no core that others could read. */
static int close_process(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return -errno;
	return 0;
}

int bl_sandbox_enter(const struct bl_config *config, const char *config_file,
		     const char *cgroup_root, const char *runs_dir)
{
	const char *part = "capabilities";
	int r = close_process();

	if (r == 0)
		r = keep_capabilities(daemon_capabilities, BL_ARRAY_LEN(daemon_capabilities));
	if (r == 0) {
		part = "Landlock";
		r = fence_files(config, config_file, cgroup_root, runs_dir);
	}
	if (r == 0) {
		part = "seccomp";
		r = filter_calls(daemon_calls, BL_ARRAY_LEN(daemon_calls));
	}
	if (r < 0)
		bl_log(BL_LOG_ERROR, "sandbox",
		       "the daemon cannot confine itself: %s: %s; to run it all the same, set 'sandbox = no' in [daemon]",
		       part, strerror(-r));
	return r;
}

int bl_sandbox_enter_reader(void)
{
	int r = close_process();

	if (r == 0)
		r = keep_capabilities(reader_capabilities, BL_ARRAY_LEN(reader_capabilities));
	return r < 0 ? r : filter_calls(reader_calls, BL_ARRAY_LEN(reader_calls));
}
