/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

/*
 * What the parts of the probe share. A verb tries one thing and says in an outcome what came of it; each part
 * has a table of verbs, which ends with one that has no name. Some verbs change where or when the verb after
 * them is tried, and nest.
 */
#include <stdbool.h>
#include <sys/types.h>

#include <linux/io_uring.h>

enum outcome {
	DID = 0,       /* did it */
	DENIED = 1,    /* denied with EPERM */
	NOT_TRIED = 2, /* wrong usage, or something before the attempt did not work */
	OTHERWISE = 3, /* tried, and it failed in another way */
	OUTCOME_COUNT,
};

struct verb {
	const char *name;
	int args_min;
	enum outcome (*run)(int argc, char **argv); /* argv[0] is the first argument */
	const char *usage;
};

extern const struct verb file_verbs[];
extern const struct verb program_verbs[];
extern const struct verb memory_verbs[];
extern const struct verb ring_verbs[];
extern const struct verb mount_verbs[];
extern const struct verb socket_verbs[];
extern const struct verb network_verbs[];
extern const struct verb pass_verbs[];
extern const struct verb place_verbs[];
extern const struct verb bpf_verbs[];
extern const struct verb process_verbs[];
extern const struct verb privilege_verbs[];
extern const struct verb capability_verbs[];
extern const struct verb control_verbs[];

/* The descriptor that "holding" opened, for verbs that are given "held" as their path. It survives exec. */
#define HELD 100
bool is_held(const char *path);

extern bool is_quiet; /* nothing is said */
extern int judged_error; /* of what was judged last, and not done */

enum outcome run_verb(int argc, char **argv);
__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
enum outcome not_tried(const char *what);
enum outcome judge(bool did_it); /* by errno */

/* The exit code of a child that tried something. */
enum outcome wait_for_outcome(pid_t child);
int touch(const char *path);

/* Does one operation through a ring. */
enum outcome try_ring(const struct io_uring_sqe *operation);
