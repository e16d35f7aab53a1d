/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Getting executable memory, of files and of none. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#define SIZE 4096

/* A call may succeed without giving what was wanted: what counts is what the memory is. */
static bool is_executable(const void *address)
{
	unsigned long wanted = (unsigned long)address;
	unsigned long begin;
	unsigned long end;
	char line[8192];
	char bits[5];
	bool is_it = false;
	FILE *maps = fopen("/proc/self/maps", "re");

	while (maps && fgets(line, sizeof(line), maps)) {
		if (sscanf(line, "%lx-%lx %4s", &begin, &end, bits) == 3 && begin <= wanted &&
		    wanted < end)
			is_it = bits[2] == 'x';
	}
	if (maps)
		fclose(maps);
	return is_it;
}

static enum outcome judge_memory(const void *memory)
{
	if (memory == MAP_FAILED || is_executable(memory))
		return judge(memory != MAP_FAILED);
	say("failed otherwise: the memory is not executable");
	return OTHERWISE;
}

static enum outcome try_map(int fd, int protection, int flags)
{
	return judge_memory(mmap(NULL, SIZE, protection, flags, fd, 0));
}

static enum outcome try_protect(void *memory, int protection)
{
	if (memory == MAP_FAILED)
		return judge(false);
	return judge_memory(mprotect(memory, SIZE, protection) < 0 ? MAP_FAILED : memory);
}

static int open_it(const char *path, int flags)
{
	return is_held(path) ? HELD : open(path, flags | O_CLOEXEC);
}

/* --- of files: that it cannot be opened counts as well --- */

static void *map_file(const char *path, int protection)
{
	int fd = open_it(path, O_RDONLY);

	return fd < 0 ? MAP_FAILED : mmap(NULL, SIZE, protection, MAP_PRIVATE, fd, 0);
}

static enum outcome map(int argc, char **argv)
{
	int fd = open_it(argv[0], O_RDONLY);

	return fd < 0 ? judge(false) : try_map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static enum outcome map_shared(int argc, char **argv)
{
	int fd = open_it(argv[0], O_RDONLY);

	return fd < 0 ? judge(false) : try_map(fd, PROT_EXEC, MAP_SHARED);
}

static enum outcome map_writable(int argc, char **argv)
{
	int fd = open_it(argv[0], O_RDONLY);

	return fd < 0 ? judge(false) : try_map(fd, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
}

/* Executable because the personality says that all readable memory is. */
static enum outcome map_personality(int argc, char **argv)
{
	int fd = open_it(argv[0], O_RDONLY);

	if (fd < 0)
		return judge(false);
	if (personality(READ_IMPLIES_EXEC) < 0)
		return not_tried("personality");
	return try_map(fd, PROT_READ, MAP_PRIVATE);
}

/* The same, by mapping anew what is mapped already; the kernel does that only to what could be written. */
static enum outcome remap_personality(int argc, char **argv)
{
	int fd = open_it(argv[0], O_RDWR);
	void *memory;

	if (fd < 0)
		return judge(false);
	memory = mmap(NULL, SIZE, PROT_READ, MAP_SHARED, fd, 0);
	if (memory == MAP_FAILED || personality(READ_IMPLIES_EXEC) < 0)
		return not_tried(argv[0]);
	return judge_memory(remap_file_pages(memory, SIZE, 0, 0, 0) < 0 ? MAP_FAILED : memory);
}

static enum outcome protect(int argc, char **argv)
{
	return try_protect(map_file(argv[0], PROT_READ), PROT_READ | PROT_EXEC);
}

static enum outcome protect_personality(int argc, char **argv)
{
	void *memory = map_file(argv[0], PROT_NONE);

	if (memory != MAP_FAILED && personality(READ_IMPLIES_EXEC) < 0)
		return not_tried("personality");
	return try_protect(memory, PROT_READ);
}

static enum outcome protect_key(int argc, char **argv)
{
	void *memory = map_file(argv[0], PROT_READ);

	if (memory == MAP_FAILED)
		return judge(false);
	return judge_memory(pkey_mprotect(memory, SIZE, PROT_READ | PROT_EXEC, -1) < 0 ? MAP_FAILED
										       : memory);
}

/* Other contents than the file's, in a mapping of the file. */
static enum outcome protect_written(int argc, char **argv)
{
	char *memory = map_file(argv[0], PROT_READ | PROT_WRITE);

	if (memory != MAP_FAILED)
		memory[0] = 'x';
	return try_protect(memory, PROT_READ | PROT_EXEC);
}

static enum outcome map_deleted(int argc, char **argv)
{
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	if (fd < 0 || unlink(argv[0]) < 0)
		return judge(false);
	return try_map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

/* --- of files that never had a name --- */

static enum outcome map_unnamed(int argc, char **argv)
{
	int fd = open(argv[0], O_RDWR | O_TMPFILE | O_CLOEXEC, 0700);

	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		return not_tried(argv[0]);
	return try_map(fd, PROT_READ | PROT_EXEC, MAP_PRIVATE);
}

static enum outcome map_memory(int argc, char **argv)
{
	int fd = memfd_create("code", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		return not_tried("memfd");
	return try_map(fd, PROT_READ | PROT_EXEC, MAP_SHARED);
}

static enum outcome protect_memory(int argc, char **argv)
{
	int fd = memfd_create("code", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, SIZE) < 0)
		return not_tried("memfd");
	return try_protect(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
			   PROT_READ | PROT_EXEC);
}

static void *attach(int flags)
{
	int id = shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0700);
	void *memory = id < 0 ? MAP_FAILED : shmat(id, NULL, flags);
	int error = errno;

