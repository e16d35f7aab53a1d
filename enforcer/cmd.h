/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The verbs of the command line: one row of the table in main.c and one cmd_*.c each, and what they
 * share. A verb gets its name as argv[0] and the words behind it. It alone prints and logs; what it
 * calls returns errors.
 */
#pragma once

#include <stddef.h>

#include "enforcer/exit.h"
#include "enforcer/policy.h"

struct bl_verb {
	const char *name;
	const char *synopsis; /* what follows the name */
	const char *summary;  /* one line */
	const char *details;  /* lines of help: arguments, options, exit codes */
	enum bl_exit (*run)(int argc, char **argv);
};

extern const struct bl_verb bl_verbs[];
extern const size_t bl_verbs_count;

enum bl_exit bl_cmd_check(int argc, char **argv);
enum bl_exit bl_cmd_confirm(int argc, char **argv);
enum bl_exit bl_cmd_daemon(int argc, char **argv);
enum bl_exit bl_cmd_events(int argc, char **argv);
enum bl_exit bl_cmd_explain(int argc, char **argv);
enum bl_exit bl_cmd_help(int argc, char **argv);
enum bl_exit bl_cmd_probe(int argc, char **argv);
enum bl_exit bl_cmd_ps(int argc, char **argv);
enum bl_exit bl_cmd_reload(int argc, char **argv);
enum bl_exit bl_cmd_run(int argc, char **argv);
enum bl_exit bl_cmd_seal(int argc, char **argv);
enum bl_exit bl_cmd_status(int argc, char **argv);
enum bl_exit bl_cmd_test(int argc, char **argv);
enum bl_exit bl_cmd_unload(int argc, char **argv);
enum bl_exit bl_cmd_unseal(int argc, char **argv);

/*
 * Says on stderr what is wrong with the verb's arguments and where its help is. verb is "" when
 * there is none. Returns BL_EXIT_USAGE.
 */
enum bl_exit bl_cmd_usage(const char *verb, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * The same for what getopt_long() returned that is none of the verb's options; argv[0] is the verb.
 */
enum bl_exit bl_cmd_option(char **argv, int option);

/* Says on stderr that memory ran out. Returns BL_EXIT_INTERNAL. */
enum bl_exit bl_cmd_out_of_memory(const char *verb);

/*
 * On stderr, like a compiler: "FILE:LINE:COLUMN: error: MESSAGE", the line and a caret. In the
 * order the files were read, and by line and column in each.
 */
void bl_cmd_print_diags(const struct bl_diags *diags);

/* The verb's help to stdout. */
void bl_cmd_print_help(const struct bl_verb *verb);

/* NULL if there is none of that name. */
const struct bl_verb *bl_cmd_find(const char *name);
