/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Tries one thing and says what came of it, in the exit code alone:
 *
 *	0  did it
 *	1  denied with EPERM
 *	2  could not try: wrong usage, or something before the attempt did not work
 *	3  tried, and it failed in another way
 *
 * So a broken probe never looks like a denial. Some verbs change where or when the verb after them is tried;
 * they nest: "in-cgroup /web in-thread READY GO open-read /etc/shadow". Under another name than "probe" it is a
 * program that does nothing, for others to execute.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>
#include <linux/io_uring.h>
#include <linux/sched.h>

#define CGROUP_ROOT   "/sys/fs/cgroup"
#define DEADLINE_MS   60000
#define POLL_MS       2
#define HAMMER_CHECK  32
#define LISTENERS_MAX 16

enum outcome {
	DID = 0,
	DENIED = 1,
	NOT_TRIED = 2,
	OTHERWISE = 3,
	OUTCOME_COUNT,
};

struct verb {
	const char *name;
	int args_min;
	enum outcome (*run)(int argc, char **argv); /* argv[0] is the first argument */
	const char *usage;
};

static enum outcome run_verb(int argc, char **argv);
static bool is_quiet;

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
	va_list args;

	if (is_quiet)
		return;
	va_start(args, format);
	fputs("probe: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
}

static enum outcome not_tried(const char *what)
{
	say("could not try: %s: %s", what, strerrorname_np(errno));
	return NOT_TRIED;
}

static enum outcome judge(bool did_it)
{
	if (did_it)
		return DID;
	if (errno == EPERM)
		return DENIED;
	say("failed otherwise: %s", strerrorname_np(errno));
	return OTHERWISE;
}

/* --- files and programs --- */

static enum outcome try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	enum outcome outcome = judge(fd >= 0);

	if (fd >= 0)
		close(fd);
	return outcome;
}

static enum outcome open_read(int argc, char **argv)
{
	return try_open(argv[0], O_RDONLY);
}

static enum outcome open_write(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY);
}

static enum outcome open_rdwr(int argc, char **argv)
{
	return try_open(argv[0], O_RDWR);
}

static enum outcome open_append(int argc, char **argv)
{
	return try_open(argv[0], O_WRONLY | O_APPEND);
}

static enum outcome open_trunc(int argc, char **argv)
{
	return try_open(argv[0], O_RDONLY | O_TRUNC);
}

static enum outcome open_create(int argc, char **argv)
{
	int fd = open(argv[0], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	enum outcome outcome = judge(fd >= 0);

	if (fd >= 0)
		close(fd);
	return outcome;
}

static enum outcome open_ioctl(int argc, char **argv)
{
	return try_open(argv[0], O_ACCMODE);
}

/* Opens what a descriptor is of once more, through /proc. */
static enum outcome try_open_again(int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return try_open(path, O_RDONLY);
}

static enum outcome open_again(int argc, char **argv)
{
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	return fd < 0 ? not_tried(argv[0]) : try_open_again(fd);
}

static enum outcome open_deleted(int argc, char **argv)
{
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	if (fd < 0 || unlink(argv[0]) < 0)
		return not_tried(argv[0]);
	return try_open_again(fd);
}

/* The file has to be on the root mount. */
static enum outcome open_handle(int argc, char **argv)
{
	union {
		struct file_handle handle;
		char room[sizeof(struct file_handle) + MAX_HANDLE_SZ];
	} name = {.handle.handle_bytes = MAX_HANDLE_SZ};
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int mount_id;

	if (root < 0 || name_to_handle_at(AT_FDCWD, argv[0], &name.handle, &mount_id, 0) < 0)
		return not_tried(argv[0]);
	return judge(open_by_handle_at(root, &name.handle, O_RDONLY | O_CLOEXEC) >= 0);
}

/* open-detached DIR NAME: NAME in a copy of DIR's mount that is mounted nowhere. */
static enum outcome open_detached(int argc, char **argv)
{
	int tree = open_tree(AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (tree < 0)
		return not_tried("open_tree");
	return judge(openat(tree, argv[1], O_RDONLY | O_CLOEXEC) >= 0);
}

/* Does one operation through a ring. Returns its result, -ENOSYS if there is no ring. */
static int ring_submit(const struct io_uring_sqe *operation)
{
	struct io_uring_params params = {0};
	int ring = syscall(SYS_io_uring_setup, 1, &params);
	struct io_uring_sqe *operations;
	const struct io_uring_cqe *results;
	char *queues;

	if (ring < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP))
		return -ENOSYS;
	queues = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*results),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQ_RING);
	operations = mmap(NULL, sizeof(*operations), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_POPULATE, ring, IORING_OFF_SQES);
	if (queues == MAP_FAILED || operations == MAP_FAILED)
		return -ENOSYS;

	operations[0] = *operation;
	*(unsigned *)(void *)(queues + params.sq_off.array) = 0;
	__atomic_store_n((unsigned *)(void *)(queues + params.sq_off.tail), 1, __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0) != 1)
		return -ENOSYS;
	results = (const void *)(queues + params.cq_off.cqes);
	return results[0].res;
}

