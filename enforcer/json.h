/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json-c with out of memory handled: each function says whether it worked, so that members are
 * added in one chain of "&&". Values are consumed whether or not they could be added.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <json-c/json.h>

#include "enforcer/util.h"

static inline void bl_json_put_pointer(struct json_object **object)
{
	json_object_put(*object); /* accepts NULL */
}
#define bl_cleanup_json bl_cleanup(bl_json_put_pointer)

/* value NULL counts as out of memory. */
bool bl_json_add(struct json_object *object, const char *key, struct json_object *value);
bool bl_json_add_string(struct json_object *object, const char *key, const char *text);
bool bl_json_add_u64(struct json_object *object, const char *key, uint64_t number);
bool bl_json_add_bool(struct json_object *object, const char *key, bool is_true);

/* Escaped as escape.h says. */
bool bl_json_add_bytes(struct json_object *object, const char *key, const void *bytes, size_t len);

bool bl_json_append(struct json_object *array, struct json_object *value);
struct json_object *bl_json_new_bytes(const void *bytes, size_t len);

/* A new object or array that is already in its parent, which owns it. NULL: out of memory. */
struct json_object *bl_json_add_object(struct json_object *object, const char *key);
struct json_object *bl_json_add_array(struct json_object *object, const char *key);

/* One line with its newline. NULL: out of memory. Freed with free(). */
char *bl_json_line(struct json_object *object, size_t *ret_len) __attribute__((warn_unused_result));

/* For reading: what is not there, or of another type, is NULL, 0 or false. */
struct json_object *bl_json_get(struct json_object *object, const char *key, enum json_type type);
const char *bl_json_get_string(struct json_object *object, const char *key);
uint64_t bl_json_get_u64(struct json_object *object, const char *key);
bool bl_json_get_bool(struct json_object *object, const char *key);
