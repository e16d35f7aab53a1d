/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Capabilities: for each something that root can do by that one, and by no other. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/io.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/timerfd.h>
#include <sys/timex.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/kcmp.h>
#include <linux/netlink.h>

/* Each is given an argument: a file, or a process. */

static bool use_chown(const char *path)
{
	return chown(path, 1, 1) == 0;
}

static bool use_dac_override(const char *path)
{
	return open(path, O_WRONLY | O_CLOEXEC) >= 0;
}

static bool use_fowner(const char *path)
{
	return chmod(path, 0644) == 0;
}

static bool use_kill(const char *process)
{
	return kill(atoi(process), 0) == 0;
}

static bool use_setgid(const char *argument)
{
	return syscall(SYS_setgid, 1) == 0;
}

static bool use_setuid(const char *argument)
{
	return syscall(SYS_setuid, 1) == 0;
}

static bool use_setpcap(const char *argument)
{
	return prctl(PR_CAPBSET_DROP, CAP_WAKE_ALARM, 0, 0, 0) == 0;
}

/* On a file system that has the flag. */
static bool use_linux_immutable(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int flags;

	if (fd < 0 || ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
		return false;
	flags ^= FS_APPEND_FL;
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

static bool use_net_bind_service(const char *argument)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(81)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static bool use_net_admin(const char *argument)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_name = "lo"};

	return ioctl(fd, SIOCGIFMTU, &request) == 0 && ioctl(fd, SIOCSIFMTU, &request) == 0;
}

static bool use_net_raw(const char *argument)
{
	return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0) >= 0;
}

static bool use_ipc_lock(const char *argument)
{
	static const struct rlimit none;

	return setrlimit(RLIMIT_MEMLOCK, &none) == 0 && mlock(&none, 1) == 0;
}

/* A module that there is not: that is said to those only who could remove it. */
static bool use_sys_module(const char *argument)
{
	return syscall(SYS_delete_module, "none", O_NONBLOCK) == 0 || errno == ENOENT;
}

static bool use_sys_rawio(const char *argument)
{
	return iopl(3) == 0;
}

static bool use_sys_chroot(const char *argument)
{
	return chroot("/") == 0;
}

static bool use_sys_ptrace(const char *process)
{
	return syscall(SYS_kcmp, getpid(), atoi(process), KCMP_VM, 0, 0) >= 0;
}

static bool use_sys_pacct(const char *argument)
{
	return acct(NULL) == 0;
}

static bool use_sys_admin(const char *argument)
{
	char name[65];

	return gethostname(name, sizeof(name)) == 0 && sethostname(name, strlen(name)) == 0;
}

/* Ctrl-Alt-Del is a signal to the first process. */
static bool use_sys_boot(const char *argument)
{
	return reboot(RB_DISABLE_CAD) == 0;
}

static bool use_sys_nice(const char *argument)
{
	const struct sched_param parameters = {.sched_priority = 1};

	return sched_setscheduler(0, SCHED_FIFO, &parameters) == 0;
}

static bool use_sys_resource(const char *argument)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NPROC, &limit) < 0)
		return false;
	limit.rlim_max++;
	return setrlimit(RLIMIT_NPROC, &limit) == 0;
}

static bool use_sys_time(const char *argument)
{
	struct timex adjusted = {0};

	if (adjtimex(&adjusted) < 0)
		return false;
	adjusted.modes = ADJ_FREQUENCY;
	return adjtimex(&adjusted) >= 0;
}

static bool use_sys_tty_config(const char *argument)
{
	return vhangup() == 0;
}

static bool use_mknod(const char *path)
{
	unlink(path);
	return mknod(path, S_IFCHR | 0600, makedev(1, 3)) == 0;
}

static bool use_lease(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fcntl(fd, F_SETLEASE, F_RDLCK) == 0;
}

static bool use_setfcap(const char *path)
{
	struct vfs_cap_data value = {.magic_etc = VFS_CAP_REVISION_2};

	return setxattr(path, "security.capability", &value, sizeof(value), 0) == 0;
}

static bool use_wake_alarm(const char *argument)
{
	return timerfd_create(CLOCK_REALTIME_ALARM, TFD_CLOEXEC) >= 0;
}

static bool use_audit_read(const char *argument)
{
	struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 1};
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_AUDIT);

	return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0;
}

static const struct {
	const char *name;
	bool (*use)(const char *argument);
} uses[] = {
	{"chown", use_chown},
	{"dac_override", use_dac_override},
	{"fowner", use_fowner},
	{"kill", use_kill},
	{"setgid", use_setgid},
	{"setuid", use_setuid},
	{"setpcap", use_setpcap},
	{"linux_immutable", use_linux_immutable},
	{"net_bind_service", use_net_bind_service},
	{"net_admin", use_net_admin},
	{"net_raw", use_net_raw},
	{"ipc_lock", use_ipc_lock},
	{"sys_module", use_sys_module},
	{"sys_rawio", use_sys_rawio},
	{"sys_chroot", use_sys_chroot},
	{"sys_ptrace", use_sys_ptrace},
	{"sys_pacct", use_sys_pacct},
	{"sys_admin", use_sys_admin},
	{"sys_boot", use_sys_boot},
	{"sys_nice", use_sys_nice},
	{"sys_resource", use_sys_resource},
	{"sys_time", use_sys_time},
	{"sys_tty_config", use_sys_tty_config},
	{"mknod", use_mknod},
	{"lease", use_lease},
	{"setfcap", use_setfcap},
	{"wake_alarm", use_wake_alarm},
	{"audit_read", use_audit_read},
};

/* use CAPABILITY [FILE|PROCESS]: some refusals are EACCES, which is as good here. */
static enum outcome use(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(uses) / sizeof(*uses); i++) {
		bool did_it;

		if (strcmp(uses[i].name, argv[0]) != 0)
			continue;
		did_it = uses[i].use(argc > 1 ? argv[1] : "");
		if (!did_it && errno == EACCES)
			errno = EPERM;
		return judge(did_it);
	}
	errno = EINVAL;
	return not_tried(argv[0]);
}

/* list-attribute PATH NAME: it is among those that are listed. */
static enum outcome list_attribute(int argc, char **argv)
{
	char names[1024];
	ssize_t len = listxattr(argv[0], names, sizeof(names));

	if (len < 0)
		return judge(false);
	for (const char *name = names; name < names + len; name += strlen(name) + 1) {
		if (strcmp(name, argv[1]) == 0)
			return DID;
	}
	return OTHERWISE;
}

const struct verb capability_verbs[] = {
	{"use", 1, use, "CAPABILITY [FILE|PROCESS]"},
	{"list-attribute", 2, list_attribute, "PATH NAME"},
	{NULL, 0, NULL, NULL},
};
