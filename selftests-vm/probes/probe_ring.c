/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What io_uring does to files on behalf of a task. */
#include "probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SQPOLL_IDLE_MS 1000

struct ring {
	int fd;
	bool is_polled;
	unsigned *tail;
	unsigned *array;
	unsigned *head; /* of results */
	struct io_uring_sqe *operations;
	const struct io_uring_cqe *results;
	unsigned results_mask;
	unsigned count; /* operations done */
};

static struct ring made; /* by "ring-made", for "ring made" */

static int ring_open(bool is_polled, struct ring *ret)
{
	struct io_uring_params params = {.flags = is_polled ? IORING_SETUP_SQPOLL : 0,
					 .sq_thread_idle = SQPOLL_IDLE_MS};
	struct ring ring = {.fd = syscall(SYS_io_uring_setup, 1, &params), .is_polled = is_polled};
	char *queues;

	if (ring.fd < 0 || !(params.features & IORING_FEAT_SINGLE_MMAP))
		return -1;
	queues = mmap(NULL, params.cq_off.cqes + params.cq_entries * sizeof(*ring.results),
		      PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
		      IORING_OFF_SQ_RING);
	ring.operations = mmap(NULL, sizeof(*ring.operations), PROT_READ | PROT_WRITE,
			       MAP_SHARED | MAP_POPULATE, ring.fd, IORING_OFF_SQES);
	if (queues == MAP_FAILED || ring.operations == MAP_FAILED)
		return -1;
	ring.tail = (void *)(queues + params.sq_off.tail);
	ring.array = (void *)(queues + params.sq_off.array);
	ring.head = (void *)(queues + params.cq_off.head);
	ring.results_mask = params.cq_entries - 1;
	ring.results = (const void *)(queues + params.cq_off.cqes);
	*ret = ring;
	return 0;
}

/* Does one operation. Returns its result, -ENOSYS if there is no ring. */
static int ring_submit(struct ring *ring, const struct io_uring_sqe *operation)
{
	unsigned flags = IORING_ENTER_GETEVENTS | (ring->is_polled ? IORING_ENTER_SQ_WAKEUP : 0);

	ring->operations[0] = *operation;
	ring->array[0] = 0;
	__atomic_store_n(ring->tail, ring->count + 1, __ATOMIC_SEQ_CST);
	if (syscall(SYS_io_uring_enter, ring->fd, 1, 1, flags, NULL, 0) != 1)
		return -ENOSYS;
	__atomic_store_n(ring->head, ring->count + 1, __ATOMIC_SEQ_CST);
	return ring->results[ring->count++ & ring->results_mask].res;
}

static enum outcome judge_ring(int r)
{
	errno = r < 0 ? -r : 0;
	return r == -ENOSYS ? not_tried("io_uring") : judge(r >= 0);
}

enum outcome try_ring(const struct io_uring_sqe *operation)
{
	struct ring ring;

	return ring_open(false, &ring) < 0 ? not_tried("io_uring")
					   : judge_ring(ring_submit(&ring, operation));
}

