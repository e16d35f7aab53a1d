// SPDX-License-Identifier: GPL-2.0-or-later
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "enforcer/collect.h"
#include "enforcer/policy.h"
#include "enforcer/read_file.h"
#include "enforcer/util.h"

#define SUFFIX      ".ini"
#define TEST_SUFFIX ".test.ini"

static bool ends_with(const char *text, const char *suffix)
{
	size_t text_len = strlen(text), suffix_len = strlen(suffix);

	return text_len >= suffix_len && !strcmp(text + text_len - suffix_len, suffix);
}

/* Editors leave hidden files beside the one that is edited. */
static int is_policy_file(const struct dirent *entry)
{
	return *entry->d_name != '.' && ends_with(entry->d_name, SUFFIX) &&
	       !ends_with(entry->d_name, TEST_SUFFIX);
}

/* alphasort() asks the locale; the order of policies must be the same everywhere. */
static int compare_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int refuse_path(const char *path, int error, struct bl_diags *diags)
{
	const char *reason = error == -EFBIG    ? "larger than 4 MiB"
			     : error == -EINVAL ? "neither a file nor a directory"
			     : error == -EAGAIN ? "it changed while it was read"
						: strerror(-error);

	if (error != -ENOMEM)
		bl_diags_add(diags, BL_SEVERITY_ERROR, path, 0, 0, "cannot read it: %s", reason);
	return error;
}

/* How what is read is understood, and what a load has come to. */
struct loading {
	int (*parse)(const char *text, size_t text_len, const char *file, struct bl_diags *diags,
		     struct bl_policies *policies);
	struct bl_policies policies;
	struct bl_policy_texts texts;
	struct bl_diags *diags;
};

static void fini_loading(struct loading *loading)
{
	bl_policies_fini(&loading->policies);
	bl_policy_texts_fini(&loading->texts);
}

static int load_file(struct loading *loading, const char *path)
{
	bl_cleanup_free char *text = NULL;
	size_t len;
	int r;

	r = bl_read_file(path, BL_POLICY_BYTES_MAX, &text, &len);
	if (r < 0)
		return refuse_path(path, r, loading->diags);
	r = bl_policy_texts_add(&loading->texts, path, text, len);
	if (r < 0)
		return r;
	return loading->parse(text, len, path, loading->diags, &loading->policies);
}

/* Out of memory ends a load; anything else is remembered while the other files are read. */
static int note(int *result, int r)
{
	if (r < 0 && (!*result || *result == -EINVAL))
		*result = r;
	return r == -ENOMEM ? r : 0;
}

static int load_entries(struct loading *loading, const char *path, struct dirent **entries,
			int count)
{
	const char *slash = ends_with(path, "/") ? "" : "/";
	int result = 0;

	for (int i = 0; i < count; i++) {
		bl_cleanup_free char *file = NULL;

		if (asprintf(&file, "%s%s%s", path, slash, entries[i]->d_name) < 0) {
			file = NULL;
			return -ENOMEM;
		}
		if (note(&result, load_file(loading, file)) < 0)
			return -ENOMEM;
	}
	return result;
}

static int load_directory(struct loading *loading, const char *path)
{
	struct dirent **entries;
	int count, r;

	count = scandir(path, &entries, is_policy_file, compare_bytes);
	if (count < 0)
		return refuse_path(path, -errno, loading->diags);

	if (!count)
		bl_diags_add(loading->diags, BL_SEVERITY_WARNING, path, 0, 0,
			     "no policy in this directory: expected *.ini");
	r = load_entries(loading, path, entries, count);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return r;
}

static int load_path(struct loading *loading, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return refuse_path(path, -errno, loading->diags);
	if (S_ISDIR(status.st_mode))
		return load_directory(loading, path);
	return load_file(loading, path);
}