static enum outcome try_ring(const struct io_uring_sqe *operation)
{
	int r = ring_submit(operation);

	errno = r < 0 ? -r : 0;
	return r == -ENOSYS ? not_tried("io_uring") : judge(r >= 0);
}

/* open-ring here|worker PATH */
static enum outcome open_ring(int argc, char **argv)
{
	const struct io_uring_sqe operation = {
		.opcode = IORING_OP_OPENAT,
		.flags = strcmp(argv[0], "worker") == 0 ? IOSQE_ASYNC : 0,
		.fd = AT_FDCWD,
		.addr = (uintptr_t)argv[1],
		.open_flags = O_RDONLY | O_CLOEXEC,
	};

	return try_ring(&operation);
}

/* storm A B FILE: renames A to B and back until FILE is there. */
static enum outcome storm(int argc, char **argv)
{
	unsigned long total = 0;

	do {
		if (rename(argv[0], argv[1]) < 0 || rename(argv[1], argv[0]) < 0)
			return not_tried(argv[0]);
		total++;
	} while (total % HAMMER_CHECK != 0 || access(argv[2], F_OK) < 0);
	printf("renamed %lu times\n", total * 2);
	return DID;
}

static void exec_path(void *data)
{
	char **argv = data;

	execv(argv[0], argv);
}

static void exec_fd(void *data)
{
	char *argv[] = {"program", NULL};
	char *envp[] = {NULL};

	execveat(*(int *)data, "", argv, envp, AT_EMPTY_PATH);
}

/* The child says through a close-on-exec pipe why it could not become the program; silence is success. */
static enum outcome try_exec(void (*become)(void *data), void *data)
{
	int tube[2];
	int error = 0;
	int status;
	pid_t child;

	if (pipe2(tube, O_CLOEXEC) < 0)
		return not_tried("pipe");
	child = fork();
	if (child < 0)
		return not_tried("fork");
	if (child == 0) {
		become(data);
		error = errno;
		_exit(write(tube[1], &error, sizeof(error)) == sizeof(error) ? 0 : 1);
	}
	close(tube[1]);
	if (read(tube[0], &error, sizeof(error)) != sizeof(error))
		error = 0;
	close(tube[0]);
	if (waitpid(child, &status, 0) != child)
		return not_tried("waitpid");
	errno = error;
	return judge(error == 0);
}

static enum outcome exec_program(int argc, char **argv)
{
	return try_exec(exec_path, argv);
}

/* By a descriptor that can be used for nothing else. */
static enum outcome exec_descriptor(int argc, char **argv)
{
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	return fd < 0 ? not_tried(argv[0]) : try_exec(exec_fd, &fd);
}

/* A copy of ourselves in memory that has no name. */
static enum outcome exec_memory(int argc, char **argv)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	int fd = memfd_create("program", MFD_CLOEXEC);
	ssize_t n;

	if (from < 0 || fd < 0)
		return not_tried("memfd");
	do {
		n = sendfile(fd, from, NULL, 1 << 20);
	} while (n > 0);
	return n < 0 ? not_tried("sendfile") : try_exec(exec_fd, &fd);
}

/* --- sockets --- */

struct address {
	union {
		struct sockaddr any;
		struct sockaddr_in in4;
		struct sockaddr_in6 in6;
		struct sockaddr_un un;
	};
	socklen_t len;
};

