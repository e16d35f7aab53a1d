/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Executing programs, and pretending to be another one. */
#include "probe.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USELIB_32 86

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
	if (error == 0 && WIFSIGNALED(status)) {
		say("killed by signal %d", WTERMSIG(status));
		return OTHERWISE;
	}
	errno = error;
	return judge(error == 0);
}

static enum outcome exec_program(int argc, char **argv)
{
	return try_exec(exec_path, argv);
}

/* By a descriptor that can be used for nothing else, or by the one that is held. */
static enum outcome exec_descriptor(int argc, char **argv)
{
	int fd = is_held(argv[0]) ? HELD : open(argv[0], O_PATH | O_CLOEXEC);

	return fd < 0 ? not_tried(argv[0]) : try_exec(exec_fd, &fd);
}

static int copy_ourselves(int to)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (from < 0 || to < 0)
		return -1;
	do {
		n = sendfile(to, from, NULL, 1 << 20);
	} while (n > 0);
	close(from);
	return n < 0 ? -1 : 0;
}

/* A copy of ourselves in memory that has no name. */
static enum outcome exec_memory(int argc, char **argv)
{
	int fd = memfd_create("program", MFD_CLOEXEC);

	return copy_ourselves(fd) < 0 ? not_tried("memfd") : try_exec(exec_fd, &fd);
}

/* from-memory VERB...: as a process whose executable has no name. */
static enum outcome from_memory(int argc, char **argv)
{
	int fd = memfd_create("program", MFD_CLOEXEC);
	char *words[64] = {"probe"};

	errno = E2BIG;
	if (argc >= 63 || copy_ourselves(fd) < 0)
		return not_tried("memfd");
	memcpy(&words[1], argv, argc * sizeof(*argv));
	execveat(fd, "", words, environ, AT_EMPTY_PATH);
	return judge(false);
}

/* become PATH [ARG]...: the program itself, in this very process. */
static enum outcome become_program(int argc, char **argv)
{
	execv(argv[0], argv);
	return judge(false);
}

/* A copy of ourselves that never had a name in DIR. */
static enum outcome exec_unnamed(int argc, char **argv)
{
	char path[64];
	int written = open(argv[0], O_RDWR | O_TMPFILE | O_CLOEXEC, 0755);
	int fd;

	if (copy_ourselves(written) < 0)
		return not_tried(argv[0]);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", written);
	fd = open(path, O_PATH | O_CLOEXEC);
	close(written); /* what is open for writing is not executed */
	return fd < 0 ? not_tried(path) : try_exec(exec_fd, &fd);
}

static enum outcome exec_deleted(int argc, char **argv)
{
	int fd = open(argv[0], O_PATH | O_CLOEXEC);

	if (fd < 0 || unlink(argv[0]) < 0)
		return not_tried(argv[0]);
	return try_exec(exec_fd, &fd);
}

static void exec_proc_fd(void *data)
{
	char path[64];
	char *argv[] = {"program", NULL};

	snprintf(path, sizeof(path), "/proc/self/fd/%d", *(int *)data);
	execv(path, argv);
}

static enum outcome exec_through(int argc, char **argv)
{
	int fd = is_held(argv[0]) ? HELD : open(argv[0], O_PATH | O_CLOEXEC);

	return fd < 0 ? not_tried(argv[0]) : try_exec(exec_proc_fd, &fd);
}

/*
 * run PATH [ARG]...: a program to its end. Done when it exits with 0 and says of nothing that it could not be
 * mapped; denied when what it says on stderr is that it was not permitted.
 */
static enum outcome run_program(int argc, char **argv)
{
	char text[4096] = "";
	size_t len = 0;
	ssize_t n;
	int tube[2];
	int status;
	pid_t child;

	if (pipe(tube) < 0)
		return not_tried("pipe");
	child = fork();
	if (child < 0)
		return not_tried("fork");
	if (child == 0) {
		close(tube[0]);
		if (dup2(tube[1], STDERR_FILENO) < 0)
			_exit(NOT_TRIED);
		execv(argv[0], argv);
		dprintf(STDERR_FILENO, "%s", strerror(errno));
		_exit(NOT_TRIED);
	}
	close(tube[1]);
	while ((n = read(tube[0], text + len, sizeof(text) - 1 - len)) > 0)
		len += n;
	close(tube[0]);
	if (waitpid(child, &status, 0) != child)
		return not_tried("waitpid");
	if (strstr(text, strerror(EPERM)) || strstr(text, "failed to map segment") ||
	    strstr(text, "cannot be preloaded"))
		return DENIED;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return DID;
	say("status %#x: %s", status, text);
	return OTHERWISE;
}

/* --- another program's name --- */

struct mapping {
	unsigned long begin;
	unsigned long end;
	int protection;
};