static int load(struct loading *loading, const char *const *paths, size_t paths_count,
		struct bl_policies *ret_policies, struct bl_policy_texts *ret_texts)
{
	size_t errors = loading->diags->errors;
	int result = 0;

	for (size_t i = 0; i < paths_count; i++) {
		if (note(&result, load_path(loading, paths[i])) < 0)
			break;
	}
	if (!result && loading->diags->errors > errors)
		result = -EINVAL;
	if (result < 0)
		return result;
	*ret_policies = loading->policies;
	*ret_texts = loading->texts;
	*loading = (struct loading){0};
	return 0;
}

int bl_policies_load_texts(const char *const *paths, size_t paths_count, struct bl_diags *diags,
			   struct bl_policies *ret_policies, struct bl_policy_texts *ret_texts)
{
	bl_cleanup(fini_loading) struct loading loading = {
		.parse = bl_policy_parse,
		.diags = diags,
	};

	return load(&loading, paths, paths_count, ret_policies, ret_texts);
}

int bl_policies_load_for_run(const char *const *paths, size_t paths_count, struct bl_diags *diags,
			     struct bl_policies *ret_policies, struct bl_policy_texts *ret_texts)
{
	bl_cleanup(fini_loading) struct loading loading = {
		.parse = bl_policy_parse_for_run,
		.diags = diags,
	};

	return load(&loading, paths, paths_count, ret_policies, ret_texts);
}

int bl_policies_load(const char *const *paths, size_t paths_count, struct bl_diags *diags,
		     struct bl_policies *ret_policies)
{
	bl_cleanup(bl_policy_texts_fini) struct bl_policy_texts texts = {0};

	return bl_policies_load_texts(paths, paths_count, diags, ret_policies, &texts);
}

/* --- texts --- */

int bl_policies_parse(const struct bl_policy_texts *texts, struct bl_diags *diags,
		      struct bl_policies *ret_policies)
{
	bl_cleanup(bl_policies_fini) struct bl_policies policies = {0};
	size_t errors = diags->errors;
	int result = 0;

	for (size_t i = 0; i < texts->count; i++) {
		const struct bl_policy_text *item = &texts->items[i];

		if (note(&result,
			 bl_policy_parse(item->text, item->len, item->file, diags, &policies)) < 0)
			break;
	}
	if (!result && diags->errors > errors)
		result = -EINVAL;
	if (result < 0)
		return result;
	*ret_policies = policies;
	policies = (struct bl_policies){0};
	return 0;
}

void bl_policy_texts_fini(struct bl_policy_texts *texts)
{
	for (size_t i = 0; i < texts->count; i++) {
		free(texts->items[i].file);
		free(texts->items[i].text);
	}
	free(texts->items);
	*texts = (struct bl_policy_texts){0};
}

int bl_policy_texts_add(struct bl_policy_texts *texts, const char *file, const char *text,
			size_t len)
{
	bl_cleanup_free char *file_copy = strdup(file);
	bl_cleanup_free char *text_copy = malloc(len + 1);

	if (!file_copy || !text_copy ||
	    bl_grow(&texts->items, &texts->capacity, texts->count + 1) < 0)
		return -ENOMEM;
	memcpy(text_copy, text, len);
	text_copy[len] = '\0';
	texts->items[texts->count++] = (struct bl_policy_text){
		.file = TAKE(file_copy),
		.text = TAKE(text_copy),
		.len = len,
	};
	return 0;
}

int bl_policy_texts_copy(const struct bl_policy_texts *texts, struct bl_policy_texts *ret_copy)
{
	bl_cleanup(bl_policy_texts_fini) struct bl_policy_texts copy = {0};

	for (size_t i = 0; i < texts->count; i++) {
		int r = bl_policy_texts_add(&copy, texts->items[i].file, texts->items[i].text,
					    texts->items[i].len);

		if (r < 0)
			return r;
	}
	*ret_copy = copy;
	copy = (struct bl_policy_texts){0};
	return 0;
}
