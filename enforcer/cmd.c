// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/cmd.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/escape.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

enum bl_exit bl_cmd_usage(const char *verb, const char *format, ...)
{
	const char *blank = *verb ? " " : "";
	va_list arguments;

	fprintf(stderr, "bailiff%s%s: ", blank, verb);
	va_start(arguments, format);
	vfprintf(stderr, format, arguments);
	va_end(arguments);
	fprintf(stderr, "\nTry 'bailiff help%s%s'.\n", blank, verb);
	return BL_EXIT_USAGE;
}

enum bl_exit bl_cmd_option(char **argv, int option)
{
	if (option == ':')
		return bl_cmd_usage(argv[0], "'%s' needs a value", argv[optind - 1]);
	return bl_cmd_usage(argv[0], "unknown option '%s'", argv[optind - 1]);
}

enum bl_exit bl_cmd_out_of_memory(const char *verb)
{
	fprintf(stderr, "bailiff %s: out of memory\n", verb);
	return BL_EXIT_INTERNAL;
}

const struct bl_verb *bl_cmd_find(const char *name)
{
	for (size_t i = 0; i < bl_verbs_count; i++) {
		if (!strcmp(bl_verbs[i].name, name))
			return &bl_verbs[i];
	}
	return NULL;
}

void bl_cmd_print_help(const struct bl_verb *verb)
{
	printf("Usage: bailiff %s%s%s\n\n%s.\n\n%s", verb->name, *verb->synopsis ? " " : "",
	       verb->synopsis, verb->summary, verb->details);
}

/* --- diagnostics --- */

/* The text of the file that was quoted last. */
struct quoted {
	const char *file;
	char *text;
	size_t len;
};

/* A copy of the line, safe for a terminal; tabs stay tabs. NULL: it cannot be had. */
static char *copy_line(const struct quoted *quoted, unsigned line)
{
	const char *p = quoted->text;
	const char *end = p + quoted->len;
	const char *stop;
	char *copy;

	for (unsigned i = 1; i < line && p; i++) {
		p = memchr(p, '\n', (size_t)(end - p));
		p = p ? p + 1 : NULL;
	}
	if (!p || p >= end)
		return NULL;

	stop = memchr(p, '\n', (size_t)(end - p));
	if (!stop)
		stop = end;
	if (stop > p && stop[-1] == '\r')
		stop--;
	copy = strndup(p, (size_t)(stop - p));
	for (char *c = copy; c && *c; c++) {
		if (((unsigned char)*c < ' ' && *c != '\t') || (unsigned char)*c >= 0x7f)
			*c = '?';
	}
	return copy;
}

/* Under the column, however wide the terminal's tabs are. */
static void print_caret(const char *line, unsigned column)
{
	fputs("  ", stderr);
	for (unsigned i = 1; i < column && line[i - 1]; i++)
		fputc(line[i - 1] == '\t' ? '\t' : ' ', stderr);
	fputs("^\n", stderr);
}

/* A file that cannot be read again is not worth a word: the diagnostic has been printed. */
static void quote_line(struct quoted *quoted, const struct bl_diag *diag)
{
	bl_cleanup_free char *line = NULL;

	if (!diag->line || !diag->column)
		return;
	if (!quoted->file || strcmp(quoted->file, diag->file) != 0) {
		free(quoted->text);
		*quoted = (struct quoted){.file = diag->file};
		if (bl_read_file(diag->file, BL_POLICY_BYTES_MAX, &quoted->text, &quoted->len) < 0)
			quoted->text = NULL;
	}
	if (!quoted->text)
		return;

	line = copy_line(quoted, diag->line);
	if (!line || strlen(line) > 400)
		return;
	fprintf(stderr, "  %s\n", line);
	print_caret(line, diag->column);
}

static void print_diag(const struct bl_diag *diag, struct quoted *quoted)
{
	static const char *const severities[] = {
		[BL_SEVERITY_WARNING] = "warning",
		[BL_SEVERITY_ERROR] = "error",
	};
	bl_cleanup_free char *file = bl_escape_controls(diag->file);
	bl_cleanup_free char *message = bl_escape_controls(diag->message);

	fprintf(stderr, "%s:", file ? file : "?");
	if (diag->line)
		fprintf(stderr, "%u:", diag->line);
	if (diag->line && diag->column)
		fprintf(stderr, "%u:", diag->column);
	fprintf(stderr, " %s: %s\n", severities[diag->severity],
		message ? message : "out of memory");
	quote_line(quoted, diag);
}

struct ranked {
	const struct bl_diag *diag;
	size_t file; /* rank of the file: index of its first diagnostic */
	size_t index;
};

static int compare(size_t a, size_t b)
{
	return (a > b) - (a < b);
}

static int compare_ranked(const void *a_pointer, const void *b_pointer)
{
	const struct ranked *a = a_pointer;
	const struct ranked *b = b_pointer;
	int r = compare(a->file, b->file);

	if (!r)
		r = compare(a->diag->line, b->diag->line);
	if (!r)
		r = compare(a->diag->column, b->diag->column);
	return r ? r : compare(a->index, b->index);
}

/* Diagnostics of one file mostly stand together, so the search for its first one is short. */
static size_t rank_file(const struct ranked *ranked, size_t index)
{
	const char *file = ranked[index].diag->file;
	size_t i = index;

	if (index && !strcmp(ranked[index - 1].diag->file, file))
		return ranked[index - 1].file;
	for (i = 0; strcmp(ranked[i].diag->file, file) != 0; i++)
		;
	return i == index ? index : ranked[i].file;
}

void bl_cmd_print_diags(const struct bl_diags *diags)
{
	bl_cleanup_free struct ranked *ranked =
		calloc(diags->count ? diags->count : 1, sizeof(*ranked));
	struct quoted quoted = {0};

	if (diags->errors && !diags->count)
		fputs("bailiff: out of memory\n", stderr);

	for (size_t i = 0; ranked && i < diags->count; i++) {
		ranked[i].diag = &diags->items[i];
		ranked[i].index = i;
		ranked[i].file = rank_file(ranked, i);
	}
	if (ranked)
		qsort(ranked, diags->count, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < diags->count; i++)
		print_diag(ranked ? ranked[i].diag : &diags->items[i], &quoted);
	free(quoted.text);
}