/* VERB PATH [PATH]: the operation. Returns false when there is no such. */
static bool name_operation(int argc, char **argv, struct io_uring_sqe *ret)
{
	static const struct {
		const char *name;
		int paths;
		struct io_uring_sqe operation;
	} known[] = {
		{"open-read", 1, {.opcode = IORING_OP_OPENAT, .open_flags = O_RDONLY | O_CLOEXEC}},
		{"open-write", 1, {.opcode = IORING_OP_OPENAT, .open_flags = O_WRONLY | O_CLOEXEC}},
		{"open-new",
		 1,
		 {.opcode = IORING_OP_OPENAT,
		  .open_flags = O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC}},
		{"rename", 2, {.opcode = IORING_OP_RENAMEAT, .len = (unsigned)AT_FDCWD}},
		{"unlink", 1, {.opcode = IORING_OP_UNLINKAT}},
		{"rmdir", 1, {.opcode = IORING_OP_UNLINKAT, .unlink_flags = AT_REMOVEDIR}},
		{"mkdir", 1, {.opcode = IORING_OP_MKDIRAT, .len = 0755}},
		{"link", 2, {.opcode = IORING_OP_LINKAT, .len = (unsigned)AT_FDCWD}},
		{"status", 1, {.opcode = IORING_OP_STATX}},
	};
	static char status[256];

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (strcmp(known[i].name, argv[0]) != 0 || argc - 1 != known[i].paths)
			continue;
		*ret = known[i].operation;
		ret->fd = AT_FDCWD;
		ret->addr = (uintptr_t)argv[1];
		if (argc == 3)
			ret->addr2 = (uintptr_t)argv[2];
		if (ret->opcode == IORING_OP_STATX)
			ret->addr2 = (uintptr_t)status;
		return true;
	}
	if (!strcmp(argv[0], "symlink") && argc == 2) {
		*ret = (struct io_uring_sqe){.opcode = IORING_OP_SYMLINKAT,
					     .fd = AT_FDCWD,
					     .addr = (uintptr_t) "target",
					     .addr2 = (uintptr_t)argv[1]};
		return true;
	}
	if (!strcmp(argv[0], "set-attribute") && argc == 3) {
		*ret = (struct io_uring_sqe){.opcode = IORING_OP_SETXATTR,
					     .addr = (uintptr_t)argv[2],
					     .addr2 = (uintptr_t) "value",
					     .len = strlen("value"),
					     .addr3 = (uintptr_t)argv[1]};
		if (is_held(argv[1])) {
			ret->opcode = IORING_OP_FSETXATTR;
			ret->fd = HELD;
			ret->addr3 = 0;
		}
		return true;
	}
	return false;
}

/* ring HOW VERB PATH [PATH] */
static enum outcome ring(int argc, char **argv)
{
	struct io_uring_sqe operation;
	struct ring ring = made;
	bool is_made = strcmp(argv[0], "made") == 0;

	errno = EINVAL;
	if (!name_operation(argc - 1, argv + 1, &operation) || (is_made && !ring.operations))
		return not_tried(argv[1]);
	if (!is_made && ring_open(strcmp(argv[0], "polled") == 0, &ring) < 0)
		return not_tried("io_uring");
	if (!strcmp(argv[0], "worker"))
		operation.flags |= IOSQE_ASYNC;
	if (!strcmp(argv[0], "personality") || is_made) {
		int id = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL,
				 0);

		if (id < 0)
			return not_tried("personality");
		operation.personality = id;
	}
	return judge_ring(ring_submit(&ring, &operation));
}

/*
 * ring-worker PATH PATH: sets an attribute of the first in a thread of the kernel's, which keeps it for more work, and then
 * of the second in that thread with credentials that were put aside before.
 */
static enum outcome ring_worker(int argc, char **argv)
{
	char *first[] = {"set-attribute", argv[0], "trusted.name"};
	char *second[] = {"set-attribute", argv[1], "trusted.name"};
	struct io_uring_sqe operation;
	struct ring ring;
	int id;

	if (ring_open(false, &ring) < 0)
		return not_tried("io_uring");
	id = syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0);
	/* Credentials that say the same, and are others to the kernel. */
	if (id < 0 || prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return not_tried("personality");
	if (!name_operation(3, first, &operation) || ring_submit(&ring, &operation) < 0)
		return not_tried(argv[0]);
	if (!name_operation(3, second, &operation))
		return not_tried(argv[1]);
	operation.personality = id;
	return judge_ring(ring_submit(&ring, &operation));
}

/* ring-made here|polled VERB...: with a ring that was made here and now. */
static enum outcome ring_made(int argc, char **argv)
{
	if (ring_open(strcmp(argv[0], "polled") == 0, &made) < 0)
		return not_tried("io_uring");
	return run_verb(argc - 1, argv + 1);
}

const struct verb ring_verbs[] = {
	{"ring", 3, ring,
	 "here|worker|polled|personality|made "
	 "open-read|open-write|open-new|rename|unlink|rmdir|mkdir|symlink|link|status|set-attribute "
	 "PATH..."},
	{"ring-worker", 2, ring_worker, "PATH PATH"},
	{"ring-made", 2, ring_made, "here|polled VERB..."},
	{NULL, 0, NULL, NULL},
};
