// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/ini_text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <ini.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

enum place {
	PLACE_START,   /* no header yet */
	PLACE_SECTION, /* below a header */
	PLACE_LOST,    /* what the items belong to is not known, and that has been said */
};

struct reader {
	const char *next;
	const char *end;
	const char *file;
	struct bl_diags *diags;
	const struct bl_ini_handler *handler;
	void *context;
	enum place place;
	unsigned line;
	unsigned indent; /* bytes in front of what inih was given of the line */
	const char *buffer;
	size_t buffer_len;
	int error;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static void report(struct reader *reader, const char *at, const char *message)
{
	bl_diags_add(reader->diags, BL_SEVERITY_ERROR, reader->file, reader->line,
		     reader->indent + (unsigned)(at - reader->buffer) + 1, "%s", message);
}

/*
 * inih looks for the end of a value in the same way: ';' begins a comment after white space only.
 */
static const char *find_comment(const char *text)
{
	for (const char *p = text; *p; p++) {
		if (*p == ';' && (p == text || is_blank(p[-1])))
			return p;
	}
	return text + strlen(text);
}

static void check_header(struct reader *reader, char *line)
{
	char *name = line + 1;
	char *end = strchr(name, ']');
	const char *rest;

	reader->place = PLACE_LOST;
	if (!end) {
		report(reader, name, "section header without ']': expected '[NAME]'");
		return;
	}
	for (rest = end + 1; is_blank(*rest); rest++)
		;
	if (*rest && !(*rest == ';' && rest > end + 1)) {
		report(reader, rest,
		       "text after a section header: only a comment may follow, a blank and ';'");
		return;
	}

	reader->place = PLACE_SECTION;
	*end = '\0';
	reader->error = reader->handler->section(
		reader->context, name,
		(struct bl_source){.line = reader->line, .column = reader->indent + 2});
	*end = ']';
}

/* Returns whether inih shall see the line. */
static bool check_item(struct reader *reader, const char *line)
{
	const char *end = find_comment(line);
	const char *delimiter = line + strcspn(line, "=:");

	if (reader->place == PLACE_LOST)
		return false;
	if (delimiter >= end) {
		report(reader, line, "expected 'key = value', a '[section]' or a comment");
		return false;
	}
	if (*delimiter == ':') {
		report(reader, delimiter, "expected '=' after the key, not ':'");
		return false;
	}
	if (delimiter == line) {
		report(reader, delimiter, "expected a key before '='");
		return false;
	}
	if (reader->place == PLACE_START) {
		report(reader, line, "a key before any section: expected a '[section]' first");
		reader->place = PLACE_LOST;
		return false;
	}
	return true;
}

static bool check_bytes(struct reader *reader, const char *line, size_t len)
{
	const char *nul = memchr(line, '\0', len);

	if (nul) {
		report(reader, nul, "NUL byte: expected text");
		return false;
	}
	if (len > BL_INI_LINE_MAX) {
		bl_diags_add(reader->diags, BL_SEVERITY_ERROR, reader->file, reader->line,
			     BL_INI_LINE_MAX + 1, "the line has %zu bytes: expected at most %d",
			     len, BL_INI_LINE_MAX);
		return false;
	}
	return true;
}

/* White space of inih that is no blank of ours would vanish from the ends of patterns unseen. */
static bool check_controls(struct reader *reader, const char *line)
{
	for (const char *p = line; *p; p++) {
		if (((unsigned char)*p < ' ' && *p != '\t') || *p == 0x7f) {
			bl_diags_add(reader->diags, BL_SEVERITY_ERROR, reader->file, reader->line,
				     reader->indent + (unsigned)(p - line) + 1,
				     "control character 0x%02x: in a pattern, '?' matches it",
				     (unsigned char)*p);
			return false;
		}
	}
	return true;
}

static void check_line(struct reader *reader, char *line)
{
	if (*line == ';' || *line == '#' || !*line || !check_controls(reader, line)) {
		*line = '\0';
		return;
	}
	if (*line == '[')
		check_header(reader, line);
	else if (check_item(reader, line))
		return;
	*line = '\0';
}

/*
 * One line without indentation and line end, or an empty one where there is nothing for inih to
 * see.
 */
static char *read_line(char *buffer, int size, void *stream)
{
	struct reader *reader = stream;
	const char *line = reader->next;
	const char *end;
	size_t len;

	if (reader->error || line >= reader->end)
		return NULL;

	end = memchr(line, '\n', (size_t)(reader->end - line));
	reader->next = end ? end + 1 : reader->end;
	if (!end)
		end = reader->end;
	if (end > line && end[-1] == '\r')
		end--;

	reader->line++;
	reader->buffer = line;
	reader->indent = 0;
	buffer[0] = '\0';
	if (!check_bytes(reader, line, (size_t)(end - line)))
		return buffer;

	for (; line < end && is_blank(*line); line++)
		reader->indent++;
	len = (size_t)(end - line);
	if (len >= (size_t)size) {
		reader->error = -EMSGSIZE;
		return NULL;
	}

	memcpy(buffer, line, len);
	buffer[len] = '\0';
	reader->buffer = buffer;
	reader->buffer_len = len;
	check_line(reader, buffer);
	return buffer;
}

static unsigned column_of(const struct reader *reader, const char *at)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)reader->buffer;

	return offset <= reader->buffer_len ? reader->indent + (unsigned)offset + 1 : 0;
}

static int handle_item(void *user, const char *section, const char *name, const char *value)
{
	struct reader *reader = user;
	struct bl_ini_item item = {
		.key = name,
		.value = value,
		.line = reader->line,
		.key_column = column_of(reader, name),
		.value_column = column_of(reader, value),
	};

	if (!reader->error)
		reader->error = reader->handler->item(reader->context, &item);
	return 1;
}

int bl_ini_read(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		const struct bl_ini_handler *handler, void *context)
{
	struct reader reader = {
		.next = text,
		.end = text + text_len,
		.file = file,
		.diags = diags,
		.handler = handler,
		.context = context,
	};
	int r;

	if (text_len >= strlen(BYTE_ORDER_MARK) &&
	    !memcmp(text, BYTE_ORDER_MARK, strlen(BYTE_ORDER_MARK)))
		reader.next += strlen(BYTE_ORDER_MARK);

	r = ini_parse_stream(read_line, &reader, handle_item, &reader);
	if (reader.error)
		return reader.error;
	if (r > 0)
		bl_diags_add(diags, BL_SEVERITY_ERROR, file, (unsigned)r, 0,
			     "expected 'key = value'");
	return r < 0 ? -ENOMEM : 0;
}
