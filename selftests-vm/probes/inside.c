/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever has taken the daemon over: preloaded into it, at SIGUSR2 it tries what the daemon's sandbox is there to
 * refuse, from the daemon's own thread, and says on standard error "inside: WHAT ERRNO", or "inside: WHAT done". What
 * a call is given makes it fail otherwise, or do nothing, where it is not refused.
 *
 * WHAT begins with "call" if the system call is refused whatever it is about, with "file" if it is about a file. Last
 * comes execve, after which there would be no daemon.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define PAGE    4096
#define OUTSIDE "/srv/outside" /* a file the daemon has no business with */

static pid_t parent;

static void tell(const char *what, long result)
{
	char line[128];
	int n = snprintf(line, sizeof(line), "inside: %s %s\n", what,
			 result < 0 ? strerrorname_np(errno) : "done");

	(void)!write(STDERR_FILENO, line, (size_t)n);
}

#define TRY(what, ...) tell("call " what, syscall(__VA_ARGS__))

/* In a child that was made after all, only the child would be affected. */
static void try_processes(void)
{
	struct iovec iov = {0};
	pid_t child = (pid_t)syscall(SYS_clone, SIGCHLD, NULL, NULL, NULL, 0);

	if (child == 0)
		_exit(0);
	tell("call clone", child);
	child = (pid_t)syscall(SYS_fork);
	if (child == 0)
		_exit(0);
	tell("call fork", child);
	TRY("clone3", SYS_clone3, NULL, 0);
	TRY("ptrace", SYS_ptrace, PTRACE_SEIZE, parent, NULL, NULL);
	TRY("process_vm_writev", SYS_process_vm_writev, parent, &iov, 1, &iov, 1, 0);
	TRY("pidfd_open", SYS_pidfd_open, parent, 0);
	TRY("kill", SYS_kill, parent, 0);
	TRY("tgkill", SYS_tgkill, parent, parent, 0);
}

static void try_sockets(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/srv/socket"};
	int fds[2];
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	TRY("socket-inet", SYS_socket, AF_INET, SOCK_STREAM, 0);
	TRY("socket-inet6", SYS_socket, AF_INET6, SOCK_DGRAM, 0);
	TRY("socket-netlink", SYS_socket, AF_NETLINK, SOCK_RAW, 0);
	TRY("socket-packet", SYS_socket, AF_PACKET, SOCK_RAW, 0);
	TRY("socket-unix-stream", SYS_socket, AF_UNIX, SOCK_STREAM, 0);
	TRY("socketpair", SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, fds);
	TRY("connect", SYS_connect, fd, &address, sizeof(address));
	close(fd);
}

