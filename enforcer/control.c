// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "enforcer/util.h"

struct client {
	struct bl_control *control;
	int fd; /* -1: the slot is free */
	sd_event_source *io;
	sd_event_source *timer;
	char *request;
	size_t request_len;
	size_t request_size; /* what is allocated: most requests are short */
	char *reply;
	size_t reply_len;
	size_t reply_sent;
};

struct bl_control {
	sd_event *event;
	sd_event_source *io;
	int fd;
	char *path;
	bl_control_handler handler;
	void *context;
	size_t clients_count;
	struct client clients[BL_CONTROL_CLIENTS_MAX];
};

static int64_t monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int fill_address(const char *path, struct sockaddr_un *ret_address)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};

	if (strlen(path) >= sizeof(address.sun_path))
		return -ENAMETOOLONG;
	memcpy(address.sun_path, path, strlen(path) + 1);
	*ret_address = address;
	return 0;
}

static void drop_client(struct client *client)
{
	struct bl_control *control = client->control;

	if (client->fd < 0)
		return;
	sd_event_source_disable_unref(client->io);
	sd_event_source_disable_unref(client->timer);
	close(client->fd);
	free(client->request);
	free(client->reply);
	client->io = NULL;
	client->timer = NULL;
	client->request = NULL;
	client->request_size = 0;
	client->reply = NULL;
	client->fd = -1;

	if (control->clients_count-- == BL_CONTROL_CLIENTS_MAX)
		sd_event_source_set_enabled(control->io, SD_EVENT_ON);
}

static struct json_object *new_error(const char *message)
{
	bl_cleanup_json struct json_object *reply = json_object_new_object();

	if (!reply || !bl_json_add_string(reply, "error", message))
		return NULL;
	return TAKE(reply);
}

/* The reply is always an object; NULL: out of memory. */
static struct json_object *answer(struct bl_control *control, const char *request, size_t len)
{
	bl_cleanup_json struct json_object *object = NULL;
	struct json_tokener *tokener = json_tokener_new_ex(8);
	struct json_object *reply = NULL;
	const char *message = NULL;
	enum json_tokener_error error;
	int r;

	if (!tokener)
		return NULL;
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	object = json_tokener_parse_ex(tokener, request, (int)len);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (error != json_tokener_success || !json_object_is_type(object, json_type_object))
		return new_error("the request is not a JSON object on one line");

	r = control->handler(control->context, object, &reply, &message);
	if (r < 0)
		return new_error(message ? message : strerror(-r));
	return reply;
}

/* Returns false when the client is done with, one way or another. */
static bool send_reply(struct client *client)
{
	while (client->reply_sent < client->reply_len) {
		ssize_t n = send(client->fd, client->reply + client->reply_sent,
				 client->reply_len - client->reply_sent, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		client->reply_sent += (size_t)n;
	}
	return false;
}

static bool start_reply(struct client *client, struct json_object *object)
{
	bl_cleanup_json struct json_object *reply = object;

	if (!reply)
		return false;
	client->reply = bl_json_line(reply, &client->reply_len);
	client->reply_sent = 0;
	/* What the answer took is not the client's time. */
	if (!client->reply || sd_event_source_set_io_events(client->io, EPOLLOUT) < 0 ||
	    sd_event_source_set_time(client->timer,
				     (uint64_t)(monotonic_ms() + BL_CONTROL_TIMEOUT_MS) * 1000) < 0)
		return false;
	return send_reply(client);
}

/* Room for at least one byte more. */
static bool grow_request(struct client *client)
{
	size_t size = client->request_size ? client->request_size * 2 : 4096;
	char *grown;

	if (client->request_len < client->request_size)
		return true;
	grown = realloc(client->request, size);
	if (!grown)
		return false;
	client->request = grown;
	client->request_size = size;
	return true;
}

static bool read_request(struct client *client)
{
	ssize_t n;
	char *end;

	if (!grow_request(client))
		return false;
	do
		n = recv(client->fd, client->request + client->request_len,
			 client->request_size - client->request_len, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return errno == EAGAIN;
	if (n == 0)
		return false;

	end = memchr(client->request + client->request_len, '\n', (size_t)n);
	client->request_len += (size_t)n;
	if (end)
		return start_reply(client, answer(client->control, client->request,
						  (size_t)(end - client->request)));
	if (client->request_len >= BL_CONTROL_REQUEST_MAX)
		return start_reply(client, new_error("the request is too long"));
	return true;
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *context)
{
	struct client *client = context;
	bool is_alive;

	if (client->reply)
		is_alive = (revents & EPOLLOUT) && send_reply(client);
	else
		is_alive = read_request(client);
	if (!is_alive)
		drop_client(client);
	return 0;
}

static int on_timeout(sd_event_source *source, uint64_t usec, void *context)
{
	drop_client(context);
	return 0;
}

/*
 * The kernel tells the uid as it is in our user namespace, of whoever called connect(): the root of
 * another namespace is whom it is mapped to here, or 65534 if to nobody.
 */
static bool may_ask(int fd)
{
	struct ucred credentials;
	socklen_t len = sizeof(credentials);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &len) < 0)
		return false;
	return credentials.uid == 0;
}

