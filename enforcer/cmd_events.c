// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforcer/cmd.h"
#include "enforcer/config.h"
#include "enforcer/escape.h"
#include "enforcer/event_text.h"
#include "enforcer/json.h"
#include "enforcer/log.h"
#include "enforcer/util.h"

/* No record is as long: a path of 4096 bytes, each escaped, three times over, is not. */
#define LINE_MAX_BYTES (1u << 20)

static const struct option long_options[] = {
	{"follow", no_argument, NULL, 'f'},
	{"json", no_argument, NULL, 'j'},
	{"file", required_argument, NULL, 'F'},
	{"config", required_argument, NULL, 'c'},
	{NULL, 0, NULL, 0},
};

struct reader {
	int fd; /* -1: there is no file yet */
	bool is_json;
	bool is_colored;
	char line[LINE_MAX_BYTES];
	size_t len;
	bool is_skipping; /* the rest of a line that was too long */
};

static int print_line(const struct reader *reader, const char *line, size_t len)
{
	bl_cleanup_json struct json_object *record = NULL;
	bl_cleanup_free char *text = NULL;
	struct json_tokener *tokener;

	if (reader->is_json) {
		fwrite(line, 1, len, stdout);
		fputc('\n', stdout);
		return 0;
	}
	tokener = json_tokener_new();
	if (!tokener)
		return -ENOMEM;
	record = json_tokener_parse_ex(tokener, line, (int)len);
	json_tokener_free(tokener);
	if (json_object_is_type(record, json_type_object))
		text = bl_event_text(record, reader->is_colored);
	else
		text = bl_escape(line, len); /* not one of ours; shown all the same */
	if (!text)
		return -ENOMEM;
	puts(text);
	return 0;
}

/* Prints the whole lines of what is held; keeps the rest. */
static int print_lines(struct reader *reader)
{
	char *start = reader->line;
	char *end;

	while ((end = memchr(start, '\n', reader->len - (size_t)(start - reader->line)))) {
		if (!reader->is_skipping && end > start) {
			int r = print_line(reader, start, (size_t)(end - start));

			if (r < 0)
				return r;
		}
		reader->is_skipping = false;
		start = end + 1;
	}
	reader->len -= (size_t)(start - reader->line);
	memmove(reader->line, start, reader->len);
	if (reader->len == sizeof(reader->line)) {
		bl_log(BL_LOG_WARNING, "events",
		       "a line of more than %u bytes is no record; ignoring", LINE_MAX_BYTES);
		reader->is_skipping = true;
		reader->len = 0;
	}
	return 0;
}

static int read_to_end(struct reader *reader)
{
	for (;;) {
		ssize_t n = read(reader->fd, reader->line + reader->len,
				 sizeof(reader->line) - reader->len);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		reader->len += (size_t)n;
		r = print_lines(reader);
		if (r < 0)
			return r;
	}
	return fflush(stdout) != 0 ? -errno : 0;
}

/* The file may have been rotated (another one has its name) or cut (copytruncate). */
static int follow_file(struct reader *reader, const char *path)
{
	struct stat here;
	struct stat named;
	off_t offset;
	int fd;
	int r;

	if (reader->fd >= 0) {
		if (fstat(reader->fd, &here) < 0)
			return -errno;
		offset = lseek(reader->fd, 0, SEEK_CUR);
		if (offset > here.st_size) {
			reader->len = 0;
			if (lseek(reader->fd, 0, SEEK_SET) < 0)
				return -errno;
		}
		r = read_to_end(reader);
		if (r < 0)
			return r;
		if (stat(path, &named) < 0 ||
		    (named.st_dev == here.st_dev && named.st_ino == here.st_ino))
			return 0;
	}

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	if (reader->fd >= 0)
		close(reader->fd);
	reader->fd = fd;
	reader->len = 0;
	return read_to_end(reader);
}

/* Everything that happens to the file happens in its directory; waits for the next of it. */
static int wait_for_change(int watch)
{
	char changes[sizeof(struct inotify_event) + NAME_MAX + 1]
		__attribute__((aligned(__alignof__(struct inotify_event))));

	while (read(watch, changes, sizeof(changes)) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int watch_directory(const char *path)
{
	bl_cleanup_free char *copy = strdup(path);
	bl_cleanup_close int watch = inotify_init1(IN_CLOEXEC);

	if (!copy)
		return -ENOMEM;
	if (watch < 0 ||
	    inotify_add_watch(watch, dirname(copy), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
		return -errno;
	return TAKE_FD(watch);
}

static int follow(struct reader *reader, const char *path)
{
	bl_cleanup_close int watch =
		watch_directory(path); /* first: what comes while reading is not missed */
	int r;

	if (watch < 0)
		return watch;
	do {
		r = follow_file(reader, path);
		if (r == 0)
			r = wait_for_change(watch);
	} while (r == 0);
	return r;
}

static enum bl_exit print_events(const char *path, bool is_json, bool is_following)
{
	static struct reader reader;
	bool is_stdin = strcmp(path, "-") == 0;
	int r;

	reader.is_json = is_json;
	reader.is_colored = isatty(STDOUT_FILENO);
	if (is_following && !is_stdin) {
		reader.fd = -1;
		r = follow(&reader, path);
	} else {
		reader.fd = is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
		r = reader.fd < 0 ? -errno : read_to_end(&reader);
	}
	/*
	 * A last line without newline is half a record if somebody is writing, and a whole one
	 * otherwise.
	 */
	if (r == 0 && reader.len > 0 && !reader.is_skipping)
		r = print_line(&reader, reader.line, reader.len);
	if (reader.fd > STDIN_FILENO)
		close(reader.fd);
	if (r < 0) {
		bl_log(BL_LOG_ERROR, "events", "'%s' cannot be read: %s", path, strerror(-r));
		return BL_EXIT_INTERNAL;
	}
	return BL_EXIT_OK;
}

enum bl_exit bl_cmd_events(int argc, char **argv)
{
	bl_cleanup(bl_config_fini) struct bl_config config = {0};
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	const char *config_file = NULL;
	const char *file = NULL;
	bool is_json = false;
	bool is_following = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "+:f", long_options, NULL)) >= 0) {
		switch (option) {
		case 'f':
			is_following = true;
			break;
		case 'j':
			is_json = true;
			break;
		case 'F':
			file = optarg;
			break;
		case 'c':
			config_file = optarg;
			break;
		default:
			return bl_cmd_option(argv, option);
		}
	}
	if (optind < argc)
		return bl_cmd_usage("events", "unexpected argument '%s'", argv[optind]);

	if (!file) {
		int r = bl_config_load(config_file, &diags, &config);

		bl_cmd_print_diags(&diags);
		if (r < 0)
			return diags.errors > 0 ? BL_EXIT_DENIED : bl_cmd_out_of_memory("events");
		file = config.events_file;
		if (!file)
			return bl_cmd_usage(
				"events",
				"the configuration names no file of records; name one: --file");
	}
	return print_events(file, is_json, is_following);
}
