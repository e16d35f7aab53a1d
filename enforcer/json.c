// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/json.h"

#include <stdlib.h>
#include <string.h>

#include "enforcer/escape.h"

bool bl_json_add(struct json_object *object, const char *key, struct json_object *value)
{
	if (!value)
		return false;
	if (json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

bool bl_json_add_string(struct json_object *object, const char *key, const char *text)
{
	return bl_json_add(object, key, json_object_new_string(text));
}

bool bl_json_add_u64(struct json_object *object, const char *key, uint64_t number)
{
	return bl_json_add(object, key, json_object_new_uint64(number));
}

bool bl_json_add_bool(struct json_object *object, const char *key, bool is_true)
{
	return bl_json_add(object, key, json_object_new_boolean(is_true));
}

struct json_object *bl_json_new_bytes(const void *bytes, size_t len)
{
	bl_cleanup_free char *text = bl_escape(bytes, len);

	return text ? json_object_new_string(text) : NULL;
}

bool bl_json_add_bytes(struct json_object *object, const char *key, const void *bytes, size_t len)
{
	return bl_json_add(object, key, bl_json_new_bytes(bytes, len));
}

bool bl_json_append(struct json_object *array, struct json_object *value)
{
	if (!value)
		return false;
	if (json_object_array_add(array, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

struct json_object *bl_json_add_object(struct json_object *object, const char *key)
{
	struct json_object *child = json_object_new_object();

	return bl_json_add(object, key, child) ? child : NULL;
}

struct json_object *bl_json_add_array(struct json_object *object, const char *key)
{
	struct json_object *child = json_object_new_array();

	return bl_json_add(object, key, child) ? child : NULL;
}

char *bl_json_line(struct json_object *object, size_t *ret_len)
{
	size_t len = 0;
	const char *text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);
	char *line;

	if (!text)
		return NULL;
	line = malloc(len + 2);
	if (!line)
		return NULL;

	memcpy(line, text, len);
	line[len] = '\n';
	line[len + 1] = '\0';
	*ret_len = len + 1;
	return line;
}

struct json_object *bl_json_get(struct json_object *object, const char *key, enum json_type type)
{
	struct json_object *value;

	if (!json_object_is_type(object, json_type_object))
		return NULL;
	if (!json_object_object_get_ex(object, key, &value) || !json_object_is_type(value, type))
		return NULL;
	return value;
}

const char *bl_json_get_string(struct json_object *object, const char *key)
{
	struct json_object *value = bl_json_get(object, key, json_type_string);

	return value ? json_object_get_string(value) : NULL;
}

uint64_t bl_json_get_u64(struct json_object *object, const char *key)
{
	struct json_object *value = bl_json_get(object, key, json_type_int);

	return value ? json_object_get_uint64(value) : 0;
}

bool bl_json_get_bool(struct json_object *object, const char *key)
{
	struct json_object *value = bl_json_get(object, key, json_type_boolean);

	return value && json_object_get_boolean(value);
}
