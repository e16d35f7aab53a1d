// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/container_path.h"

#include <ctype.h>
#include <string.h>

#include "enforcer/util.h"

static const char *const runtime_names[] = {
	[BL_RUNTIME_PODMAN] = "podman",         [BL_RUNTIME_DOCKER] = "docker",
	[BL_RUNTIME_CONTAINERD] = "containerd", [BL_RUNTIME_CRIO] = "cri-o",
	[BL_RUNTIME_NSPAWN] = "nspawn",         [BL_RUNTIME_LXC] = "lxc",
};
_Static_assert(BL_ARRAY_LEN(runtime_names) == BL_RUNTIME_COUNT, "a name for every runtime");

const char *bl_runtime_name(enum bl_runtime runtime)
{
	return runtime < BL_RUNTIME_COUNT ? runtime_names[runtime] : "?";
}

/* --- components and what may be in them --- */

struct span {
	const char *at;
	size_t len;
};

/* containerd's identifiers, and machines' names: nothing that means anything to a file system. */
static bool is_name(struct span text)
{
	if (text.len == 0 || text.len > BL_CONTAINER_ID_MAX || !isalnum((unsigned char)text.at[0]))
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!isalnum((unsigned char)text.at[i]) && !strchr("._-", text.at[i]))
			return false;
	return true;
}

/* Of podman, Docker, CRI-O and Kubernetes. */
static bool is_hash(struct span text)
{
	if (text.len != 64)
		return false;
	for (size_t i = 0; i < text.len; i++)
		if (!strchr("0123456789abcdef", text.at[i]))
			return false;
	return true;
}

static bool has_prefix(struct span text, const char *prefix)
{
	return text.len >= strlen(prefix) && !memcmp(text.at, prefix, strlen(prefix));
}

static bool has_suffix(struct span text, const char *suffix)
{
	size_t len = strlen(suffix);

	return text.len >= len && !memcmp(text.at + text.len - len, suffix, len);
}

static bool is_equal(struct span text, const char *word)
{
	return text.len == strlen(word) && has_prefix(text, word);
}

/* Takes the last component off the path; of "/" an empty one. */
static struct span take_last(struct span *path)
{
	struct span last = {.at = path->at + path->len};

	while (path->len && path->at[path->len - 1] != '/') {
		path->len--;
		last.at--;
		last.len++;
	}
	if (path->len)
		path->len--;
	return last;
}

/* --- what runtimes call them --- */

enum id_kind {
	ID_HASH,
	ID_NAME,
	ID_ESCAPED, /* a name as systemd writes it in a unit's */
};

/* What the component above has to be; prefix: only begin so. */
struct above {
	const char *word;
	bool is_prefix;
	bool is_at_top; /* and there is nothing above that */
};

/*
 * "libpod-conmon-..." and "crio-conmon-...", the containers' keepers, are not hashes behind the
 * prefix. cgroupfs drivers leave the ".scope" away. What is in several rows is whose runtime's
 * files know it.
 */
/* clang-format off */
static const struct row {
	enum bl_runtime runtime;
	const char *prefix;
	const char *suffix;
	enum id_kind kind;
	struct above above;
	const char *namespace;
	bool is_unsure;
} rows[] = {
	{BL_RUNTIME_PODMAN, "libpod-", ".scope", ID_HASH, {0}, NULL, false},
	{BL_RUNTIME_PODMAN, "libpod-", "", ID_HASH, {0}, NULL, false},
	{BL_RUNTIME_PODMAN, "libpod-payload-", "", ID_HASH, {0}, NULL, false},
	{BL_RUNTIME_DOCKER, "docker-", ".scope", ID_HASH, {0}, NULL, false},
	{BL_RUNTIME_DOCKER, "", "", ID_HASH, {.word = "docker"}, NULL, false},
	{BL_RUNTIME_CONTAINERD, "cri-containerd-", ".scope", ID_HASH, {0}, "k8s.io", false},
	{BL_RUNTIME_CONTAINERD, "nerdctl-", ".scope", ID_HASH, {0}, "default", false},
	{BL_RUNTIME_CRIO, "crio-", ".scope", ID_HASH, {0}, NULL, false},
	{BL_RUNTIME_CRIO, "crio-", "", ID_HASH, {0}, NULL, false},
	/* Kubernetes' cgroupfs driver names the pod and not the runtime. */
	{BL_RUNTIME_DOCKER, "", "", ID_HASH, {.word = "pod", .is_prefix = true}, NULL, true},
	{BL_RUNTIME_CONTAINERD, "", "", ID_HASH, {.word = "pod", .is_prefix = true}, "k8s.io", false},
	{BL_RUNTIME_NSPAWN, "machine-", ".scope", ID_ESCAPED, {.word = "machine.slice"}, NULL, false},
	{BL_RUNTIME_NSPAWN, "systemd-nspawn@", ".service", ID_ESCAPED, {.word = "machine.slice"}, NULL, false},
	{BL_RUNTIME_LXC, "lxc.payload.", "", ID_NAME, {0}, NULL, false},
	{BL_RUNTIME_LXC, "", "", ID_NAME, {.word = "lxc", .is_at_top = true}, NULL, false},
	/* --cgroup-parent, under whatever it names; containerd's own: /NAMESPACE/ID */
	{BL_RUNTIME_DOCKER, "", "", ID_HASH, {0}, NULL, true},
	{BL_RUNTIME_CONTAINERD, "", "", ID_NAME, {.word = "", .is_prefix = true, .is_at_top = true}, "", true},
};
/* clang-format on */