static int watch_client(struct bl_control *control, struct client *client)
{
	int r;

	r = sd_event_add_io(control->event, &client->io, client->fd, EPOLLIN, on_client, client);
	if (r < 0)
		return r;
	return sd_event_add_time_relative(control->event, &client->timer, CLOCK_MONOTONIC,
					  BL_CONTROL_TIMEOUT_MS * UINT64_C(1000), 0, on_timeout,
					  client);
}

static int on_connect(sd_event_source *source, int listen_fd, uint32_t revents, void *context)
{
	struct bl_control *control = context;
	bl_cleanup_close int fd = accept4(listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	struct client *client = NULL;

	if (fd < 0 || !may_ask(fd))
		return 0;
	for (size_t i = 0; i < BL_CONTROL_CLIENTS_MAX && !client; i++)
		if (control->clients[i].fd < 0)
			client = &control->clients[i];
	if (!client)
		return 0;

	client->fd = TAKE_FD(fd);
	client->request_len = 0;
	client->reply_len = 0;
	/* Those beyond the limit wait in the backlog until one is done or runs out of time. */
	if (++control->clients_count == BL_CONTROL_CLIENTS_MAX)
		sd_event_source_set_enabled(control->io, SD_EVENT_OFF);
	if (watch_client(control, client) < 0)
		drop_client(client);
	return 0;
}

static int listen_at(const char *path)
{
	bl_cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct sockaddr_un address;
	mode_t mask;
	int r;

	if (fd < 0)
		return -errno;
	r = fill_address(path, &address);
	if (r < 0)
		return r;
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;

	mask = umask(0177);
	r = bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		return r;
	if (listen(fd, BL_CONTROL_CLIENTS_MAX) < 0)
		return -errno;
	return TAKE_FD(fd);
}

int bl_control_new(sd_event *event, const char *path, bl_control_handler handler, void *context,
		   struct bl_control **ret_control)
{
	struct bl_control *control = calloc(1, sizeof(*control));
	int r;

	if (!control)
		return -ENOMEM;
	for (size_t i = 0; i < BL_CONTROL_CLIENTS_MAX; i++) {
		control->clients[i].control = control;
		control->clients[i].fd = -1;
	}
	control->event = sd_event_ref(event);
	control->handler = handler;
	control->context = context;
	control->fd = -1;
	control->path = strdup(path);
	r = control->path ? listen_at(path) : -ENOMEM;
	if (r >= 0) {
		control->fd = r;
		r = sd_event_add_io(event, &control->io, control->fd, EPOLLIN, on_connect, control);
	}
	if (r < 0) {
		bl_control_free(control);
		return r;
	}
	*ret_control = control;
	return 0;
}

void bl_control_free(struct bl_control *control)
{
	if (!control)
		return;
	for (size_t i = 0; i < BL_CONTROL_CLIENTS_MAX; i++)
		drop_client(&control->clients[i]);
	sd_event_source_disable_unref(control->io);
	if (control->fd >= 0) {
		unlink(control->path);
		close(control->fd);
	}
	sd_event_unref(control->event);
	free(control->path);
	free(control);
}

/* --- the client --- */

static int wait_for(int fd, short events, int64_t deadline_ms)
{
	for (;;) {
		struct pollfd poller = {.fd = fd, .events = events};
		int64_t left = deadline_ms - monotonic_ms();
		int n = poll(&poller, 1, left > 0 ? (int)left : 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		return n == 0 ? -ETIMEDOUT : 0;
	}
}

/* Waits while more clients are there than are served and may wait. */
static int connect_to(const char *path, int timeout_ms)
{
	bl_cleanup_close int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct timeval timeout = {timeout_ms / 1000, timeout_ms % 1000 * 1000};
	struct sockaddr_un address;
	int r;

	if (fd < 0)
		return -errno;
	r = fill_address(path, &address);
	if (r < 0)
		return r;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
		return -errno;
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return errno == EAGAIN ? -ETIMEDOUT : -errno;
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0)
		return -errno;
	return TAKE_FD(fd);
}

static int send_request(int fd, struct json_object *request)
{
	size_t len = 0;
	bl_cleanup_free char *line = bl_json_line(request, &len);
	ssize_t n;

	if (!line)
		return -ENOMEM;
	n = send(fd, line, len, MSG_NOSIGNAL);
	if (n < 0)
		return -errno;
	return (size_t)n == len ? 0 : -EIO; /* a fresh socket's buffer holds far more */
}

static int receive_line(int fd, int64_t deadline_ms, char **ret_text, size_t *ret_len)
{
	bl_cleanup_free char *text = NULL;
	size_t size = 0;
	size_t len = 0;

	for (;;) {
		ssize_t n;
		int r;

		if (len == size) {
			char *grown;

			if (size >= BL_CONTROL_REPLY_MAX)
				return -EPROTO;
			size = size ? size * 2 : 65536;
			grown = realloc(text, size);
			if (!grown)
				return -ENOMEM;
			text = grown;
		}
		r = wait_for(fd, POLLIN, deadline_ms);
		if (r < 0)
			return r;
		n = recv(fd, text + len, size - len, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EPROTO;
		len += (size_t)n;
		if (text[len - 1] == '\n')
			break;
	}
	*ret_text = TAKE(text);
	*ret_len = len;
	return 0;
}

int bl_control_ask(const char *path, const char *name, int timeout_ms,
		   struct json_object **ret_reply, char **reterr_message)
{
	bl_cleanup_json struct json_object *request = json_object_new_object();

	if (!request || !bl_json_add_string(request, "request", name))
		return -ENOMEM;
	return bl_control_request(path, request, timeout_ms, ret_reply, reterr_message);
}

int bl_control_request(const char *path, struct json_object *request, int timeout_ms,
		       struct json_object **ret_reply, char **reterr_message)
{
	int64_t deadline_ms = monotonic_ms() + timeout_ms;
	bl_cleanup_close int fd = connect_to(path, timeout_ms);
	bl_cleanup_json struct json_object *reply = NULL;
	bl_cleanup_free char *text = NULL;
	struct json_tokener *tokener;
	const char *message;
	size_t len = 0;
	int r;

	if (fd < 0)
		return fd;
	r = send_request(fd, request);
	if (r < 0)
		return r;
	r = receive_line(fd, deadline_ms, &text, &len);
	if (r < 0)
		return r;

	tokener = json_tokener_new();
	if (!tokener)
		return -ENOMEM;
	reply = json_tokener_parse_ex(tokener, text, (int)len);
	json_tokener_free(tokener);
	if (!json_object_is_type(reply, json_type_object))
		return -EPROTO;

	message = bl_json_get_string(reply, "error");
	if (message) {
		*reterr_message = strdup(message);
		return *reterr_message ? -EREMOTEIO : -ENOMEM;
	}
	*ret_reply = TAKE(reply);
	return 0;
}