	if (id >= 0)
		shmctl(id, IPC_RMID, NULL);
	errno = error;
	return memory;
}

static enum outcome attach_shared(int argc, char **argv)
{
	return judge_memory(attach(SHM_EXEC));
}

static enum outcome protect_attached(int argc, char **argv)
{
	return try_protect(attach(0), PROT_READ | PROT_EXEC);
}

/* --- of no file --- */

static enum outcome map_anonymous(int argc, char **argv)
{
	return try_map(-1, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS);
}

static enum outcome map_anonymous_shared(int argc, char **argv)
{
	return try_map(-1, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_ANONYMOUS);
}

static enum outcome map_anonymous_personality(int argc, char **argv)
{
	if (personality(READ_IMPLIES_EXEC) < 0)
		return not_tried("personality");
	return try_map(-1, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS);
}

static enum outcome protect_anonymous(int argc, char **argv)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory == MAP_FAILED)
		return not_tried("mmap");
	memory[0] = 'x';
	return try_protect(memory, PROT_READ | PROT_EXEC);
}

static enum outcome protect_anonymous_shared(int argc, char **argv)
{
	return try_protect(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
		PROT_READ | PROT_EXEC);
}

static enum outcome protect_stack(int argc, char **argv)
{
	char here;
	char *page = (char *)((unsigned long)&here & -(unsigned long)SIZE);

	return try_protect(page, PROT_READ | PROT_WRITE | PROT_EXEC);
}

static enum outcome protect_heap(int argc, char **argv)
{
	char *memory = sbrk(2 * SIZE);
	char *page = (char *)(((unsigned long)memory + SIZE - 1) & -(unsigned long)SIZE);

	return try_protect(memory == (void *)-1 ? MAP_FAILED : page, PROT_READ | PROT_EXEC);
}

static enum outcome extend_heap_personality(int argc, char **argv)
{
	char *memory;

	if (personality(READ_IMPLIES_EXEC) < 0)
		return not_tried("personality");
	memory = sbrk(16 * SIZE);
	return judge_memory(memory == (void *)-1 ? MAP_FAILED : memory + 8 * SIZE);
}

static enum outcome map_zero(int argc, char **argv)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);

	return fd < 0 ? not_tried("/dev/zero")
		      : try_map(fd, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE);
}

static enum outcome protect_zero(int argc, char **argv)
{
	int fd = open("/dev/zero", O_RDWR | O_CLOEXEC);

	return fd < 0 ? not_tried("/dev/zero")
		      : try_protect(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0),
				    PROT_READ | PROT_EXEC);
}

/* Memory that the kernel shares with us: we write what it reads. */
static int ring_of_ours(void)
{
	struct io_uring_params params = {0};

	return syscall(SYS_io_uring_setup, 64, &params);
}

static enum outcome map_ring(int argc, char **argv)
{
	int fd = ring_of_ours();

	if (fd < 0)
		return not_tried("io_uring");
	return judge_memory(mmap(NULL, SIZE, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_SHARED, fd,
				 IORING_OFF_SQES));
}

static enum outcome protect_ring(int argc, char **argv)
{
	int fd = ring_of_ours();

	if (fd < 0)
		return not_tried("io_uring");
	return try_protect(
		mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, IORING_OFF_SQES),
		PROT_READ | PROT_EXEC);
}

static void never_called(void)
{
	say("never called");
}

/* Into the program's own code, which nobody may write, through /proc. */
static enum outcome write_code(int argc, char **argv)
{
	int fd = open("/proc/self/mem", O_RDWR | O_CLOEXEC);
	char byte = 0x90;

	if (fd < 0)
		return judge(false);
	return judge(pwrite(fd, &byte, 1, (off_t)(unsigned long)never_called) == 1);
}

const struct verb memory_verbs[] = {
	{"map", 1, map, "PATH|held"},
	{"map-shared", 1, map_shared, "PATH|held"},
	{"map-writable", 1, map_writable, "PATH|held (private)"},
	{"map-personality", 1, map_personality, "PATH|held (READ_IMPLIES_EXEC)"},
	{"remap-personality", 1, remap_personality, "PATH|held (remap_file_pages)"},
	{"protect", 1, protect, "PATH|held"},
	{"protect-personality", 1, protect_personality, "PATH|held"},
	{"protect-key", 1, protect_key, "PATH|held (pkey_mprotect)"},
	{"protect-written", 1, protect_written, "PATH|held (private)"},
	{"map-deleted", 1, map_deleted, "PATH (removes it)"},
	{"map-unnamed", 1, map_unnamed, "DIR (O_TMPFILE)"},
	{"map-memory", 0, map_memory, "(memfd)"},
	{"protect-memory", 0, protect_memory, "(memfd)"},
	{"attach-shared", 0, attach_shared, "(SHM_EXEC)"},
	{"protect-attached", 0, protect_attached, ""},
	{"map-anonymous", 0, map_anonymous, ""},
	{"map-anonymous-shared", 0, map_anonymous_shared, ""},
	{"map-anonymous-personality", 0, map_anonymous_personality, ""},
	{"protect-anonymous", 0, protect_anonymous, ""},
	{"protect-anonymous-shared", 0, protect_anonymous_shared, ""},
	{"protect-stack", 0, protect_stack, ""},
	{"protect-heap", 0, protect_heap, ""},
	{"extend-heap-personality", 0, extend_heap_personality, ""},
	{"map-zero", 0, map_zero, "(/dev/zero)"},
	{"protect-zero", 0, protect_zero, "(/dev/zero)"},
	{"map-ring", 0, map_ring, "(io_uring's)"},
	{"protect-ring", 0, protect_ring, ""},
	{"write-code", 0, write_code, "(/proc/self/mem)"},
	{NULL, 0, NULL, NULL},
};
