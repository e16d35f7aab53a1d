/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What single operations cost, in ticks of the time stamp counter: the median of many, each measured on its own.
 * In a machine whose counter advances by one an instruction that is the number of instructions, and the
 * same in every run.
 *
 *	measure open PATH           open for reading and close
 *	measure exec                execve of this static program, up to its main()
 *	measure connect HOST PORT   connect to a tcp listener on this machine, handshake included
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define WARM_UP  30
#define SAMPLES  301
#define STAMP_FD 9

struct subject {
	const char *path;
	struct sockaddr_in address;
	int listener;
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

static uint64_t measure_open(const struct subject *subject)
{
	uint64_t begin = ticks();
	int fd = open(subject->path, O_RDONLY);

	if (fd < 0)
		die(subject->path);
	close(fd);
	return ticks() - begin;
}

static uint64_t measure_connect(const struct subject *subject)
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
	peer = accept(subject->listener, NULL, NULL);
	if (peer < 0)
		die("accept");
	close(fd);
	close(peer);
	return took;
}

static uint64_t measure_exec(const struct subject *subject)
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

static uint64_t median(uint64_t (*measure)(const struct subject *), const struct subject *subject)
{
	static uint64_t samples[SAMPLES];

	for (int i = 0; i < WARM_UP; i++)
		measure(subject);
	for (int i = 0; i < SAMPLES; i++)
		samples[i] = measure(subject);
	qsort(samples, SAMPLES, sizeof(*samples), compare);
	return samples[SAMPLES / 2];
}

static void prepare_exec(struct subject *subject)
{
	int fd = memfd_create("stamp", 0);

	if (fd < 0 || ftruncate(fd, 2 * sizeof(uint64_t)) < 0 || dup2(fd, STAMP_FD) < 0)
		die("memfd");
	subject->stamp =
		mmap(NULL, 2 * sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (subject->stamp == MAP_FAILED)
		die("mmap");
	subject->path = "/usr/bin/measure";
}

static void prepare_connect(struct subject *subject, const char *host, const char *port)
{
	subject->address.sin_family = AF_INET;
	subject->address.sin_port = htons(atoi(port));
	subject->listener = socket(AF_INET, SOCK_STREAM, 0);
	if (subject->listener < 0 || inet_pton(AF_INET, host, &subject->address.sin_addr) != 1 ||
	    bind(subject->listener, (const struct sockaddr *)&subject->address,
		 sizeof(subject->address)) < 0 ||
	    listen(subject->listener, 8) < 0)
		die("listen");
}

int main(int argc, char **argv)
{
	uint64_t now = ticks();
	struct subject subject = {0};
	uint64_t result;
	char byte;

	if (argc == 2 && !strcmp(argv[1], "stamp"))
		return stamp(now);
	/* Until the kernel has its random numbers, exec and connect pay for each they take. */
	if (getrandom(&byte, sizeof(byte), 0) != sizeof(byte))
		die("getrandom");
	if (argc == 3 && !strcmp(argv[1], "open")) {
		subject.path = argv[2];
		result = median(measure_open, &subject);
	} else if (argc == 2 && !strcmp(argv[1], "exec")) {
		prepare_exec(&subject);
		result = median(measure_exec, &subject);
	} else if (argc == 4 && !strcmp(argv[1], "connect")) {
		prepare_connect(&subject, argv[2], argv[3]);
		result = median(measure_connect, &subject);
	} else {
		errno = EINVAL;
		die("usage: measure open PATH | exec | connect HOST PORT");
	}
	printf("%s %llu\n", argv[1], (unsigned long long)result);
	return 0;
}
