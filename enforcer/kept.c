// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/kept.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "enforcer/util.h"

#define VERSION   1
#define TEMPORARY BL_KEPT_FILE ".tmp"
#define BOOT_ID   "/proc/sys/kernel/random/boot_id"

static void fini_set(struct bl_kept_set *set)
{
	bl_policy_texts_fini(&set->texts);
	*set = (struct bl_kept_set){0};
}

void bl_kept_settle(struct bl_kept *kept)
{
	fini_set(&kept->unconfirmed);
	kept->is_pending = false;
	kept->within_ms = 0;
	kept->until_ms = 0;
}

void bl_kept_fini(struct bl_kept *kept)
{
	fini_set(&kept->confirmed);
	fini_set(&kept->unconfirmed);
	*kept = (struct bl_kept){0};
}

/* --- as JSON: the bytes of the texts as they are, whether or not they are UTF-8 --- */

static struct json_object *text_to_json(const struct bl_policy_text *text)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();

	if (!object || text->len > BL_POLICY_BYTES_MAX ||
	    !bl_json_add_string(object, "file", text->file) ||
	    !bl_json_add(object, "text", json_object_new_string_len(text->text, (int)text->len)))
		return NULL;
	return TAKE(object);
}

static bool add_set(struct json_object *parent, const char *name, const struct bl_kept_set *set)
{
	struct json_object *object = bl_json_add_object(parent, name);
	struct json_object *texts;

	if (!object || !bl_json_add_bool(object, "audit_forced", set->is_audit_forced))
		return false;
	texts = bl_json_add_array(object, "policies");
	if (!texts)
		return false;
	for (size_t i = 0; i < set->texts.count; i++)
		if (!bl_json_append(texts, text_to_json(&set->texts.items[i])))
			return false;
	return true;
}

static struct json_object *to_json(const struct bl_kept *kept)
{
	bl_cleanup_json struct json_object *object = json_object_new_object();

	if (!object || !bl_json_add_u64(object, "version", VERSION) ||
	    !add_set(object, "confirmed", &kept->confirmed))
		return NULL;
	if (kept->is_pending && (!bl_json_add_u64(object, "within_ms", kept->within_ms) ||
				 !bl_json_add_u64(object, "until_ms", kept->until_ms) ||
				 !bl_json_add_string(object, "boot", kept->boot) ||
				 !add_set(object, "unconfirmed", &kept->unconfirmed)))
		return NULL;
	return TAKE(object);
}

static int take_text(struct json_object *object, struct bl_policy_texts *texts)
{
	struct json_object *text = bl_json_get(object, "text", json_type_string);
	const char *file = bl_json_get_string(object, "file");

	if (!text || !file)
		return -EBADMSG;
	return bl_policy_texts_add(texts, file, json_object_get_string(text),
				   (size_t)json_object_get_string_len(text));
}

static int take_set(struct json_object *parent, const char *name, struct bl_kept_set *set)
{
	struct json_object *object = bl_json_get(parent, name, json_type_object);
	struct json_object *texts = bl_json_get(object, "policies", json_type_array);
	int r = 0;

	if (!texts || !bl_json_get(object, "audit_forced", json_type_boolean))
		return -EBADMSG;
	set->is_audit_forced = bl_json_get_bool(object, "audit_forced");
	for (size_t i = 0; r == 0 && i < json_object_array_length(texts); i++)
		r = take_text(json_object_array_get_idx(texts, i), &set->texts);
	return r;
}

static int take_pending(struct json_object *object, struct bl_kept *kept)
{
	const char *boot = bl_json_get_string(object, "boot");

	if (!boot || strlen(boot) != BL_BOOT_ID_LEN ||
	    !bl_json_get(object, "within_ms", json_type_int) ||
	    !bl_json_get(object, "until_ms", json_type_int))
		return -EBADMSG;
	memcpy(kept->boot, boot, BL_BOOT_ID_LEN + 1);
	kept->within_ms = bl_json_get_u64(object, "within_ms");
	kept->until_ms = bl_json_get_u64(object, "until_ms");
	kept->is_pending = true;
	return take_set(object, "unconfirmed", &kept->unconfirmed);
}

