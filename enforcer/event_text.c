// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/event_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "enforcer/escape.h"
#include "enforcer/util.h"

static struct json_object *child(struct json_object *object, const char *key)
{
	return bl_json_get(object, key, json_type_object);
}

/* Milliseconds are enough to read: "2026-01-02T03:04:05.678Z". */
static void print_time(FILE *out, const char *time)
{
	fprintf(out, "%.23s%s", time, strlen(time) > 23 ? "Z" : "");
}

static const char *verdict_words(struct json_object *record)
{
	const char *verdict = bl_json_get_string(record, "verdict");
	bool is_enforced = bl_json_get_bool(record, "enforced");

	if (!verdict)
		return "?";
	if (strcmp(verdict, "deny") == 0)
		return is_enforced ? "denied" : "would deny";
	if (strcmp(verdict, "kill") == 0)
		return is_enforced ? "killed" : "would kill";
	if (strcmp(verdict, "audit") == 0)
		return "audited";
	return "allowed";
}

/*
 * Permissions, but for what the operation says already: "open write", "exec drift", "privilege".
 */
static void print_permissions(FILE *out, struct json_object *words, const char *operation)
{
	for (size_t i = 0; words && i < json_object_array_length(words); i++) {
		const char *word = json_object_get_string(json_object_array_get_idx(words, i));

		if (word && strncmp(word, operation, strlen(operation)) != 0 &&
		    strcmp(word, "use") != 0)
			fprintf(out, " %s", word);
	}
}

/* "signal SIGKILL outside 4711"; the process may not be known. */
static void print_process(FILE *out, struct json_object *object)
{
	struct json_object *signal = json_object_object_get(object, "signal");
	const char *relation = bl_json_get_string(object, "relation");

	if (signal)
		fprintf(out, " %s", json_object_get_string(signal));
	fprintf(out, " %s", relation ? relation : "?");
	if (bl_json_get(object, "pid", json_type_int))
		fprintf(out, " %" PRIu64, bl_json_get_u64(object, "pid"));
}

/*
 * "open write /etc/passwd", "connect tcp 10.0.0.1:443", "connect unix @name", "create packet",
 * "privilege mount".
 */
static void print_object(FILE *out, struct json_object *record)
{
	struct json_object *object = child(record, "object");
	struct json_object *permissions = child(record, "permissions");
	struct json_object *words = bl_json_get(permissions, "denied", json_type_array);
	const char *operation = bl_json_get_string(record, "operation");
	const char *kind = bl_json_get_string(object, "kind");
	const char *path = bl_json_get_string(object, "path");
	const char *name = bl_json_get_string(object, "name");
	const char *address = bl_json_get_string(object, "address");
	const char *protocol = bl_json_get_string(object, "protocol");

	fputs(operation ? operation : "?", out);
	if (!words)
		words = bl_json_get(permissions, "audited", json_type_array);
	if (operation)
		print_permissions(out, words, operation);
	if (kind && strcmp(kind, "unix") == 0)
		fputs(" unix", out);
	if (kind && strcmp(kind, "process") == 0)
		print_process(out, object);
	if (path)
		fprintf(out, " %s", path);
	else if (name)
		fprintf(out, kind && strcmp(kind, "unix") == 0 ? " @%s" : " %s", name);
	else if (address)
		fprintf(out, strchr(address, ':') ? " %s [%s]:%" PRIu64 : " %s %s:%" PRIu64,
			protocol ? protocol : "?", address, bl_json_get_u64(object, "port"));
	else if (protocol)
		fprintf(out, " %s", protocol);
}

static void print_access(FILE *out, struct json_object *record)
{
	struct json_object *subject = child(record, "subject");
	struct json_object *rule = child(record, "rule");
	const char *policy = bl_json_get_string(record, "policy");
	const char *fail = bl_json_get_string(record, "fail");
	const char *comm = bl_json_get_string(subject, "comm");
	const char *exe = bl_json_get_string(subject, "exe");
	const char *cgroup = bl_json_get_string(child(record, "container"), "cgroup");
	const char *name = bl_json_get_string(child(record, "container"), "name");
	const char *file = bl_json_get_string(rule, "file");
	const char *text = bl_json_get_string(rule, "text");

	print_object(out, record);
	fprintf(out, " by %s[%" PRIu64 "]", comm ? comm : "?", bl_json_get_u64(subject, "pid"));
	if (exe)
		fprintf(out, " %s", exe);
	if (name)
		fprintf(out, " in %s", name);
	else if (cgroup)
		fprintf(out, " in %s", cgroup);
	if (fail)
		fprintf(out, ": could not be decided, %s", fail);
	if (policy && file)
		fprintf(out, ": %s %s:%" PRIu64 " '%s'", policy, file,
			bl_json_get_u64(rule, "line"), text ? text : "");
	if (bl_json_get_u64(record, "repeat") > 0)
		fprintf(out, " (%" PRIu64 " times more)", bl_json_get_u64(record, "repeat"));
}

