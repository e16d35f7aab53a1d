// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "enforcer/read_file.h"
#include "enforcer/util.h"
#include "tests/unit/scratch.h"

static int set_up(void **state)
{
	static struct scratch scratch;

	*state = &scratch;
	return scratch_make(&scratch, "events.jsonl");
}

static int tear_down(void **state)
{
	scratch_remove(*state);
	return 0;
}

static void assert_content(const char *path, const char *expected)
{
	bl_cleanup_free char *text = NULL;
	size_t len;

	assert_int_equal(bl_read_file(path, 1 << 20, &text, &len), 0);
	assert_string_equal(text, expected);
}

static int put(struct bl_sink *sink, const char *line)
{
	return bl_sink_write(sink, line, strlen(line));
}

static void test_lines_are_appended(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	struct stat st;

	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "a\n"), 0);
	bl_sink_free(sink);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "b\n"), 0);
	assert_int_equal(bl_sink_flush(sink), 0);
	assert_int_equal(sink->written, 1);
	bl_sink_free(sink);
	assert_content(scratch->path, "a\nb\n");
	assert_int_equal(stat(scratch->path, &st), 0);
	assert_int_equal(st.st_mode & 0137, 0);
}

static void test_after_rotation_the_file_is_made_again(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	char rotated[192];

	snprintf(rotated, sizeof(rotated), "%s.1", scratch->path);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "a\n"), 0);
	assert_int_equal(rename(scratch->path, rotated), 0);
	assert_int_equal(put(sink, "b\n"), 0);
	assert_int_equal(bl_sink_reopen(sink), 0);
	assert_int_equal(put(sink, "c\n"), 0);
	bl_sink_free(sink);
	assert_content(rotated, "a\nb\n");
	assert_content(scratch->path, "c\n");
}

static void test_reopen_that_cannot_be_keeps_the_old_file(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	char rotated[192];

	snprintf(rotated, sizeof(rotated), "%s.1", scratch->path);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(rename(scratch->path, rotated), 0);
	assert_int_equal(mkdir(scratch->path, 0700), 0);
	assert_true(bl_sink_reopen(sink) < 0);
	assert_int_equal(put(sink, "a\n"), 0);
	bl_sink_free(sink);
	assert_content(rotated, "a\n");
}

static void test_only_regular_files_are_written(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	char target[192];

	assert_int_equal(mkfifo(scratch->path, 0600), 0);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_true(sink->error < 0);
	assert_true(put(sink, "a\n") < 0); /* and did not wait for a reader */
	bl_sink_free(sink);

	snprintf(target, sizeof(target), "%s/elsewhere", scratch->dir);
	assert_int_equal(unlink(scratch->path), 0);
	assert_int_equal(symlink(target, scratch->path), 0);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "a\n"), -ELOOP);
	bl_sink_free(sink);
	assert_int_equal(access(target, F_OK), -1);
}

static void test_file_that_cannot_be_opened_is_tried_again(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	char path[192];

	assert_int_equal(mkdir(scratch->path, 0700), 0);
	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "a\n"), -EISDIR);
	assert_int_equal(sink->dropped, 1);
	assert_int_equal(rmdir(scratch->path), 0);
	assert_int_equal(put(sink, "b\n"), 0);
	bl_sink_free(sink);
	assert_content(scratch->path, "b\n");

	snprintf(path, sizeof(path), "%s/made/events.jsonl", scratch->dir);
	assert_int_equal(bl_sink_jsonl_new(path, &sink), 0);
	assert_int_equal(put(sink, "a\n"), 0);
	bl_sink_free(sink);
	assert_content(path, "a\n");
}

/* A file size limit is what a full disk looks like: first a short write, then none. */
static void test_full_disk_leaves_no_half_line(void **state)
{
	struct scratch *scratch = *state;
	struct bl_sink *sink = NULL;
	struct rlimit before;
	struct rlimit full;

	assert_int_equal(bl_sink_jsonl_new(scratch->path, &sink), 0);
	assert_int_equal(put(sink, "0123456\n"), 0);

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	full = before;
	full.rlim_cur = 12;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &full), 0);
	assert_true(put(sink, "abcdefgh\n") < 0);
	assert_true(put(sink, "abcdefgh\n") < 0);
	assert_int_equal(put(sink, "xy\n"), 0); /* what fits is taken */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

	assert_int_equal(put(sink, "end\n"), 0);
	assert_int_equal(sink->dropped, 2);
	assert_int_equal(sink->error, 0);
	bl_sink_free(sink);
	assert_content(scratch->path, "0123456\nxy\nend\n");
}

static size_t drain(int fd, char *buffer, size_t size)
{
	size_t len = 0;
	ssize_t n;

	while (len < size && (n = read(fd, buffer + len, size - len)) > 0)
		len += (size_t)n;
	return len;
}

/* Every line is whole, and there are as many as the sink says. */
static void assert_whole_lines(const char *text, size_t len, const struct bl_sink *sink)
{
	uint64_t lines = 0;

	assert_true(len > 0);
	assert_int_equal(text[len - 1], '\n');
	for (size_t i = 0; i < len; i += 1001, lines++)
		assert_int_equal(text[i + 1000], '\n');
	assert_int_equal(lines, sink->written);
}

static void check_slow_reader(int reader, int writer)
{
	static char line[1001];
	static char text[4 << 20];
	struct bl_sink *sink = NULL;
	size_t len;

	memset(line, 'x', 1000);
	line[1000] = '\n';
	assert_int_equal(fcntl(reader, F_SETFL, O_NONBLOCK), 0);
	assert_int_equal(bl_sink_fd_new(writer, &sink), 0);
	for (unsigned i = 0; i < 3000; i++)
		(void)bl_sink_write(sink, line, sizeof(line));
	assert_true(sink->dropped > 0);
	assert_int_equal(sink->error, -EAGAIN);
	assert_int_equal(sink->written + sink->dropped, 3000);

	len = drain(reader, text, sizeof(text));
	assert_int_equal(bl_sink_flush(sink), 0);
	len += drain(reader, text + len, sizeof(text) - len);
	assert_int_equal(bl_sink_write(sink, line, sizeof(line)), 0);
	len += drain(reader, text + len, sizeof(text) - len);
	assert_whole_lines(text, len, sink);
	bl_sink_free(sink);
}

static void test_slow_reader_of_a_pipe_is_not_waited_for(void **state)
{
	int fds[2];

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
	check_slow_reader(fds[0], fds[1]);
	close(fds[0]);
}

static void test_slow_reader_of_a_socket_is_not_waited_for(void **state)
{
	int fds[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	check_slow_reader(fds[0], fds[1]);
	close(fds[0]);
}

static void test_reader_that_is_gone_is_an_error(void **state)
{
	struct bl_sink *sink = NULL;
	int fds[2];

	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	close(fds[0]);
	assert_int_equal(bl_sink_fd_new(fds[1], &sink), 0);
	assert_int_equal(put(sink, "a\n"), -EPIPE);
	bl_sink_free(sink);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines_are_appended, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_after_rotation_the_file_is_made_again, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_reopen_that_cannot_be_keeps_the_old_file,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_only_regular_files_are_written, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(test_file_that_cannot_be_opened_is_tried_again,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_disk_leaves_no_half_line, set_up,
						tear_down),
		cmocka_unit_test(test_slow_reader_of_a_pipe_is_not_waited_for),
		cmocka_unit_test(test_slow_reader_of_a_socket_is_not_waited_for),
		cmocka_unit_test(test_reader_that_is_gone_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