/* "\x2d" of systemd's unit_name_escape(); '-' would stand for '/'. */
static bool unescape(struct span text, char id[BL_CONTAINER_ID_MAX + 1])
{
	static const char digits[] = "0123456789abcdef";
	size_t len = 0;

	for (size_t i = 0; i < text.len; i++) {
		char byte = text.at[i];

		if (len == BL_CONTAINER_ID_MAX)
			return false;
		if (byte == '\\' && i + 3 < text.len && text.at[i + 1] == 'x') {
			const char *high = strchr(digits, text.at[i + 2]);
			const char *low = strchr(digits, text.at[i + 3]);

			if (!high || !low)
				return false;
			byte = (char)((high - digits) << 4 | (low - digits));
			i += 3;
		}
		id[len++] = byte;
	}
	id[len] = '\0';
	return strlen(id) == len && is_name((struct span){.at = id, .len = len});
}

static bool take_id(const struct row *row, struct span text, char id[BL_CONTAINER_ID_MAX + 1])
{
	if (row->kind == ID_ESCAPED)
		return unescape(text, id);
	if (row->kind == ID_HASH ? !is_hash(text) : !is_name(text))
		return false;
	memcpy(id, text.at, text.len);
	id[text.len] = '\0';
	return true;
}

static bool is_above(const struct above *wanted, struct span above, struct span rest)
{
	if (!wanted->word)
		return true;
	if (wanted->is_at_top && rest.len)
		return false;
	return wanted->is_prefix ? has_prefix(above, wanted->word) : is_equal(above, wanted->word);
}

static bool read_row(const struct row *row, struct span name, struct span above, struct span rest,
		     struct bl_container_place *ret_place)
{
	size_t affixes = strlen(row->prefix) + strlen(row->suffix);
	struct bl_container_place place = {.runtime = row->runtime, .is_sure = !row->is_unsure};
	struct span id = {.at = name.at + strlen(row->prefix), .len = name.len - affixes};

	if (name.len < affixes || !has_prefix(name, row->prefix) ||
	    !has_suffix(name, row->suffix) || !is_above(&row->above, above, rest) ||
	    !take_id(row, id, place.id))
		return false;
	if (row->namespace && *row->namespace) {
		memcpy(place.namespace, row->namespace, strlen(row->namespace) + 1);
	} else if (row->namespace) {
		if (!is_name(above))
			return false;
		memcpy(place.namespace, above.at, above.len);
	}
	*ret_place = place;
	return true;
}

bool bl_container_place_read(const char *cgroup, size_t *at, struct bl_container_place *ret_place)
{
	struct span rest = {.at = cgroup, .len = strlen(cgroup)};
	struct span name = take_last(&rest);
	struct span above = take_last(&rest);

	while (*at < BL_ARRAY_LEN(rows))
		if (read_row(&rows[(*at)++], name, above, rest, ret_place))
			return true;
	return false;
}

/* --- units --- */

const char *bl_cgroup_unit(const char *cgroup, size_t *ret_len)
{
	static const char *const suffixes[] = {".service", ".scope"};
	const char *at = cgroup;

	while (*at == '/') {
		struct span name = {.at = at + 1, .len = strcspn(at + 1, "/")};

		at = name.at + name.len;
		if (has_suffix(name, ".slice"))
			continue;
		for (size_t i = 0; i < BL_ARRAY_LEN(suffixes); i++)
			if (has_suffix(name, suffixes[i])) {
				*ret_len = name.len;
				return name.at;
			}
		return NULL;
	}
	return NULL;
}
