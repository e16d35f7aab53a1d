/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket: one JSON object on one line is asked, one is answered, and the connection
 * ends.
 *
 * Only root is answered. Requests, clients and the time each may take are bounded; what is not a
 * request gets an answer that says so. Runs in the daemon's sd-event loop.
 */
#pragma once

#include <stddef.h>

#include <systemd/sd-event.h>

#include "enforcer/json.h"

#define BL_CONTROL_REQUEST_MAX (2u << 20)
#define BL_CONTROL_REPLY_MAX   (64u << 20)
#define BL_CONTROL_CLIENTS_MAX 16
#define BL_CONTROL_TIMEOUT_MS  5000

struct bl_control;

/*
 * Answers request with a new object. -errno is told to the client, with *reterr_message (static,
 * may stay NULL) as explanation.
 */
typedef int (*bl_control_handler)(void *context, struct json_object *request,
				  struct json_object **ret_reply, const char **reterr_message);

/*
 * Replaces what is left of an earlier socket at path: the caller holds the lock that makes it the
 * only daemon.
 */
int bl_control_new(sd_event *event, const char *path, bl_control_handler handler, void *context,
		   struct bl_control **ret_control) __attribute__((warn_unused_result));

/* Removes the socket. Accepts NULL. */
void bl_control_free(struct bl_control *control);

/*
 * The other side: asks {"request": name} and waits at most timeout_ms. -ENOENT, -ECONNREFUSED:
 * nobody listens.
 * -EPROTO: the answer is none. -EREMOTEIO: it is an error, in *reterr_message, freed with free().
 */
int bl_control_ask(const char *path, const char *name, int timeout_ms,
		   struct json_object **ret_reply, char **reterr_message)
	__attribute__((warn_unused_result));

/* The same with members of the request's own beside "request". */
int bl_control_request(const char *path, struct json_object *request, int timeout_ms,
		       struct json_object **ret_reply, char **reterr_message)
	__attribute__((warn_unused_result));
