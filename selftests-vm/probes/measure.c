/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What single operations cost, in ticks of the time stamp counter: of many, each measured on its own, what
 * a tenth did not exceed. In a machine whose counter advances by one an instruction that is the number of
 * instructions, and the same in every run. Most operations always cost the same; an exec does not, depending on
 * which pages are free, and its median moves by more than what is to be seen, while its first decile does not.
 *
 *	measure open PATH           open for reading and close
 *	measure cold DIR            the same of DIR/r-NNNNN/ledger-2024-12.dat, from 10000: each once
 *	measure stat PATH
 *	measure create PATH         create, close and unlink
 *	measure rename OLD NEW      one way; the way back is not measured
 *	measure read PATH           a byte of an open file
 *	measure write PATH
 *	measure exec PROGRAM        execve up to main() of PROGRAM, which is this one, linked as one likes
 *	measure connect HOST PORT   connect to a tcp listener on this machine, handshake included
 *	measure connect-unix PATH   the same of a unix socket
 *	measure send-to HOST PORT   a udp datagram to a socket on this machine
 *	measure send HOST PORT      the same over a connected socket
 *
 *	measure hold FILE...        keeps all pages of the files mapped until it is killed: the first who maps a
 *	                            page pays more, and other programs should not decide whether that is the
 *	                            one that is measured
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP  30
#define SAMPLES  301
#define STAMP_FD 9

struct subject {
	const char *path;
	const char *new_path;
	struct sockaddr_in address;
	int fd;                   /* the open file, the listener, the receiver */
	int sender;
	int opened;               /* how many of the cold paths */
	pid_t process;            /* to be sent signals that it ignores */
	volatile uint64_t *stamp; /* shared with the child that executes */
};

static inline uint64_t ticks(void)
{
	uint32_t low, high;

	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high)::"memory");
	return (uint64_t)high << 32 | low;
}

__attribute__((noreturn)) static void die(const char *what)
{
	fprintf(stderr, "measure: %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t open_and_close(const char *path)
{
	uint64_t begin = ticks();
	int fd = open(path, O_RDONLY);

	if (fd < 0)
		die(path);
	close(fd);
	return ticks() - begin;
}

static uint64_t measure_open(struct subject *subject)
{
	return open_and_close(subject->path);
}

static uint64_t measure_cold(struct subject *subject)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/r-%d/ledger-2024-12.dat", subject->path,
		 10000 + subject->opened++);
	return open_and_close(path);
}

static uint64_t measure_stat(struct subject *subject)
{
	struct stat status;
	uint64_t begin = ticks();

	if (stat(subject->path, &status) < 0)
		die(subject->path);
	return ticks() - begin;
}

static uint64_t measure_create(struct subject *subject)
{
	uint64_t begin = ticks();
	int fd = open(subject->path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	if (fd < 0)
		die(subject->path);
	close(fd);
	if (unlink(subject->path) < 0)
		die(subject->path);
	return ticks() - begin;
}

static uint64_t measure_rename(struct subject *subject)
{
	uint64_t begin = ticks();
	uint64_t took;

	if (rename(subject->path, subject->new_path) < 0)
		die(subject->path);
	took = ticks() - begin;
	if (rename(subject->new_path, subject->path) < 0)
		die(subject->new_path);
	return took;
}

static uint64_t measure_read(struct subject *subject)
{
	uint64_t begin = ticks();
	char byte;

	if (pread(subject->fd, &byte, sizeof(byte), 0) != sizeof(byte))
		die(subject->path);
	return ticks() - begin;
}

static uint64_t measure_write(struct subject *subject)
{
	uint64_t begin = ticks();
	const char byte = 's';

	if (pwrite(subject->fd, &byte, sizeof(byte), 0) != sizeof(byte))
		die(subject->path);
	return ticks() - begin;
}

static uint64_t measure_connect(struct subject *subject)
{
	const struct linger reset = {.l_onoff = 1};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	uint64_t begin;
	uint64_t took;
	int peer;

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)) < 0)
		die("socket");
	begin = ticks();
	if (connect(fd, (const struct sockaddr *)&subject->address, sizeof(subject->address)) < 0)
		die("connect");
	took = ticks() - begin;
	peer = accept(subject->fd, NULL, NULL);
	if (peer < 0)
		die("accept");
	close(fd);
	close(peer);
	return took;
}

