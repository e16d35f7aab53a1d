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
#include "probe.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool is_quiet;
int judged_error;

static const struct verb *const tables[] = {
	file_verbs,    program_verbs, memory_verbs,    ring_verbs,       mount_verbs,
	socket_verbs,  network_verbs, pass_verbs,      place_verbs,      bpf_verbs,
	control_verbs, process_verbs, privilege_verbs, capability_verbs,
};

void say(const char *format, ...)
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

enum outcome not_tried(const char *what)
{
	say("could not try: %s: %s", what, strerrorname_np(errno));
	return NOT_TRIED;
}

enum outcome judge(bool did_it)
{
	if (did_it)
		return DID;
	judged_error = errno;
	if (errno == EPERM)
		return DENIED;
	say("failed otherwise: %s", strerrorname_np(errno));
	return OTHERWISE;
}

bool is_held(const char *path)
{
	return strcmp(path, "held") == 0;
}

static const struct verb *find_verb(const char *name)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (const struct verb *verb = tables[i]; verb->name; verb++) {
			if (strcmp(verb->name, name) == 0)
				return verb;
		}
	}
	return NULL;
}

enum outcome run_verb(int argc, char **argv)
{
	const struct verb *verb = argc > 0 ? find_verb(argv[0]) : NULL;

	if (verb && argc - 1 >= verb->args_min)
		return verb->run(argc - 1, argv + 1);
	say("could not try: usage: probe %s %s", verb ? verb->name : "VERB",
	    verb ? verb->usage : "");
	return NOT_TRIED;
}

static void print_usage(void)
{
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		for (const struct verb *verb = tables[i]; verb->name; verb++)
			printf("probe %s %s\n", verb->name, verb->usage);
	}
}

int main(int argc, char **argv)
{
	enum outcome outcome;

	if (strcmp(basename(argv[0]), "probe") != 0)
		return 0;
	if (argc < 2) {
		print_usage();
		return NOT_TRIED;
	}
	outcome = run_verb(argc - 1, argv + 1);
	return fflush(stdout) == 0 ? (int)outcome : NOT_TRIED;
}
