// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/control.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cmocka.h>

#include "enforcer/util.h"
#include "tests/unit/scratch.h"

/* Longer than a socket takes at once. */
#define LARGE (4u << 20)

struct fixture {
	struct scratch scratch;
	sd_event *event;
	struct bl_control *control;
	unsigned asked;
};

static uid_t peer;
static uint64_t patience_us;

int __real_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
	int r = __real_getsockopt(fd, level, name, value, len);

	if (level == SOL_SOCKET && name == SO_PEERCRED)
		((struct ucred *)value)->uid = peer;
	return r;
}

int __real_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context);
int __wrap_sd_event_add_time_relative(sd_event *event, sd_event_source **source, clockid_t clock,
				      uint64_t usec, uint64_t accuracy,
				      sd_event_time_handler_t handler, void *context)
{
	assert_int_equal(usec, BL_CONTROL_TIMEOUT_MS * 1000);
	return __real_sd_event_add_time_relative(event, source, clock, patience_us, 1, handler,
						 context);
}

int __real_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec);
int __wrap_sd_event_source_set_time(sd_event_source *source, uint64_t usec)
{
	return __real_sd_event_source_set_time(
		source, usec - BL_CONTROL_TIMEOUT_MS * UINT64_C(1000) + patience_us);
}

static int handle(void *context, struct json_object *request, struct json_object **ret_reply,
		  const char **reterr_message)
{
	struct fixture *fixture = context;
	const char *name = bl_json_get_string(request, "request");
	bl_cleanup_json struct json_object *reply = json_object_new_object();

	fixture->asked++;
	if (!name) {
		*reterr_message = "no request";
		return -EINVAL;
	}
	if (strcmp(name, "fail") == 0)
		return -ENOMEM;
	if (strcmp(name, "large") == 0) {
		bl_cleanup_free char *text = malloc(LARGE);

		assert_non_null(text);
		memset(text, 'x', LARGE);
		assert_true(bl_json_add_bytes(reply, "text", text, LARGE));
	}
	assert_true(bl_json_add_string(reply, "answer", name));
	*ret_reply = TAKE(reply);
	return 0;
}

static int set_up(void **state)
{
	static struct fixture fixture;

	fixture = (struct fixture){.asked = 0};
	peer = 0;
	patience_us = BL_CONTROL_TIMEOUT_MS * 1000;
	assert_int_equal(scratch_make(&fixture.scratch, "socket"), 0);
	assert_true(sd_event_new(&fixture.event) >= 0);
	assert_int_equal(bl_control_new(fixture.event, fixture.scratch.path, handle, &fixture,
					&fixture.control),
			 0);
	*state = &fixture;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	bl_control_free(fixture->control);
	assert_int_equal(access(fixture->scratch.path, F_OK), -1);
	sd_event_unref(fixture->event);
	scratch_remove(&fixture->scratch);
	return 0;
}