static uint64_t measure_connect_unix(struct subject *subject)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	uint64_t begin;
	uint64_t took;
	int peer;

	strncpy(address.sun_path, subject->path, sizeof(address.sun_path) - 1);
	if (fd < 0)
		die("socket");
	begin = ticks();
	if (connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		die("connect");
	took = ticks() - begin;
	peer = accept(subject->fd, NULL, NULL);
	if (peer < 0)
		die("accept");
	close(fd);
	close(peer);
	return took;
}

/* to: where, or NULL if the socket is connected. */
static uint64_t send_datagram(struct subject *subject, const struct sockaddr_in *to)
{
	uint64_t begin = ticks();
	uint64_t took;
	char byte = 's';

	if (sendto(subject->sender, &byte, sizeof(byte), 0, (const struct sockaddr *)to,
		   to ? sizeof(*to) : 0) != sizeof(byte))
		die("sendto");
	took = ticks() - begin;
	if (recv(subject->fd, &byte, sizeof(byte), 0) != sizeof(byte))
		die("recv");
	return took;
}

static uint64_t measure_send_to(struct subject *subject)
{
	return send_datagram(subject, &subject->address);
}

static uint64_t measure_send(struct subject *subject)
{
	return send_datagram(subject, NULL);
}

static uint64_t measure_signal(struct subject *subject)
{
	uint64_t begin = ticks();

	if (kill(subject->process, SIGWINCH) < 0)
		die("kill");
	return ticks() - begin;
}

/* What takes a capability and changes nothing. */
static uint64_t measure_capable(struct subject *subject)
{
	uint64_t begin = ticks();

	if (setgid(0) < 0)
		die("setgid");
	return ticks() - begin;
}

static uint64_t measure_exec(struct subject *subject)
{
	char *const arguments[] = {(char *)(uintptr_t)subject->path, (char *)(uintptr_t) "stamp",
				   NULL};
	char *const environment[] = {NULL};
	int status;
	pid_t child = fork();

	if (child < 0)
		die("fork");
	if (child == 0) {
		subject->stamp[0] = ticks();
		execve(subject->path, arguments, environment);
		_exit(1);
	}
	if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		die("execve");
	return subject->stamp[1] - subject->stamp[0];
}

/* What the executed program does: says when it began. */
static int stamp(uint64_t now)
{
	return pwrite(STAMP_FD, &now, sizeof(now), sizeof(now)) == sizeof(now) ? 0 : 1;
}

static int compare(const void *a, const void *b)
{
	uint64_t left = *(const uint64_t *)a;
	uint64_t right = *(const uint64_t *)b;

	return (left > right) - (left < right);
}

static uint64_t first_decile(uint64_t (*measure)(struct subject *), struct subject *subject)
{
	static uint64_t samples[SAMPLES];

	for (int i = 0; i < WARM_UP; i++)
		measure(subject);
	for (int i = 0; i < SAMPLES; i++)
		samples[i] = measure(subject);
	qsort(samples, SAMPLES, sizeof(*samples), compare);
	return samples[SAMPLES / 10];
}

static void prepare_path(struct subject *subject, char **arguments)
{
	subject->path = arguments[0];
}

static void prepare_rename(struct subject *subject, char **arguments)
{
	subject->path = arguments[0];
	subject->new_path = arguments[1];
}

static void prepare_file(struct subject *subject, char **arguments)
{
	subject->path = arguments[0];
	subject->fd = open(subject->path, O_RDWR);
	if (subject->fd < 0)
		die(subject->path);
}