/* kind: tcp4 tcp6 udp4 udp6 (HOST PORT), unix PATH, abstract NAME. Returns how many arguments it used, or 0. */
static int parse_address(const char *kind, int argc, char **argv, struct address *ret)
{
	struct address address = {0};
	size_t len;

	if (!strcmp(kind, "unix") || !strcmp(kind, "abstract")) {
		bool is_abstract = kind[0] == 'a';

		len = argc > 0 ? strlen(argv[0]) : 0;
		if (len == 0 || len + 1 >= sizeof(address.un.sun_path))
			return 0;
		address.un.sun_family = AF_UNIX;
		memcpy(address.un.sun_path + is_abstract, argv[0], len);
		address.len = offsetof(struct sockaddr_un, sun_path) + len + 1;
		*ret = address;
		return 1;
	}
	if (argc < 2)
		return 0;
	if (kind[3] == '4') {
		address.in4.sin_family = AF_INET;
		address.in4.sin_port = htons(atoi(argv[1]));
		address.len = sizeof(address.in4);
		if (inet_pton(AF_INET, argv[0], &address.in4.sin_addr) != 1)
			return 0;
	} else {
		address.in6.sin6_family = AF_INET6;
		address.in6.sin6_port = htons(atoi(argv[1]));
		address.len = sizeof(address.in6);
		if (inet_pton(AF_INET6, argv[0], &address.in6.sin6_addr) != 1)
			return 0;
	}
	*ret = address;
	return 2;
}

static enum outcome try_connect(const char *kind, int type, int argc, char **argv)
{
	struct address address;
	enum outcome outcome;
	int fd;

	errno = EINVAL;
	if (parse_address(kind, argc, argv, &address) != argc)
		return not_tried("address");
	fd = socket(address.any.sa_family, type | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return not_tried("socket");
	outcome = judge(connect(fd, &address.any, address.len) == 0);
	close(fd);
	return outcome;
}

static enum outcome connect_tcp4(int argc, char **argv)
{
	return try_connect("tcp4", SOCK_STREAM, argc, argv);
}

static enum outcome connect_tcp6(int argc, char **argv)
{
	return try_connect("tcp6", SOCK_STREAM, argc, argv);
}

static enum outcome connect_udp4(int argc, char **argv)
{
	return try_connect("udp4", SOCK_DGRAM, argc, argv);
}

static enum outcome connect_udp6(int argc, char **argv)
{
	return try_connect("udp6", SOCK_DGRAM, argc, argv);
}

/* KIND-from SOURCE HOST PORT: from a socket that is bound to an address of its own. */
static enum outcome try_connect_from(const char *kind, int argc, char **argv)
{
	char *source_words[] = {argv[0], "0"};
	struct address source;
	struct address address;
	int fd;

	errno = EINVAL;
	if (parse_address(kind, 2, source_words, &source) != 2 ||
	    parse_address(kind, argc - 1, argv + 1, &address) != argc - 1)
		return not_tried("address");
	fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, &source.any, source.len) < 0)
		return not_tried("bind");
	return judge(connect(fd, &address.any, address.len) == 0);
}

static enum outcome connect_tcp4_from(int argc, char **argv)
{
	return try_connect_from("tcp4", argc, argv);
}

static enum outcome connect_tcp6_from(int argc, char **argv)
{
	return try_connect_from("tcp6", argc, argv);
}

static enum outcome connect_datagram(int argc, char **argv)
{
	return try_connect("unix", SOCK_DGRAM, argc, argv);
}

static enum outcome send_datagram(int argc, char **argv)
{
	struct address address;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || parse_address("unix", argc, argv, &address) != argc)
		return not_tried("socket");
	return judge(sendto(fd, "x", 1, 0, &address.any, address.len) == 1);
}

static enum outcome connect_ring(int argc, char **argv)
{
	struct address address;
	struct io_uring_sqe operation = {.opcode = IORING_OP_CONNECT, .addr = (uintptr_t)&address};

	errno = EINVAL;
	if (parse_address("tcp4", argc, argv, &address) != argc)
		return not_tried("address");
	operation.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	operation.off = address.len;
	return operation.fd < 0 ? not_tried("socket") : try_ring(&operation);
}

/* MPTCP falls back to TCP with a peer that does not speak it. */
static enum outcome connect_mptcp4(int argc, char **argv)
{
	struct address address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_MPTCP);

	if (fd < 0 || parse_address("tcp4", argc, argv, &address) != argc)
		return not_tried("socket");
	return judge(connect(fd, &address.any, address.len) == 0);
}

static enum outcome connect_unix(int argc, char **argv)
{
	return try_connect("unix", SOCK_STREAM, argc, argv);
}

static enum outcome connect_abstract(int argc, char **argv)
{
	return try_connect("abstract", SOCK_STREAM, argc, argv);
}

static int touch(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);

	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

