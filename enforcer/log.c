// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/libbpf.h>

#include "enforcer/util.h"

/*
 * A diagnostic names a path (4096) and quotes a line; whatever is longer than this ends in "...".
 */
#define MESSAGE_MAX 6144

static enum bl_log_level current_level = BL_LOG_INFO;

static const struct {
	const char *name;
	const char *prefix; /* sd-daemon(3): the priority journald takes off the line */
} levels[] = {
	[BL_LOG_ERROR] = {"error", "<3>"},
	[BL_LOG_WARNING] = {"warning", "<4>"},
	[BL_LOG_INFO] = {"info", "<6>"},
	[BL_LOG_DEBUG] = {"debug", "<7>"},
};
_Static_assert(BL_ARRAY_LEN(levels) == BL_LOG_DEBUG + 1, "log: a name for each level");

void bl_log_set_level(enum bl_log_level level)
{
	current_level = level;
}

bool bl_log_parse_level(const char *name, enum bl_log_level *ret_level)
{
	for (size_t i = 0; i < BL_ARRAY_LEN(levels); i++) {
		if (strcmp(name, levels[i].name) != 0)
			continue;
		*ret_level = (enum bl_log_level)i;
		return true;
	}
	return false;
}

/*
 * systemd.exec(5): JOURNAL_STREAM names the device and inode of the stream the service was given.
 */
static bool is_stderr_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device;
	unsigned long long inode;
	struct stat st;

	if (!stream || sscanf(stream, "%llu:%llu", &device, &inode) != 2)
		return false;
	return fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/*
 * Messages quote names that confined tasks chose: none of them may begin a line or move a cursor.
 */
static size_t append_escaped(char *line, size_t used, size_t size, const char *text)
{
	for (; *text; text++) {
		unsigned char byte = (unsigned char)*text;

		if (used + sizeof("\\xff...\n") > size) {
			memcpy(line + used, "...", 3);
			return used + 3;
		}
		if (byte < 0x20 || byte == 0x7f)
			used += (size_t)sprintf(line + used, "\\x%02x", byte);
		else
			line[used++] = (char)byte;
	}
	return used;
}

static void __attribute__((format(printf, 3, 0)))
log_va(enum bl_log_level level, const char *subsystem, const char *format, va_list args)
{
	int saved_errno = errno;
	char text[MESSAGE_MAX];
	char line[MESSAGE_MAX + 64];
	size_t used = 0;

	if (vsnprintf(text, sizeof(text), format, args) >= (int)sizeof(text))
		memcpy(text + sizeof(text) - 4, "...", 4);
	if (is_stderr_journal())
		used = append_escaped(line, used, sizeof(line), levels[level].prefix);
	else
		used = append_escaped(line, used, sizeof(line), "bailiff: ");
	used = append_escaped(line, used, sizeof(line), subsystem);
	used = append_escaped(line, used, sizeof(line), ": ");
	used = append_escaped(line, used, sizeof(line), text);
	line[used++] = '\n';

	for (size_t done = 0; done < used;) {
		ssize_t n = write(STDERR_FILENO, line + done, used - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break; /* there is nobody left to tell */
		done += (size_t)n;
	}
	errno = saved_errno;
}

void bl_log(enum bl_log_level level, const char *subsystem, const char *format, ...)
{
	va_list args;

	if (level > current_level)
		return;

	va_start(args, format);
	log_va(level, subsystem, format, args);
	va_end(args);
}

static int __attribute__((format(printf, 2, 0)))
log_libbpf(enum libbpf_print_level libbpf_level, const char *format, va_list args)
{
	enum bl_log_level level = BL_LOG_DEBUG;
	bl_cleanup_free char *text = NULL;
	size_t len;

	switch (libbpf_level) {
	case LIBBPF_WARN:
		level = BL_LOG_WARNING;
		break;
	case LIBBPF_INFO:
	case LIBBPF_DEBUG:
		level = BL_LOG_DEBUG;
		break;
	}
	if (level > current_level)
		return 0;

	if (vasprintf(&text, format, args) < 0) {
		text = NULL;
		return 0;
	}
	/* libbpf hands over whole verifier logs, each line of which is worth reading. */
	for (char *rest = text, *part; (part = strsep(&rest, "\n"));) {
		len = strlen(part);
		if (len > 0)
			bl_log(level, "libbpf", "%s", part);
	}
	return 0;
}

void bl_log_capture_libbpf(void)
{
	libbpf_set_print(log_libbpf);
}