static void try_memory(void)
{
	void *page = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	TRY("mmap-exec", SYS_mmap, NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	TRY("mprotect-exec", SYS_mprotect, page, PAGE, PROT_READ | PROT_EXEC);
	TRY("pkey_mprotect", SYS_pkey_mprotect, page, PAGE, PROT_READ | PROT_EXEC, -1);
	TRY("memfd_create", SYS_memfd_create, "inside", 0);
	TRY("shmat", SYS_shmat, -1, NULL, 0);
	munmap(page, PAGE);
}

static void try_kernel(void)
{
	union bpf_attr attr = {0};

	TRY("bpf-prog-load", SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	TRY("bpf-map-by-id", SYS_bpf, BPF_MAP_GET_FD_BY_ID, &attr, sizeof(attr));
	TRY("bpf-obj-get", SYS_bpf, BPF_OBJ_GET, &attr, sizeof(attr));
	TRY("bpf-link-detach", SYS_bpf, BPF_LINK_DETACH, &attr, sizeof(attr));
	TRY("mount", SYS_mount, "none", "/srv", "nosuchfs", 0, NULL);
	TRY("umount2", SYS_umount2, "/srv/absent", 0);
	TRY("open_tree", SYS_open_tree, -1, "absent", 0);
	TRY("pivot_root", SYS_pivot_root, "/srv/absent", "/srv/absent");
	TRY("chroot", SYS_chroot, "/srv/absent");
	TRY("unshare", SYS_unshare, 0);
	TRY("setns", SYS_setns, -1, 0);
	TRY("init_module", SYS_init_module, NULL, 0, "");
	TRY("finit_module", SYS_finit_module, -1, "", 0);
	TRY("io_uring_setup", SYS_io_uring_setup, 1, NULL);
	TRY("perf_event_open", SYS_perf_event_open, NULL, 0, -1, -1, 0);
	TRY("userfaultfd", SYS_userfaultfd, -1);
	TRY("keyctl", SYS_keyctl, -1);
	TRY("personality", SYS_personality, 0xffffffff);
	TRY("open_by_handle_at", SYS_open_by_handle_at, -1, NULL, 0);
}

static void try_privileges(void)
{
	TRY("setresuid", SYS_setresuid, -1, -1, -1);
	TRY("capset", SYS_capset, NULL, NULL);
	TRY("prctl", SYS_prctl, PR_GET_DUMPABLE, 0, 0, 0, 0);
	TRY("seccomp", SYS_seccomp, -1, 0, NULL);
	TRY("ioctl", SYS_ioctl, -1, 0, NULL);
	TRY("chmod", SYS_chmod, OUTSIDE, 0600);
	TRY("chown", SYS_chown, OUTSIDE, 0, 0);
	TRY("truncate", SYS_truncate, OUTSIDE, 1);
	TRY("rename", SYS_rename, OUTSIDE, OUTSIDE);
	TRY("link", SYS_link, OUTSIDE, "/srv/link");
	TRY("symlink", SYS_symlink, OUTSIDE, "/srv/symlink");
	TRY("mknod", SYS_mknod, "/srv/fifo", S_IFIFO | 0600, 0);
}

static void try_open(const char *what, const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	tell(what, fd);
	if (fd >= 0)
		close(fd);
}

static void try_files(void)
{
	char path[64];

	try_open("file open-write", OUTSIDE, O_WRONLY);
	try_open("file open-read", OUTSIDE, O_RDONLY);
	try_open("file create", "/srv/created", O_WRONLY | O_CREAT);
	try_open("file policy-write", "/etc/bailiff/policies.d/10-web.ini", O_WRONLY);
	try_open("file core_pattern-write", "/proc/sys/kernel/core_pattern", O_WRONLY);
	try_open("file cgroup-write", "/sys/fs/cgroup/cgroup.procs", O_WRONLY);
	snprintf(path, sizeof(path), "/proc/%d/root" OUTSIDE, parent);
	try_open("file open-write-through-proc", path, O_WRONLY);
	snprintf(path, sizeof(path), "/proc/%d/mem", parent);
	try_open("file memory-write", path, O_RDWR);
	snprintf(path, sizeof(path), "/proc/%d/environ", parent);
	try_open("file environment-read", path, O_RDONLY);
	tell("file mkdir", mkdir("/srv/directory", 0700));
	tell("file rmdir-in-bpffs", rmdir("/sys/fs/bpf/inside"));
	tell("file unlink", unlink("/srv/unlinked"));
}

static void try_all(int signal)
{
	char name[] = "busybox";
	char applet[] = "true";
	char *const argv[] = {name, applet, NULL};
	int saved_errno = errno;

	try_files();
	try_processes();
	try_sockets();
	try_memory();
	try_kernel();
	try_privileges();
	tell("call execveat", syscall(SYS_execveat, -1, "absent", argv, NULL, 0));
	tell("end", 0);
	tell("call execve", execve("/bin/busybox", argv, NULL));
	errno = saved_errno;
}

static void __attribute__((constructor)) set_up(void)
{
	parent = getppid();
	signal(SIGUSR2, try_all);
}
