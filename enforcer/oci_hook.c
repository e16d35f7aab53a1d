// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * bailiff-oci-hook: an OCI runtime runs it while it makes a container and gives it the container's
 * state on standard input. It tells the daemon, waits for it to have bound the container, and says
 * by its exit code whether the container may start. See bailiff-oci-hook(8).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <syslog.h>

#include "enforcer/json.h"
#include "enforcer/oci.h"
#include "enforcer/oci_hook_ask.h"
#include "enforcer/oci_hook_config.h"
#include "enforcer/util.h"

/* A state holds the annotations, as config.json does. */
#define STATE_BYTES_MAX BL_OCI_CONFIG_MAX
#define MESSAGE_MAX     4096

enum exit_code {
	EXIT_START,  /* the runtime goes on */
	EXIT_REFUSE, /* the runtime gives the container up */
};

enum requirement { NOT_REQUIRED, REQUIRED, UNCLEAR };

struct hook {
	const char *config_file;
	struct bl_hook_config config;
	int64_t deadline_ms;
	struct json_object *state;
	struct json_object *bundle_config;
	char reason[MESSAGE_MAX]; /* why the container is not bound */
};

static void fini_hook(struct hook *hook)
{
	bl_hook_config_fini(&hook->config);
	json_object_put(hook->state);
	json_object_put(hook->bundle_config);
}

/* Returns -1, for the caller to return. */
static int __attribute__((format(printf, 2, 3))) because(struct hook *hook, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(hook->reason, sizeof(hook->reason), format, args);
	va_end(args);
	return -1;
}

/* syslog(3) would wait for a log that does not read. */
static void log_line(const char *line)
{
	bl_cleanup_close int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
	char text[2 * MESSAGE_MAX + 64];
	int len = snprintf(text, sizeof(text), "<%d>bailiff-oci-hook: %s", LOG_DAEMON | LOG_WARNING,
			   line);

	if (fd >= 0 && len > 0)
		(void)sendto(fd, text, (size_t)len, MSG_NOSIGNAL, (const struct sockaddr *)&address,
			     sizeof(address));
}

/*
 * A line for whoever starts the container, and for the system's log: crun throws away what a hook
 * says. Names may hold anything.
 */