static int from_json(struct json_object *object, struct bl_kept *ret_kept)
{
	bl_cleanup(bl_kept_fini) struct bl_kept kept = {0};
	int r;

	if (bl_json_get_u64(object, "version") != VERSION)
		return -EBADMSG;
	r = take_set(object, "confirmed", &kept.confirmed);
	if (r == 0 && bl_json_get(object, "unconfirmed", json_type_object))
		r = take_pending(object, &kept);
	if (r < 0)
		return r;
	*ret_kept = kept;
	kept = (struct bl_kept){0};
	return 0;
}

/* --- the file --- */

static int write_all(int fd, const char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_temporary(int dir_fd, const char *bytes, size_t len)
{
	bl_cleanup_close int fd = openat(
		dir_fd, TEMPORARY, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = write_all(fd, bytes, len);
	if (r < 0)
		return r;
	return fsync(fd) < 0 ? -errno : 0;
}

int bl_kept_save(int dir_fd, const struct bl_kept *kept)
{
	bl_cleanup_json struct json_object *object = to_json(kept);
	bl_cleanup_free char *line = NULL;
	size_t len = 0;
	int r;

	line = object ? bl_json_line(object, &len) : NULL;
	if (!line)
		return -ENOMEM;
	if (len > BL_KEPT_BYTES_MAX)
		return -EFBIG;
	r = write_temporary(dir_fd, line, len);
	if (r == 0 && renameat(dir_fd, TEMPORARY, dir_fd, BL_KEPT_FILE) < 0)
		r = -errno;
	if (r < 0) {
		(void)unlinkat(dir_fd, TEMPORARY, 0); /* what it is about failed already */
		return r;
	}
	return fsync(dir_fd) < 0 ? -errno : 0;
}

static int read_all(int fd, char *bytes, size_t len)
{
	while (len > 0) {
		ssize_t n = read(fd, bytes, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			return -EBADMSG;
		bytes += n;
		len -= (size_t)n;
	}
	return 0;
}

static int parse(const char *bytes, size_t len, struct bl_kept *ret_kept)
{
	bl_cleanup_json struct json_object *object = NULL;
	struct json_tokener *tokener = json_tokener_new_ex(8);
	enum json_tokener_error error;

	if (!tokener)
		return -ENOMEM;
	object = json_tokener_parse_ex(tokener, bytes, (int)len);
	error = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	return error == json_tokener_success ? from_json(object, ret_kept) : -EBADMSG;
}

int bl_kept_load(int dir_fd, struct bl_kept *ret_kept)
{
	bl_cleanup_close int fd =
		openat(dir_fd, BL_KEPT_FILE, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bl_cleanup_free char *bytes = NULL;
	struct stat status;
	size_t len;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || status.st_size > BL_KEPT_BYTES_MAX)
		return -EBADMSG;
	len = (size_t)status.st_size;
	bytes = malloc(len + 1);
	if (!bytes)
		return -ENOMEM;
	r = read_all(fd, bytes, len);
	return r < 0 ? r : parse(bytes, len, ret_kept);
}

int bl_kept_remove(int dir_fd)
{
	if (unlinkat(dir_fd, BL_KEPT_FILE, 0) < 0 && errno != ENOENT)
		return -errno;
	return fsync(dir_fd) < 0 ? -errno : 0;
}

/* --- time --- */

uint64_t bl_kept_left_ms(const struct bl_kept *kept, uint64_t now_ms, const char *boot)
{
	if (!kept->is_pending || strcmp(kept->boot, boot) != 0 || now_ms >= kept->until_ms)
		return 0;
	return kept->until_ms - now_ms;
}

bool bl_kept_describe(const struct bl_kept *kept, uint64_t left_ms, struct json_object *status)
{
	struct json_object *object;

	if (!kept->is_pending)
		return bl_json_add_bool(status, "policies_kept", true);
	object = bl_json_add_object(status, "confirmation");
	return object && bl_json_add_u64(object, "within_ms", kept->within_ms) &&
	       bl_json_add_u64(object, "left_ms", left_ms);
}

int bl_boot_id(char ret_id[BL_BOOT_ID_LEN + 1])
{
	bl_cleanup_close int fd = open(BOOT_ID, O_RDONLY | O_CLOEXEC);
	int r;

	if (fd < 0)
		return -errno;
	r = read_all(fd, ret_id, BL_BOOT_ID_LEN);
	ret_id[BL_BOOT_ID_LEN] = '\0';
	return r;
}