static int listen_on(const struct address *address)
{
	int yes = 1;
	int fd = socket(address->any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if (address->any.sa_family != AF_UNIX)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	if (bind(fd, &address->any, address->len) < 0 || listen(fd, 128) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* listen READY KIND ADDRESS...: accepts and closes until it is killed. */
static enum outcome listen_forever(int argc, char **argv)
{
	struct pollfd polls[LISTENERS_MAX];
	int count = 0;
	int i = 1;

	while (i < argc && count < LISTENERS_MAX) {
		struct address address;
		int used = parse_address(argv[i], argc - i - 1, argv + i + 1, &address);

		errno = EINVAL;
		if (!used)
			return not_tried(argv[i]);
		polls[count].fd = listen_on(&address);
		polls[count].events = POLLIN;
		if (polls[count].fd < 0)
			return not_tried(argv[i]);
		count++;
		i += 1 + used;
	}
	if (touch(argv[0]) < 0)
		return not_tried(argv[0]);
	while (poll(polls, count, -1) > 0) {
		for (i = 0; i < count; i++) {
			if (polls[i].revents & POLLIN)
				close(accept4(polls[i].fd, NULL, NULL, SOCK_CLOEXEC));
		}
	}
	return not_tried("poll");
}

/* notify-listen SOCKET FILE: appends what is sent to an sd_notify socket, until it is killed. */
static enum outcome notify_listen(int argc, char **argv)
{
	struct address address;
	char message[4096];
	ssize_t len;
	int fd;
	int out;

	if (parse_address("unix", 1, argv, &address) != 1)
		return not_tried("address");
	out = open(argv[1], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (out < 0 || fd < 0 || bind(fd, &address.any, address.len) < 0)
		return not_tried(argv[0]);
	while ((len = recv(fd, message, sizeof(message) - 1, 0)) >= 0) {
		message[len] = '\n';
		if (write(out, message, len + 1) != len + 1)
			return not_tried(argv[1]);
	}
	return not_tried("recv");
}

/* --- where and when --- */

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
static enum outcome wait_for_outcome(pid_t child)
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

static enum outcome in_root(int argc, char **argv)
{
	if (chroot(argv[0]) < 0 || chdir("/") < 0)
		return not_tried(argv[0]);
	return run_verb(argc - 1, argv + 1);
}

/* In a mount namespace of its own. */
static enum outcome own_mounts(int argc, char **argv)
{
	if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return not_tried("unshare");
	return run_verb(argc, argv);
}

/* In the mount namespace of another process. */
static enum outcome mounts_of(int argc, char **argv)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%s/ns/mnt", argv[0]);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNS) < 0)
		return not_tried(path);
	return run_verb(argc - 1, argv + 1);
}

/* bound FROM TO VERB...: with FROM mounted on TO as well. */
static enum outcome bound(int argc, char **argv)
{
	if (mount(argv[0], argv[1], NULL, MS_BIND, NULL) < 0)
		return not_tried(argv[1]);
	return run_verb(argc - 2, argv + 2);
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

/* --- the kernel's BPF objects --- */

static int bpf_call(int command, union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int list_objects(const char *kind, int command)
{
	union bpf_attr attr = {0};

	while (bpf_call(command, &attr) == 0) {
		printf("%s %u\n", kind, attr.next_id);
		attr.start_id = attr.next_id;
	}
	return errno == ENOENT ? 0 : -1;
}

/* Programs, maps and links that exist, one a line. */
static enum outcome bpf_list(int argc, char **argv)
{
	if (list_objects("prog", BPF_PROG_GET_NEXT_ID) < 0 ||
	    list_objects("map", BPF_MAP_GET_NEXT_ID) < 0 ||
	    list_objects("link", BPF_LINK_GET_NEXT_ID) < 0)
		return not_tried("bpf");
	return DID;
}

/* What the verifier had to work through for each program, one a line. */
static enum outcome bpf_verified(int argc, char **argv)
{
	union bpf_attr attr = {0};
	uint32_t id = 0;

	for (;;) {
		struct bpf_prog_info info = {0};
		int fd;

		memset(&attr, 0, sizeof(attr));
		attr.start_id = id;
		if (bpf_call(BPF_PROG_GET_NEXT_ID, &attr) < 0)
			return errno == ENOENT ? DID : not_tried("bpf");
		id = attr.next_id;
		memset(&attr, 0, sizeof(attr));
		attr.prog_id = id;
		fd = bpf_call(BPF_PROG_GET_FD_BY_ID, &attr);
		if (fd < 0)
			continue; /* gone meanwhile */
		memset(&attr, 0, sizeof(attr));
		attr.info.bpf_fd = fd;
		attr.info.info_len = sizeof(info);
		attr.info.info = (uintptr_t)&info;
		if (bpf_call(BPF_OBJ_GET_INFO_BY_FD, &attr) < 0)
			return not_tried("info");
		printf("verified %s %u\n", info.name, info.verified_insns);
		close(fd);
	}
}

static const struct verb verbs[] = {
	{"exec", 1, exec_program, "PATH [ARG]..."},
	{"open-read", 1, open_read, "PATH"},
	{"open-write", 1, open_write, "PATH"},
	{"open-rdwr", 1, open_rdwr, "PATH"},
	{"open-append", 1, open_append, "PATH"},
	{"open-trunc", 1, open_trunc, "PATH (O_RDONLY | O_TRUNC)"},
	{"open-create", 1, open_create, "PATH (O_WRONLY | O_CREAT | O_TRUNC)"},
	{"open-ioctl", 1, open_ioctl, "PATH (access mode 3)"},
	{"open-again", 1, open_again, "PATH (O_PATH, then through /proc)"},
	{"open-deleted", 1, open_deleted, "PATH (removes it)"},
	{"open-handle", 1, open_handle, "PATH"},
	{"open-detached", 2, open_detached, "DIR NAME"},
	{"open-ring", 2, open_ring, "here|worker PATH"},
	{"exec-descriptor", 1, exec_descriptor, "PATH"},
	{"exec-memory", 0, exec_memory, ""},
	{"storm", 3, storm, "A B FILE"},
	{"connect-tcp4", 2, connect_tcp4, "HOST PORT"},
	{"connect-tcp6", 2, connect_tcp6, "HOST PORT"},
	{"connect-udp4", 2, connect_udp4, "HOST PORT"},
	{"connect-udp6", 2, connect_udp6, "HOST PORT"},
	{"connect-tcp4-from", 3, connect_tcp4_from, "SOURCE HOST PORT"},
	{"connect-tcp6-from", 3, connect_tcp6_from, "SOURCE HOST PORT"},
	{"connect-mptcp4", 2, connect_mptcp4, "HOST PORT"},
	{"connect-ring", 2, connect_ring, "HOST PORT"},
	{"connect-datagram", 1, connect_datagram, "PATH"},
	{"send-datagram", 1, send_datagram, "PATH"},
	{"connect-unix", 1, connect_unix, "PATH"},
	{"connect-abstract", 1, connect_abstract, "NAME"},
	{"in-cgroup", 2, in_cgroup, "/CGROUP VERB..."},
	{"in-fork", 1, in_fork, "VERB..."},
	{"in-vfork", 1, in_vfork, "VERB..."},
	{"in-directory", 2, in_directory, "DIR VERB..."},
	{"in-root", 2, in_root, "DIR VERB..."},
	{"own-mounts", 1, own_mounts, "VERB..."},
	{"mounts-of", 2, mounts_of, "PID VERB..."},
	{"bound", 3, bound, "FROM TO VERB..."},
	{"fork-into-cgroup", 2, fork_into_cgroup, "/CGROUP VERB..."},
	{"waiting", 3, waiting, "READY GO VERB..."},
	{"in-thread", 3, in_thread, "READY GO VERB..."},
	{"hammer", 3, hammer, "allowed|denied|any FILE|TIMES VERB..."},
	{"listen", 3, listen_forever, "READY {tcp4|tcp6 HOST PORT | unix PATH | abstract NAME}..."},
	{"notify-listen", 2, notify_listen, "SOCKET FILE"},
	{"bpf-list", 0, bpf_list, ""},
	{"bpf-verified", 0, bpf_verified, ""},
};

static enum outcome run_verb(int argc, char **argv)
{
	for (size_t i = 0; argc > 0 && i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (strcmp(verbs[i].name, argv[0]) != 0)
			continue;
		if (argc - 1 < verbs[i].args_min)
			break;
		return verbs[i].run(argc - 1, argv + 1);
	}
	say("could not try: usage: probe %s...", argc > 0 ? argv[0] : "VERB");
	return NOT_TRIED;
}

int main(int argc, char **argv)
{
	enum outcome outcome;

	if (strcmp(basename(argv[0]), "probe") != 0)
		return 0;
	if (argc < 2) {
		for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
			printf("probe %s %s\n", verbs[i].name, verbs[i].usage);
		return NOT_TRIED;
	}
	outcome = run_verb(argc - 1, argv + 1);
	return fflush(stdout) == 0 ? (int)outcome : NOT_TRIED;
}