/* It ends with who measures. */
static void prepare_signal(struct subject *subject, char **arguments)
{
	subject->process = fork();
	if (subject->process < 0)
		die("fork");
	if (subject->process > 0)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void prepare_nothing(struct subject *subject, char **arguments)
{
}

static void prepare_exec(struct subject *subject, char **arguments)
{
	int fd = memfd_create("stamp", 0);

	if (fd < 0 || ftruncate(fd, 2 * sizeof(uint64_t)) < 0 || dup2(fd, STAMP_FD) < 0)
		die("memfd");
	subject->stamp =
		mmap(NULL, 2 * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (subject->stamp == MAP_FAILED)
		die("mmap");
	subject->path = arguments[0];
}

static void prepare_connect(struct subject *subject, char **arguments)
{
	subject->address.sin_family = AF_INET;
	subject->address.sin_port = htons(atoi(arguments[1]));
	subject->fd = socket(AF_INET, SOCK_STREAM, 0);
	if (subject->fd < 0 || inet_pton(AF_INET, arguments[0], &subject->address.sin_addr) != 1 ||
	    bind(subject->fd, (const struct sockaddr *)&subject->address,
		 sizeof(subject->address)) < 0 ||
	    listen(subject->fd, 8) < 0)
		die("listen");
}

static void prepare_connect_unix(struct subject *subject, char **arguments)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	subject->path = arguments[0];
	strncpy(address.sun_path, subject->path, sizeof(address.sun_path) - 1);
	subject->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (subject->fd < 0 ||
	    bind(subject->fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
	    listen(subject->fd, 8) < 0)
		die("listen");
}

static void prepare_send_to(struct subject *subject, char **arguments)
{
	subject->address.sin_family = AF_INET;
	subject->address.sin_port = htons(atoi(arguments[1]));
	subject->fd = socket(AF_INET, SOCK_DGRAM, 0);
	subject->sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (subject->fd < 0 || subject->sender < 0 ||
	    inet_pton(AF_INET, arguments[0], &subject->address.sin_addr) != 1 ||
	    bind(subject->fd, (const struct sockaddr *)&subject->address,
		 sizeof(subject->address)) < 0)
		die("bind");
}

static void prepare_send(struct subject *subject, char **arguments)
{
	prepare_send_to(subject, arguments);
	if (connect(subject->sender, (const struct sockaddr *)&subject->address,
		    sizeof(subject->address)) < 0)
		die("connect");
}

static int hold(int count, char **files)
{
	struct stat status;

	for (int i = 0; i < count; i++) {
		int fd = open(files[i], O_RDONLY);

		if (fd < 0 || fstat(fd, &status) < 0 ||
		    mmap(NULL, status.st_size, PROT_READ, MAP_SHARED | MAP_POPULATE, fd, 0) ==
			    MAP_FAILED)
			die(files[i]);
		close(fd);
	}
	puts("holding");
	fflush(stdout);
	pause();
	return 0;
}

static const struct operation {
	const char *name;
	int arguments;
	void (*prepare)(struct subject *subject, char **arguments);
	uint64_t (*measure)(struct subject *subject);
} operations[] = {
	{"open", 1, prepare_path, measure_open},
	{"cold", 1, prepare_path, measure_cold},
	{"stat", 1, prepare_path, measure_stat},
	{"create", 1, prepare_path, measure_create},
	{"rename", 2, prepare_rename, measure_rename},
	{"read", 1, prepare_file, measure_read},
	{"write", 1, prepare_file, measure_write},
	{"exec", 1, prepare_exec, measure_exec},
	{"connect", 2, prepare_connect, measure_connect},
	{"connect-unix", 1, prepare_connect_unix, measure_connect_unix},
	{"send-to", 2, prepare_send_to, measure_send_to},
	{"send", 2, prepare_send, measure_send},
	{"signal", 0, prepare_signal, measure_signal},
	{"capable", 0, prepare_nothing, measure_capable},
};

int main(int argc, char **argv)
{
	uint64_t now = ticks();
	struct subject subject = {0};
	char byte;

	if (argc == 2 && !strcmp(argv[1], "stamp"))
		return stamp(now);
	if (argc > 2 && !strcmp(argv[1], "hold"))
		return hold(argc - 2, argv + 2);
	/* Until the kernel has its random numbers, exec and connect pay for each they take. */
	if (getrandom(&byte, sizeof(byte), 0) != sizeof(byte))
		die("getrandom");
	for (size_t i = 0; i < sizeof(operations) / sizeof(*operations); i++) {
		const struct operation *operation = &operations[i];

		if (argc < 2 || strcmp(argv[1], operation->name) != 0 ||
		    argc != 2 + operation->arguments)
			continue;
		operation->prepare(&subject, argv + 2);
		printf("%llu\n", (unsigned long long)first_decile(operation->measure, &subject));
		return 0;
	}
	errno = EINVAL;
	die("usage: measure OPERATION ARGUMENT...");
}