static void __attribute__((format(printf, 1, 2))) say(const char *format, ...)
{
	char line[2 * MESSAGE_MAX];
	va_list args;

	va_start(args, format);
	vsnprintf(line, sizeof(line), format, args);
	va_end(args);
	for (char *at = line; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			*at = '?';
	fprintf(stderr, "bailiff-oci-hook: %s\n", line);
	log_line(line);
}

static const char *reading_error(int error)
{
	switch (error) {
	case -ETIMEDOUT:
		return "it did not end in time";
	case -EFBIG:
		return "it is larger than 1 MiB";
	case -EINVAL:
		return "it is not a JSON object";
	}
	return strerror(-error);
}

static int read_state(struct hook *hook)
{
	bl_cleanup_free char *text = NULL;
	size_t len = 0;
	int r;

	r = bl_hook_read(STDIN_FILENO, STATE_BYTES_MAX, hook->deadline_ms, &text, &len);
	if (r == 0)
		r = bl_oci_parse(text, len, &hook->state);
	if (r < 0)
		return because(hook, "the state on standard input cannot be read: %s",
			       reading_error(r));
	if (!bl_json_get_string(hook->state, "id") || !bl_json_get_string(hook->state, "bundle"))
		return because(hook, "the state on standard input has no 'id' or no 'bundle'");
	if (bl_json_get_u64(hook->state, "pid") == 0)
		return because(
			hook,
			"the state on standard input names no process: have the hook run at stage 'prestart' or 'createRuntime', with youki at 'prestart'");
	return 0;
}

static int read_bundle(struct hook *hook)
{
	const char *bundle = bl_json_get_string(hook->state, "bundle");
	bl_cleanup_free char *path = NULL;
	bl_cleanup_free char *text = NULL;
	bl_cleanup_close int fd = -1;
	size_t len = 0;
	int r;

	if (asprintf(&path, "%s/config.json", bundle) < 0) {
		path = NULL;
		return because(hook, "there is no memory");
	}
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	r = fd < 0 ? -errno : bl_hook_read(fd, BL_OCI_CONFIG_MAX, hook->deadline_ms, &text, &len);
	if (r == 0)
		r = bl_oci_parse(text, len, &hook->bundle_config);
	if (r < 0)
		return because(hook, "'%s' cannot be read: %s", path, reading_error(r));
	return 0;
}

/* Either may have it: a runtime need not put annotations into the state. */
static const char *find_annotation(const struct hook *hook, const char *key)
{
	struct json_object *const sources[] = {hook->state, hook->bundle_config};

	for (size_t i = 0; i < BL_ARRAY_LEN(sources); i++) {
		struct json_object *annotations =
			bl_json_get(sources[i], "annotations", json_type_object);
		const char *value = bl_json_get_string(annotations, key);

		if (value)
			return value;
	}
	return NULL;
}

static enum requirement requirement_of(const struct hook *hook)
{
	const char *value = find_annotation(hook, BL_OCI_REQUIRED);

	if (!value || strcmp(value, "false") == 0)
		return NOT_REQUIRED;
	return strcmp(value, BL_OCI_REQUIRED_TRUE) == 0 ? REQUIRED : UNCLEAR;
}

/* Adds to object what from has under the key, if it has it and that is not null. */
static bool pass_on(struct json_object *object, struct json_object *from, const char *key)
{
	struct json_object *value = NULL;

	if (!json_object_object_get_ex(from, key, &value) || !value)
		return true;
	return bl_json_add(object, key, json_object_get(value));
}

static char *new_request(const struct hook *hook, size_t *ret_len)
{
	bl_cleanup_json struct json_object *request = json_object_new_object();
	struct json_object *config;

	if (!request || !bl_json_add_string(request, "request", "bind") ||
	    !pass_on(request, hook->state, "id") || !pass_on(request, hook->state, "pid") ||
	    !pass_on(request, hook->state, "bundle"))
		return NULL;
	config = bl_json_add_object(request, "config");
	if (!config || !pass_on(config, hook->bundle_config, "hostname") ||
	    !pass_on(config, hook->bundle_config, "annotations"))
		return NULL;
	return bl_json_line(request, ret_len);
}

static int asking_error(struct hook *hook, int error)
{
	const char *socket = hook->config.socket;

	switch (error) {
	case -ENOENT:
	case -ECONNREFUSED:
		return because(hook, "no daemon listens at '%s'; start it: systemctl start bailiff",
			       socket);
	case -ETIMEDOUT:
		return because(hook, "the daemon at '%s' did not answer within %u ms", socket,
			       hook->config.timeout_ms);
	case -EACCES:
	case -EPROTO:
		return because(
			hook,
			"the daemon at '%s' answers root only: containers that users make are bound by the path of their cgroup alone",
			socket);
	}
	return because(hook, "the daemon at '%s' cannot be asked: %s", socket, strerror(-error));
}

static int bind_container(struct hook *hook)
{
	bl_cleanup_json struct json_object *answer = NULL;
	bl_cleanup_free char *request = NULL;
	bl_cleanup_free char *text = NULL;
	const char *error;
	size_t len = 0;
	int r;

	request = new_request(hook, &len);
	if (!request)
		return because(hook, "there is no memory");
	r = bl_hook_ask(hook->config.socket, request, len, hook->deadline_ms, &text, &len);
	if (r < 0)
		return asking_error(hook, r);
	r = bl_oci_parse(text, len, &answer);
	error = bl_json_get_string(answer, "error");
	if (error)
		return because(hook, "the daemon answers: %s", error);
	if (r < 0 || !bl_json_get(answer, "bound", json_type_boolean))
		return because(
			hook,
			"the daemon at '%s' is of another version: install both from the same",
			hook->config.socket);
	return 0;
}

/* What becomes of a container that is not known to be bound. */
static enum exit_code settle(const struct hook *hook)
{
	const char *id = bl_json_get_string(hook->state, "id");
	enum requirement requirement = requirement_of(hook);

	if (!id)
		id = "?";
	switch (requirement) {
	case REQUIRED:
		say("container '%s' is refused: its annotation '%s' is '%s', and %s", id,
		    BL_OCI_REQUIRED, BL_OCI_REQUIRED_TRUE, hook->reason);
		return EXIT_REFUSE;
	case UNCLEAR:
		say("container '%s' is refused: its annotation '%s' is neither 'true' nor 'false', which counts as 'true', and %s",
		    id, BL_OCI_REQUIRED, hook->reason);
		return EXIT_REFUSE;
	case NOT_REQUIRED:
		break;
	}
	if (hook->config.is_refusing) {
		say("container '%s' is refused, by 'on_unavailable = refuse' in '%s': %s", id,
		    hook->config_file, hook->reason);
		return EXIT_REFUSE;
	}
	say("container '%s' starts without having been bound: %s", id, hook->reason);
	return EXIT_START;
}

static void say_diags(const struct bl_diags *diags)
{
	for (size_t i = 0; i < diags->count; i++) {
		const struct bl_diag *diag = &diags->items[i];

		if (diag->line)
			say("%s:%u:%u: %s", diag->file, diag->line, diag->column, diag->message);
		else
			say("%s: %s", diag->file, diag->message);
	}
}

int main(int argc, char **argv)
{
	bl_cleanup(bl_diags_fini) struct bl_diags diags = {0};
	bl_cleanup(fini_hook) struct hook hook = {.config_file = BL_HOOK_CONFIG_FILE};

	if (argc == 2 && strcmp(argv[1], "--version") == 0) {
		printf("bailiff-oci-hook %s\n", BL_VERSION);
		return EXIT_START;
	}
	if (argc == 3 && strcmp(argv[1], "--config") == 0) {
		hook.config_file = argv[2];
	} else if (argc > 1) {
		say("usage: bailiff-oci-hook [--config FILE | --version], with the state of a container on standard input");
		return EXIT_REFUSE;
	}
	/* A mistake in it must not become "allow". */
	if (bl_hook_config_load(hook.config_file, &diags, &hook.config) < 0) {
		say_diags(&diags);
		say("the container is refused: '%s' is not valid", hook.config_file);
		return EXIT_REFUSE;
	}
	hook.deadline_ms = bl_hook_now_ms() + hook.config.timeout_ms;
	if (read_state(&hook) < 0 || read_bundle(&hook) < 0 || bind_container(&hook) < 0)
		return settle(&hook);
	return EXIT_START;
}
