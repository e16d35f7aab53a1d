// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/log.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/util.h"

static char heard[16384];

/* What went to stderr while the caller's statements ran; begin and end around them. */
static int saved_stderr;
static int file;

static void begin(void)
{
	fflush(stderr);
	saved_stderr = dup(STDERR_FILENO);
	file = memfd_create("stderr", MFD_CLOEXEC);
	assert_true(saved_stderr >= 0 && file >= 0);
	assert_true(dup2(file, STDERR_FILENO) >= 0);
}

static const char *end(void)
{
	ssize_t len;

	dup2(saved_stderr, STDERR_FILENO);
	close(saved_stderr);
	len = pread(file, heard, sizeof(heard) - 1, 0);
	assert_true(len >= 0);
	heard[len] = '\0';
	close(file);
	return heard;
}

static void test_levels_have_names(void **state)
{
	enum bl_log_level level = BL_LOG_DEBUG;

	assert_true(bl_log_parse_level("error", &level));
	assert_int_equal(level, BL_LOG_ERROR);
	assert_true(bl_log_parse_level("debug", &level));
	assert_int_equal(level, BL_LOG_DEBUG);
	assert_false(bl_log_parse_level("Debug", &level));
	assert_false(bl_log_parse_level("", &level));
	assert_int_equal(level, BL_LOG_DEBUG);
}

static void test_messages_above_the_level_are_dropped(void **state)
{
	begin();
	bl_log_set_level(BL_LOG_WARNING);
	bl_log(BL_LOG_INFO, "policy", "quiet");
	bl_log(BL_LOG_WARNING, "policy", "%d said", 2);
	bl_log_set_level(BL_LOG_INFO);
	assert_string_equal(end(), "bailiff: policy: 2 said\n");
}

static void test_quoted_bytes_cannot_make_lines(void **state)
{
	begin();
	bl_log(BL_LOG_ERROR, "policy", "'%s'", "a\nbailiff: b\x1b[2J");
	assert_string_equal(end(), "bailiff: policy: 'a\\x0abailiff: b\\x1b[2J'\n");
}

static void test_long_messages_are_cut(void **state)
{
	static char text[10000];
	const char *line;

	for (unsigned control = 0; control < 2; control++) {
		memset(text, control ? '\n' : 'x', sizeof(text) - 1);
		begin();
		bl_log(BL_LOG_ERROR, "policy", "%s", text);
		line = end();
		assert_in_range(strlen(line), 6000, 6300);
		assert_string_equal(line + strlen(line) - 4, "...\n");
	}
}

/* systemd.exec(5): the stream is the journal's when JOURNAL_STREAM names it. */
static void test_journal_is_told_the_priority(void **state)
{
	struct stat st;
	char stream[64];

	begin();
	assert_int_equal(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	bl_log(BL_LOG_ERROR, "policy", "e");
	bl_log(BL_LOG_INFO, "policy", "i");
	setenv("JOURNAL_STREAM", "1:1", 1);
	bl_log(BL_LOG_INFO, "policy", "elsewhere");
	unsetenv("JOURNAL_STREAM");
	assert_string_equal(end(), "<3>policy: e\n<6>policy: i\nbailiff: policy: elsewhere\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_levels_have_names),
		cmocka_unit_test(test_messages_above_the_level_are_dropped),
		cmocka_unit_test(test_quoted_bytes_cannot_make_lines),
		cmocka_unit_test(test_long_messages_are_cut),
		cmocka_unit_test(test_journal_is_told_the_priority),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