/* The mappings of the file we are of. */
static int own_mappings(struct mapping *mappings, int count_max)
{
	char exe[4096] = "";
	char line[8192];
	FILE *maps = fopen("/proc/self/maps", "re");
	int count = 0;

	if (!maps || readlink("/proc/self/exe", exe, sizeof(exe) - 1) < 0)
		return -1;
	while (count < count_max && fgets(line, sizeof(line), maps)) {
		struct mapping *mapping = &mappings[count];
		const char *path = strchr(line, '/');
		char bits[5];

		line[strcspn(line, "\n")] = '\0';
		if (!path || strcmp(path, exe) != 0 ||
		    sscanf(line, "%lx-%lx %4s", &mapping->begin, &mapping->end, bits) != 3)
			continue;
		mapping->protection = (bits[0] == 'r' ? PROT_READ : 0) |
				      (bits[1] == 'w' ? PROT_WRITE : 0) |
				      (bits[2] == 'x' ? PROT_EXEC : 0);
		count++;
	}
	fclose(maps);
	return count;
}

/* Puts a copy that is no file's in the place of a mapping we may be running in. */
static int replace_mapping(const struct mapping *mapping)
{
	size_t size = mapping->end - mapping->begin;
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (copy == MAP_FAILED)
		return -1;
	memcpy(copy, (const void *)mapping->begin, size);
	if (mprotect(copy, size, mapping->protection) < 0)
		return -1;
	return mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, (void *)mapping->begin) ==
			       MAP_FAILED
		       ? -1
		       : 0;
}

/* with-exe PATH VERB...: as a process whose /proc/PID/exe is PATH, which it has not executed. */
static enum outcome with_exe(int argc, char **argv)
{
	struct mapping mappings[32];
	int count = own_mappings(mappings, 32);
	int fd = open(argv[0], O_RDONLY | O_CLOEXEC);

	if (count <= 0 || fd < 0)
		return not_tried(argv[0]);
	for (int i = 0; i < count; i++) {
		if (replace_mapping(&mappings[i]) < 0)
			return not_tried("mremap");
	}
	if (prctl(PR_SET_MM, PR_SET_MM_EXE_FILE, fd, 0, 0) < 0)
		return not_tried("PR_SET_MM_EXE_FILE");
	return run_verb(argc - 1, argv + 1);
}

/* --- a library of the old kind --- */

/* Writes a file that uselib() takes: one segment, which is code. */
static int write_library(const char *path)
{
	struct {
		Elf64_Ehdr header;
		Elf64_Phdr segment;
		char code[4096 - sizeof(Elf64_Ehdr) - sizeof(Elf64_Phdr)];
	} library = {
		.header =
			{
				.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
					    ELFDATA2LSB, EV_CURRENT},
				.e_type = ET_EXEC,
				.e_machine = EM_X86_64,
				.e_version = EV_CURRENT,
				.e_phoff = sizeof(Elf64_Ehdr),
				.e_ehsize = sizeof(Elf64_Ehdr),
				.e_phentsize = sizeof(Elf64_Phdr),
				.e_phnum = 1,
			},
		.segment = {.p_type = PT_LOAD,
			    .p_flags = PF_R | PF_X,
			    .p_vaddr = 0x10000000,
			    .p_filesz = sizeof(library),
			    .p_memsz = sizeof(library),
			    .p_align = 4096},
	};
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	int r = fd < 0 || write(fd, &library, sizeof(library)) != sizeof(library) ? -1 : 0;

	if (fd >= 0)
		close(fd);
	return r;
}

static enum outcome make_library(int argc, char **argv)
{
	return write_library(argv[0]) < 0 ? not_tried(argv[0]) : DID;
}

/* Only programs of 32 bits have the call; it is made as they make it, with an address they can have. */
static enum outcome use_library(int argc, char **argv)
{
	static char path[4096];
	long r;

	snprintf(path, sizeof(path), "%s", argv[0]);
	if ((uintptr_t)path > UINT32_MAX)
		return not_tried("address");
	__asm__ volatile("int $0x80"
			 : "=a"(r)
			 : "a"(USELIB_32), "b"(path)
			 : "memory", "r8", "r9", "r10", "r11");
	errno = r < 0 ? -(int)r : 0;
	return r == -ENOSYS ? not_tried("uselib") : judge(r == 0);
}

const struct verb program_verbs[] = {
	{"exec", 1, exec_program, "PATH [ARG]..."},
	{"exec-descriptor", 1, exec_descriptor, "PATH|held"},
	{"exec-through", 1, exec_through, "PATH|held (/proc/self/fd)"},
	{"exec-memory", 0, exec_memory, ""},
	{"exec-unnamed", 1, exec_unnamed, "DIR (O_TMPFILE)"},
	{"exec-deleted", 1, exec_deleted, "PATH (removes it)"},
	{"become", 1, become_program, "PATH [ARG]... (for good)"},
	{"from-memory", 1, from_memory, "VERB..."},
	{"run", 1, run_program, "PATH [ARG]... (to its end)"},
	{"with-exe", 2, with_exe, "PATH VERB..."},
	{"make-library", 1, make_library, "PATH"},
	{"use-library", 1, use_library, "PATH (uselib)"},
	{NULL, 0, NULL, NULL},
};
