// SPDX-License-Identifier: GPL-2.0-or-later
/* The hook as a runtime runs it, with a daemon of the test's own. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "enforcer/json.h"
#include "enforcer/util.h"
#include "tests/unit/scratch.h"

#define BOUND "{\"bound\":true,\"cgroup\":\"/web\",\"policies\":[\"web\"]}\n"

/* What the daemon does. */
enum daemon_kind { NO_DAEMON, ANSWERS, SAYS_NOTHING, HANGS_UP };

struct fixture {
	struct scratch scratch;
	char config[256];
	pid_t server;
	int request; /* what the server was asked can be read here */
};

struct outcome {
	int exit_code;
	char said[4096];
	int64_t took_ms;
};

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* The bundle is the scratch directory itself. */
static void write_bundle(struct fixture *fixture, const char *config)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/config.json", fixture->scratch.dir);
	write_file(path, config);
}

static void write_config(struct fixture *fixture, const char *keys)
{
	char text[512];

	snprintf(text, sizeof(text), "[hook]\nsocket = %s\n%s", fixture->scratch.path, keys);
	write_file(fixture->config, text);
}

static int set_up(void **state)
{
	struct fixture *fixture = calloc(1, sizeof(*fixture));

	assert_non_null(fixture);
	assert_int_equal(scratch_make(&fixture->scratch, "socket"), 0);
	snprintf(fixture->config, sizeof(fixture->config), "%s/oci-hook.ini", fixture->scratch.dir);
	fixture->request = -1;
	write_config(fixture, "");
	write_bundle(fixture, "{\"hostname\":\"web-1\",\"annotations\":{\"tier\":\"front\"}}");
	*state = fixture;
	return 0;
}

static void stop_server(struct fixture *fixture)
{
	if (fixture->server > 0) {
		kill(fixture->server, SIGKILL);
		waitpid(fixture->server, NULL, 0);
	}
	if (fixture->request >= 0)
		close(fixture->request);
	fixture->server = 0;
	fixture->request = -1;
	unlink(fixture->scratch.path);
}

static int tear_down(void **state)
{
	struct fixture *fixture = *state;

	stop_server(fixture);
	scratch_remove(&fixture->scratch);
	free(fixture);
	return 0;
}

static void serve(int listener, int out, enum daemon_kind kind, const char *answer)
{
	int fd = accept(listener, NULL, NULL);
	char piece[65536];
	ssize_t n;

	if (kind == SAYS_NOTHING)
		pause();
	while (kind == ANSWERS && (n = read(fd, piece, sizeof(piece))) > 0) {
		if (write(out, piece, (size_t)n) != n)
			_exit(1);
		if (piece[n - 1] == '\n')
			break;
	}
	if (kind == ANSWERS && write(fd, answer, strlen(answer)) < 0)
		_exit(1);
	_exit(0);
}

static void start_server(struct fixture *fixture, enum daemon_kind kind, const char *answer)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	bl_cleanup_close int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int asked[2];

	assert_true(listener >= 0);
	memcpy(address.sun_path, fixture->scratch.path, strlen(fixture->scratch.path) + 1);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(pipe2(asked, O_CLOEXEC), 0);
	fcntl(asked[1], F_SETPIPE_SZ, 1 << 20);
	fixture->server = fork();
	assert_true(fixture->server >= 0);
	if (fixture->server == 0)
		serve(listener, asked[1], kind, answer);
	close(asked[1]);
	fixture->request = asked[0];
}

static void run_hook(const struct fixture *fixture, int in, int err)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0)
		_exit(126);
	execl(BL_HOOK, "bailiff-oci-hook", "--config", fixture->config, NULL);
	_exit(127);
}

/* input NULL: somebody holds standard input open and says nothing. */
static struct outcome hook(const struct fixture *fixture, const char *input)
{
	struct outcome outcome = {.exit_code = -1};
	int64_t begin_ms = now_ms();
	size_t len = 0;
	int status = 0;
	int in[2];
	int err[2];
	ssize_t n;
	pid_t child;

	assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	fcntl(in[1], F_SETPIPE_SZ, 1 << 20);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		run_hook(fixture, in[0], err[1]);
	close(in[0]);
	close(err[1]);
	if (input) {
		n = write(in[1], input, strlen(input));
		/* One that refuses its configuration reads nothing. */
		assert_true(n == (ssize_t)strlen(input) || (n < 0 && errno == EPIPE));
		close(in[1]);
	}
	while ((n = read(err[0], outcome.said + len, sizeof(outcome.said) - 1 - len)) > 0)
		len += (size_t)n;
	close(err[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (!input)
		close(in[1]);
	assert_true(WIFEXITED(status));
	outcome.exit_code = WEXITSTATUS(status);
	outcome.took_ms = now_ms() - begin_ms;
	return outcome;
}

/* The state as crun writes it; more is members behind the usual ones. */
static struct outcome start(struct fixture *fixture, const char *more)
{
	char state[4096];

	snprintf(state, sizeof(state),
		 "{\n  \"ociVersion\": \"1.0\", \"id\": \"web\", \"pid\": 4711,\n"
		 "  \"bundle\": \"%s\", \"status\": \"created\"%s\n}\n",
		 fixture->scratch.dir, more);
	return hook(fixture, state);
}

static void assert_said(const struct outcome *outcome, const char *text)
{
	if (!strstr(outcome->said, text))
		fail_msg("'%s' is not in '%s'", text, outcome->said);
}

static void test_bound_container_starts_in_silence(void **state)
{
	struct fixture *fixture = *state;
	char request[4096];
	char expected[1024];
	struct outcome outcome;
	ssize_t n;

	start_server(fixture, ANSWERS, BOUND);
	outcome = start(fixture, "");
	assert_int_equal(outcome.exit_code, 0);
	assert_string_equal(outcome.said, "");
	n = read(fixture->request, request, sizeof(request) - 1);
	assert_true(n > 0);
	request[n] = '\0';
	snprintf(expected, sizeof(expected),
		 "{\"request\":\"bind\",\"id\":\"web\",\"pid\":4711,\"bundle\":\"%s\",\"config\":"
		 "{\"hostname\":\"web-1\",\"annotations\":{\"tier\":\"front\"}}}\n",
		 fixture->scratch.dir);
	assert_string_equal(request, expected);
}

static void test_bundle_without_annotations_is_told_of(void **state)
{
	static const char *const configs[] = {"{}", "{\"annotations\":null,\"hostname\":null}"};

	for (size_t i = 0; i < BL_ARRAY_LEN(configs); i++) {
		struct outcome outcome;

		write_bundle(*state, configs[i]);
		start_server(*state, ANSWERS, BOUND);
		outcome = start(*state, "");
		assert_int_equal(outcome.exit_code, 0);
		assert_string_equal(outcome.said, "");
		stop_server(*state);
	}
}

static void test_container_of_no_policy_starts_in_silence(void **state)
{
	struct outcome outcome;

	start_server(*state, ANSWERS, "{\"bound\":false,\"cgroup\":\"/web\",\"policies\":[]}\n");
	outcome = start(*state, "");
	assert_int_equal(outcome.exit_code, 0);
	assert_string_equal(outcome.said, "");
}

#define REQUIRED ",\"annotations\":{\"bailiff.required\":\"true\"}"

static void test_without_a_bound_container_configuration_and_annotation_decide(void **state)
{
	static const struct {
		enum daemon_kind kind;
		const char *answer;
		const char *keys;
		const char *more;
		int exit_code;
		const char *said;
	} cases[] = {
		{NO_DAEMON, "", "", "", 0,
		 "container 'web' starts without having been bound: no daemon listens at '"},
		{NO_DAEMON, "", "on_unavailable = allow\n", REQUIRED, 1,
		 "container 'web' is refused: its annotation 'bailiff.required' is 'true', and no daemon listens at '"},
		{NO_DAEMON, "", "", ",\"annotations\":{\"bailiff.required\":\"1\"}", 1,
		 "is neither 'true' nor 'false', which counts as 'true', and no daemon listens"},
		{NO_DAEMON, "", "", ",\"annotations\":{\"bailiff.required\":\"false\"}", 0,
		 "starts without"},
		{NO_DAEMON, "", "on_unavailable = refuse\n",
		 ",\"annotations\":{\"bailiff.required\":\"false\"}", 1,
		 "is refused, by 'on_unavailable = refuse' in '"},
		{HANGS_UP, "", "", "", 0, "answers root only"},
		{HANGS_UP, "", "", REQUIRED, 1, "answers root only"},
		{ANSWERS, "{\"error\":\"the container has no cgroup\"}\n", "", REQUIRED, 1,
		 "the daemon answers: the container has no cgroup"},
		{ANSWERS, "{\"error\":\"a\\nb\"}\n", "", "", 0, "the daemon answers: a?b"},
		{ANSWERS, "{}\n", "", REQUIRED, 1, "is of another version"},
		{ANSWERS, "bound\n", "", REQUIRED, 1, "is of another version"},
		{ANSWERS, "{\"bound\":1}\n", "on_unavailable = refuse\n", "", 1,
		 "is of another version"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct outcome outcome;

		if (cases[i].kind != NO_DAEMON)
			start_server(*state, cases[i].kind, cases[i].answer);
		write_config(*state, cases[i].keys);
		outcome = start(*state, cases[i].more);
		assert_int_equal(outcome.exit_code, cases[i].exit_code);
		assert_said(&outcome, cases[i].said);
		stop_server(*state);
	}
}

static void test_annotation_of_the_bundle_counts_as_well(void **state)
{
	struct outcome outcome;

	write_bundle(*state, "{\"annotations\":{\"bailiff.required\":\"true\"}}");
	outcome = start(*state, "");
	assert_int_equal(outcome.exit_code, 1);
	assert_said(&outcome, "its annotation 'bailiff.required' is 'true'");
}

static void test_nothing_is_waited_for_longer_than_configured(void **state)
{
	struct outcome outcome;

	write_config(*state, "timeout = 200ms\n");
	start_server(*state, SAYS_NOTHING, "");
	outcome = start(*state, "");
	assert_int_equal(outcome.exit_code, 0);
	assert_said(&outcome, "did not answer within 200 ms");
	assert_true(outcome.took_ms >= 200 && outcome.took_ms < 2000);

	outcome = hook(*state, NULL);
	assert_int_equal(outcome.exit_code, 0);
	assert_said(&outcome, "the state on standard input cannot be read: it did not end in time");
	assert_true(outcome.took_ms >= 200 && outcome.took_ms < 2000);
}

static void test_state_that_is_none_is_said_so(void **state)
{
	static const struct {
		const char *input;
		const char *said;
	} cases[] = {
		{"", "cannot be read: it is not a JSON object"},
		{"[]", "cannot be read: it is not a JSON object"},
		{"{}", "has no 'id' or no 'bundle'"},
		{"{\"id\":7,\"bundle\":\"/\",\"pid\":1}", "has no 'id' or no 'bundle'"},
		{"{\"id\":\"web\",\"bundle\":\"/\"}", "names no process: have the hook run at"},
		{"{\"id\":\"web\",\"bundle\":\"/\",\"pid\":0}", "names no process"},
		{"{\"id\":\"web\",\"bundle\":\"/\",\"pid\":\"1\"}", "names no process"},
		{"{\"id\":\"web\",\"bundle\":\"/nonexistent\",\"pid\":1}",
		 "'/nonexistent/config.json' cannot be read: No such file"},
	};

	for (size_t i = 0; i < BL_ARRAY_LEN(cases); i++) {
		struct outcome outcome;

		write_config(*state, "");
		outcome = hook(*state, cases[i].input);
		assert_int_equal(outcome.exit_code, 0);
		assert_said(&outcome, cases[i].said);
		write_config(*state, "on_unavailable = refuse\n");
		outcome = hook(*state, cases[i].input);
		assert_int_equal(outcome.exit_code, 1);
		assert_said(&outcome, cases[i].said);
	}
}

static void test_bundle_that_is_none_is_said_so(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup_free char *large = calloc(1, (1u << 20) + 2);
	char path[256];
	struct outcome outcome;

	assert_non_null(large);
	memset(large, ' ', (1u << 20) + 1);
	write_bundle(fixture, large);
	outcome = start(fixture, "");
	assert_said(&outcome, "config.json' cannot be read: it is larger than 1 MiB");
	write_bundle(fixture, "[]");
	outcome = start(fixture, "");
	assert_said(&outcome, "config.json' cannot be read: it is not a JSON object");
	/* A name in a message moves no cursor. */
	snprintf(path, sizeof(path), "{\"id\":\"\\u001b[2J\",\"pid\":1,\"bundle\":\"/none\"}");
	outcome = hook(fixture, path);
	assert_said(&outcome, "container '?[2J' starts");
}

static void test_large_annotations_arrive(void **state)
{
	struct fixture *fixture = *state;
	bl_cleanup_free char *config = malloc(1 << 20);
	struct outcome outcome;
	size_t len;

	assert_non_null(config);
	len = (size_t)sprintf(config, "{\"annotations\":{\"large\":\"");
	memset(config + len, '/', 900000);
	strcpy(config + len + 900000, "\"}}");
	write_bundle(fixture, config);
	start_server(fixture, ANSWERS, BOUND);
	outcome = start(fixture, "");
	assert_string_equal(outcome.said, "");
	assert_int_equal(outcome.exit_code, 0);
}

static void test_invalid_configuration_refuses(void **state)
{
	struct outcome outcome;

	start_server(*state, ANSWERS, BOUND);
	write_config(*state, "on_unavailable = maybe\n");
	outcome = start(*state, "");
	assert_int_equal(outcome.exit_code, 1);
	assert_said(&outcome, "oci-hook.ini:3:18: 'maybe' is not a value for 'on_unavailable'");
	assert_said(&outcome, "the container is refused: '");
}

static void run_with(const char *word, struct outcome *outcome)
{
	char command[512];
	FILE *stream;
	size_t len;

	snprintf(command, sizeof(command), "%s %s 2>&1 </dev/null", BL_HOOK, word);
	stream = popen(command, "re");
	assert_non_null(stream);
	len = fread(outcome->said, 1, sizeof(outcome->said) - 1, stream);
	outcome->said[len] = '\0';
	outcome->exit_code = WEXITSTATUS(pclose(stream));
}

static void test_command_line_is_checked(void **state)
{
	struct outcome outcome = {0};

	run_with("--version", &outcome);
	assert_int_equal(outcome.exit_code, 0);
	assert_string_equal(outcome.said, "bailiff-oci-hook " BL_VERSION "\n");
	run_with("--configuration x", &outcome);
	assert_int_equal(outcome.exit_code, 1);
	assert_said(&outcome, "usage: bailiff-oci-hook [--config FILE | --version]");
	run_with("--config", &outcome);
	assert_int_equal(outcome.exit_code, 1);
	assert_said(&outcome, "usage: bailiff-oci-hook");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bound_container_starts_in_silence),
		TEST(test_bundle_without_annotations_is_told_of),
		TEST(test_container_of_no_policy_starts_in_silence),
		TEST(test_without_a_bound_container_configuration_and_annotation_decide),
		TEST(test_annotation_of_the_bundle_counts_as_well),
		TEST(test_nothing_is_waited_for_longer_than_configured),
		TEST(test_state_that_is_none_is_said_so),
		TEST(test_bundle_that_is_none_is_said_so),
		TEST(test_large_annotations_arrive),
		TEST(test_invalid_configuration_refuses),
		TEST(test_command_line_is_checked),
	};

	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