static void print_loss(FILE *out, struct json_object *record)
{
	const char *reason = bl_json_get_string(record, "reason");
	const char *sink = bl_json_get_string(record, "sink");
	const char *cgroup = bl_json_get_string(child(record, "container"), "cgroup");

	fprintf(out, "%" PRIu64 " events were not recorded: %s", bl_json_get_u64(record, "count"),
		reason ? reason : "?");
	if (sink)
		fprintf(out, " %s", sink);
	if (cgroup)
		fprintf(out, " in %s", cgroup);
}

/* "started: web-1 of nginx:1.25 in /system.slice/docker-....scope; policies web base" */
static void print_container(FILE *out, struct json_object *record)
{
	static const char *const parts[][2] = {{"runtime", ": "},
					       {"name", " "},
					       {"image", " of "},
					       {"pod", " in pod "},
					       {"cgroup", " in "}};
	struct json_object *container = child(record, "container");
	struct json_object *names = bl_json_get(record, "policies", json_type_array);
	const char *outcome = bl_json_get_string(record, "outcome");

	fputs(outcome ? outcome : "?", out);
	for (size_t i = 0; i < BL_ARRAY_LEN(parts); i++) {
		const char *text = bl_json_get_string(container, parts[i][0]);

		if (text)
			fprintf(out, "%s%s", parts[i][1], text);
	}
	for (size_t i = 0; names && i < json_object_array_length(names); i++)
		fprintf(out, "%s %s", i ? "" : "; policies",
			json_object_get_string(json_object_array_get_idx(names, i)));
}

static void print_engine(FILE *out, struct json_object *record)
{
	const char *outcome = bl_json_get_string(record, "outcome");
	const char *reason = bl_json_get_string(record, "reason");
	const char *cgroup = bl_json_get_string(record, "cgroup");
	struct json_object *diags = bl_json_get(record, "diagnostics", json_type_array);

	if (outcome && cgroup)
		fprintf(out, "%s in %s, ", outcome, cgroup);
	else if (outcome)
		fprintf(out, "%s, ", outcome);
	fprintf(out, "generation %" PRIu64, bl_json_get_u64(record, "generation"));
	if (bl_json_get(record, "rules", json_type_int))
		fprintf(out, ": %" PRIu64 " policies, %" PRIu64 " rules",
			bl_json_get_u64(record, "policies"), bl_json_get_u64(record, "rules"));
	if (bl_json_get_bool(record, "audit_forced"))
		fputs(", audit only", out);
	if (bl_json_get(record, "from", json_type_int))
		fprintf(out, ", instead of %" PRIu64, bl_json_get_u64(record, "from"));
	if (bl_json_get(record, "confirm_within_ms", json_type_int))
		fprintf(out, ", to be confirmed within %" PRIu64 " s",
			bl_json_get_u64(record, "confirm_within_ms") / 1000);
	if (reason)
		fprintf(out, ": %s", reason);
	for (size_t i = 0; diags && i < json_object_array_length(diags); i++) {
		struct json_object *diag = json_object_array_get_idx(diags, i);
		const char *file = bl_json_get_string(diag, "file");
		const char *message = bl_json_get_string(diag, "message");

		fprintf(out, "; %s:%" PRIu64 ":%" PRIu64 ": %s", file ? file : "?",
			bl_json_get_u64(diag, "line"), bl_json_get_u64(diag, "column"),
			message ? message : "?");
	}
}

/* Everything after the time and the coloured word; written to memory to be made safe as a whole. */
static char *make_rest(struct json_object *record, const char *kind)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		return NULL;
	if (strcmp(kind, "access") == 0)
		print_access(out, record);
	else if (strcmp(kind, "loss") == 0)
		print_loss(out, record);
	else if (strcmp(kind, "container") == 0)
		print_container(out, record);
	else
		print_engine(out, record);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static const char *color_of(struct json_object *record, const char *kind)
{
	const char *outcome = bl_json_get_string(record, "outcome");

	if (bl_json_get_bool(record, "enforced") || strcmp(kind, "loss") == 0 ||
	    (outcome && strcmp(outcome, "refused") == 0))
		return "\033[31m";
	return strcmp(kind, "access") == 0 ? "\033[33m" : "\033[36m";
}

char *bl_event_text(struct json_object *record, bool is_colored)
{
	const char *kind = bl_json_get_string(record, "record");
	bl_cleanup_free char *rest = NULL;
	bl_cleanup_free char *safe = NULL;
	bl_cleanup_free char *safe_kind = NULL;
	bl_cleanup_free char *safe_time = NULL;
	const char *time = bl_json_get_string(record, "time");
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!kind)
		kind = "?";
	rest = make_rest(record, kind);
	safe = rest ? bl_escape_controls(rest) : NULL;
	safe_kind = bl_escape_controls(strcmp(kind, "access") == 0 ? verdict_words(record) : kind);
	safe_time = bl_escape_controls(time ? time : "-");
	out = safe && safe_kind && safe_time ? open_memstream(&text, &len) : NULL;
	if (!out)
		return NULL;
	print_time(out, safe_time);
	fprintf(out, " %s%-10s%s %s", is_colored ? color_of(record, kind) : "", safe_kind,
		is_colored ? "\033[0m" : "", safe);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