static int dial(const struct fixture *fixture)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(fd >= 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%.100s", fixture->scratch.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

/* Runs the loop until there is nothing left to do for it. */
static void settle(const struct fixture *fixture)
{
	while (sd_event_run(fixture->event, 0) > 0)
		;
}

/* Everything the server says until it hangs up. */
static size_t hear(const struct fixture *fixture, int fd, char *text, size_t size)
{
	size_t len = 0;

	for (;;) {
		ssize_t n;

		settle(fixture);
		n = recv(fd, text + len, size - 1 - len, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
			break;
		if (n < 0) {
			assert_int_equal(errno, EAGAIN);
			sd_event_run(fixture->event, 100000);
			continue;
		}
		len += (size_t)n;
	}
	text[len] = '\0';
	return len;
}

static void assert_answer(const struct fixture *fixture, const char *request, size_t len,
			  const char *expected)
{
	bl_cleanup_close int fd = dial(fixture);
	char text[512];

	assert_int_equal(send(fd, request, len, MSG_NOSIGNAL), len);
	hear(fixture, fd, text, sizeof(text));
	assert_string_equal(text, expected);
}

static void test_request_is_answered_and_connection_ends(void **state)
{
	const char request[] = "{\"request\":\"status\"}\n";

	assert_answer(*state, request, strlen(request), "{\"answer\":\"status\"}\n");
}

static void test_request_may_come_in_pieces(void **state)
{
	struct fixture *fixture = *state;
	const char request[] = "{\"request\":\"status\"}\n";
	bl_cleanup_close int fd = dial(fixture);
	char text[64];

	for (size_t i = 0; i < strlen(request); i++) {
		assert_int_equal(fixture->asked, 0);
		assert_int_equal(send(fd, request + i, 1, 0), 1);
		settle(fixture);
	}
	hear(fixture, fd, text, sizeof(text));
	assert_string_equal(text, "{\"answer\":\"status\"}\n");
}

static void test_garbage_is_answered_with_an_error(void **state)
{
	static const char no_object[] =
		"{\"error\":\"the request is not a JSON object on one line\"}\n";
	static const struct {
		const char *request;
		size_t len;
		const char *answer;
	} cases[] = {
		{"\n", 1, no_object},
		{"GET / HTTP/1.1\r\n", 16, no_object},
		{"\0\0\0\0\n", 5, no_object},
		{"\xff\xfe\n", 3, no_object},
		{"[]\n", 3, no_object},
		{"null\n", 5, no_object},
		{"{\"request\":\n", 12, no_object},
		{"{\"request\":\"status\"} x\n", 23, no_object},
		{"{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}\n",
		 62, no_object},
		{"{}\n", 3, "{\"error\":\"no request\"}\n"},
		{"{\"request\":1}\n", 14, "{\"error\":\"no request\"}\n"},
		{"{\"request\":\"fail\"}\n", 19, "{\"error\":\"Cannot allocate memory\"}\n"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++)
		assert_answer(*state, cases[i].request, cases[i].len, cases[i].answer);
}

static void test_endless_request_is_cut_off(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup_close int fd = dial(fixture);
	char piece[4096];
	char text[64];

	memset(piece, 'x', sizeof(piece));
	for (size_t sent = 0; sent < BL_CONTROL_REQUEST_MAX; sent += sizeof(piece)) {
		assert_int_equal(send(fd, piece, sizeof(piece), MSG_NOSIGNAL), sizeof(piece));
		settle(fixture);
	}
	hear(fixture, fd, text, sizeof(text));
	assert_string_equal(text, "{\"error\":\"the request is too long\"}\n");
}

static void test_long_request_is_answered(void **state)
{
	static const char end[] = "\"}\n";
	struct fixture *fixture = *state;
	bl_cleanup_close int fd = dial(fixture);
	char piece[4096] = "{\"request\":\"status\",\"more\":\"";
	char text[64];

	memset(piece + strlen(piece), 'x', sizeof(piece) - strlen(piece));
	for (size_t sent = 0; sent + 2 * sizeof(piece) < BL_CONTROL_REQUEST_MAX;
	     sent += sizeof(piece)) {
		assert_int_equal(send(fd, piece, sizeof(piece), MSG_NOSIGNAL), sizeof(piece));
		memset(piece, 'y', sizeof(piece));
		settle(fixture);
	}
	assert_int_equal(send(fd, end, strlen(end), MSG_NOSIGNAL), strlen(end));
	hear(fixture, fd, text, sizeof(text));
	assert_string_equal(text, "{\"answer\":\"status\"}\n");
}

static void test_client_that_hangs_up_is_forgotten(void **state)
{
	struct fixture *fixture = *state;

	for (unsigned i = 0; i < 4 * BL_CONTROL_CLIENTS_MAX; i++) {
		int fd = dial(fixture);

		if (i % 2)
			assert_int_equal(send(fd, "{\"request\":\"large\"}\n", 20, 0), 20);
		if (i % 4 == 3)
			settle(fixture);
		close(fd);
		settle(fixture);
	}
	test_request_is_answered_and_connection_ends(state);
}

static void test_others_than_root_are_hung_up_on(void **state)
{
	const char request[] = "{\"request\":\"status\"}\n";

	peer = 65534;
	assert_answer(*state, request, strlen(request), "");
	assert_int_equal(((struct fixture *)*state)->asked, 0);
}

static void test_silent_client_is_hung_up_on_in_time(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup_close int fd = dial(fixture);
	char text[64];

	patience_us = 1000;
	assert_int_equal(send(fd, "{\"request\":", 11, 0), 11);
	assert_int_equal(hear(fixture, fd, text, sizeof(text)), 0);
	assert_int_equal(fixture->asked, 0);
}

static void test_client_that_does_not_read_is_hung_up_on_in_time(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup_close int fd = dial(fixture);
	static char text[LARGE];
	struct pollfd poller = {.fd = fd};

	patience_us = 1000;
	assert_int_equal(send(fd, "{\"request\":\"large\"}\n", 20, 0), 20);
	while (!(poller.revents & POLLHUP)) {
		sd_event_run(fixture->event, 10000);
		assert_true(poll(&poller, 1, 0) >= 0);
	}
	assert_true(hear(fixture, fd, text, sizeof(text)) < LARGE);
	test_request_is_answered_and_connection_ends(state);
}

static void test_more_clients_than_slots_wait_for_one(void **state)
{
	struct fixture *fixture = *state;
	const char request[] = "{\"request\":\"status\"}\n";
	int fds[BL_CONTROL_CLIENTS_MAX + 4];
	char text[64];

	for (size_t i = 0; i < BL_ARRAY_LEN(fds); i++) {
		fds[i] = dial(fixture);
		settle(fixture);
	}
	/* The last is asked first: it is answered once another has gone. */
	assert_int_equal(send(fds[BL_ARRAY_LEN(fds) - 1], request, strlen(request), 0),
			 strlen(request));
	settle(fixture);
	assert_int_equal(fixture->asked, 0);
	for (size_t i = 0; i < 4; i++)
		close(fds[i]);
	hear(fixture, fds[BL_ARRAY_LEN(fds) - 1], text, sizeof(text));
	assert_string_equal(text, "{\"answer\":\"status\"}\n");
	for (size_t i = 4; i < BL_ARRAY_LEN(fds); i++)
		close(fds[i]);
}

struct asking {
	const char *path;
	const char *name;
	int result;
	struct json_object *reply;
	char *message;
	sd_event *event;
	bool is_done;
};

static void *ask(void *context)
{
	struct asking *asking = context;

	asking->result =
		bl_control_ask(asking->path, asking->name, 10000, &asking->reply, &asking->message);
	__atomic_store_n(&asking->is_done, true, __ATOMIC_RELEASE);
	return NULL;
}

static struct asking ask_in_thread(struct fixture *fixture, const char *name)
{
	struct asking asking = {.path = fixture->scratch.path, .name = name};
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, ask, &asking), 0);
	while (!__atomic_load_n(&asking.is_done, __ATOMIC_ACQUIRE))
		sd_event_run(fixture->event, 10000);
	assert_int_equal(pthread_join(thread, NULL), 0);
	return asking;
}

static void test_client_and_server_understand_each_other(void **state)
{
	struct asking asking = ask_in_thread(*state, "status");

	assert_int_equal(asking.result, 0);
	assert_string_equal(bl_json_get_string(asking.reply, "answer"), "status");
	json_object_put(asking.reply);

	asking = ask_in_thread(*state, "large");
	assert_int_equal(asking.result, 0);
	assert_int_equal(strlen(bl_json_get_string(asking.reply, "text")), LARGE);
	json_object_put(asking.reply);

	asking = ask_in_thread(*state, "fail");
	assert_int_equal(asking.result, -EREMOTEIO);
	assert_string_equal(asking.message, "Cannot allocate memory");
	free(asking.message);
}

static void test_nobody_listens(void **state)
{
	struct fixture *fixture = *state;
	struct json_object *reply = NULL;
	char *message = NULL;
	char path[192];
	bl_cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	snprintf(path, sizeof(path), "%s/absent", fixture->scratch.dir);
	assert_int_equal(bl_control_ask(path, "status", 100, &reply, &message), -ENOENT);

	/* What a daemon that was killed leaves. */
	snprintf(address.sun_path, sizeof(address.sun_path), "%.90s/absent", fixture->scratch.dir);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(bl_control_ask(path, "status", 100, &reply, &message), -ECONNREFUSED);

	/* One that does not answer. */
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(bl_control_ask(path, "status", 50, &reply, &message), -ETIMEDOUT);

	/* And one with which no more can wait. */
	for (int i = 0; i < 2; i++)
		assert_int_equal(bl_control_ask(path, "status", 50, &reply, &message), -ETIMEDOUT);
}

static void test_stale_socket_is_replaced_and_only_root_may_connect(void **state)
{
	struct fixture *fixture = *state;
	struct bl_control *second = NULL;
	struct stat st;

	assert_int_equal(
		bl_control_new(fixture->event, fixture->scratch.path, handle, fixture, &second), 0);
	assert_int_equal(stat(fixture->scratch.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	test_request_is_answered_and_connection_ends(state);
	bl_control_free(second);
}

static void test_path_that_does_not_fit_is_refused(void **state)
{
	struct fixture *fixture = *state;
	struct bl_control *second = NULL;
	char path[200];

	memset(path, 'x', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(bl_control_new(fixture->event, path, handle, fixture, &second),
			 -ENAMETOOLONG);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_request_is_answered_and_connection_ends),
		TEST(test_request_may_come_in_pieces),
		TEST(test_garbage_is_answered_with_an_error),
		TEST(test_long_request_is_answered),
		TEST(test_endless_request_is_cut_off),
		TEST(test_client_that_hangs_up_is_forgotten),
		TEST(test_others_than_root_are_hung_up_on),
		TEST(test_silent_client_is_hung_up_on_in_time),
		TEST(test_client_that_does_not_read_is_hung_up_on_in_time),
		TEST(test_more_clients_than_slots_wait_for_one),
		TEST(test_client_and_server_understand_each_other),
		TEST(test_nobody_listens),
		TEST(test_stale_socket_is_replaced_and_only_root_may_connect),
		TEST(test_path_that_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
