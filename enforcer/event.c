// SPDX-License-Identifier: GPL-2.0-or-later
#include "enforcer/event.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "enforcer/container_json.h"
#include "enforcer/facility.h"
#include "enforcer/util.h"

#define NS_PER_S INT64_C(1000000000)

void bl_time_format(int64_t realtime_ns, char text[BL_TIME_TEXT_LEN])
{
	int64_t ns = realtime_ns % NS_PER_S;
	time_t seconds = realtime_ns / NS_PER_S;
	struct tm tm;
	size_t used;

	if (ns < 0) {
		ns += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	used = strftime(text, BL_TIME_TEXT_LEN, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + used, BL_TIME_TEXT_LEN - used, ".%09uZ", (unsigned)ns);
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * NS_PER_S + ts.tv_nsec;
}

uint64_t bl_time_boot(void)
{
	return (uint64_t)clock_ns(CLOCK_BOOTTIME);
}

int64_t bl_time_realtime_offset(void)
{
	return clock_ns(CLOCK_REALTIME) - clock_ns(CLOCK_BOOTTIME);
}

int bl_event_check(const void *data, size_t size, const struct bl_event **ret_event)
{
	const struct bl_event *event = data;

	if (size < BL_EVENT_HEADER_LEN || event->version != BL_EVENT_VERSION)
		return -EPROTO;
	if (event->key_len > BL_PATH_MAX || size < (size_t)BL_EVENT_HEADER_LEN + event->key_len)
		return -EPROTO;
	if (event->source_kind && event->source_kind != BL_KEY_INET4 &&
	    event->source_kind != BL_KEY_INET6)
		return -EPROTO;
	if (event->operation >= BL_OP_COUNT || event->section >= BL_SECTION_COUNT ||
	    event->verdict >= BL_VERDICT_COUNT || event->fail >= BL_FAIL_COUNT)
		return -EPROTO;

	*ret_event = event;
	return 0;
}

static bool add_permissions(struct json_object *parent, const char *name, enum bl_section section,
			    unsigned mask)
{
	struct json_object *words = bl_json_add_array(parent, name);

	if (!words)
		return false;
	for (unsigned i = 0; i < bl_permission_count(section); i++)
		if ((mask & 1u << i) &&
		    !bl_json_append(words, json_object_new_string(bl_permission_name(section, i))))
			return false;
	return true;
}

static bool add_inet(struct json_object *object, const uint8_t *key, bool is_ipv6)
{
	const uint8_t *port = key + 2 + (is_ipv6 ? 16 : 4);
	uint8_t kind = key[1] == BL_PROTOCOL_TCP_CHOSEN ? BL_PROTOCOL_TCP : key[1];
	const char *protocol = kind < BL_PROTOCOL_COUNT ? bl_socket_kind_name(kind) : NULL;
	char address[INET6_ADDRSTRLEN];

	if (!inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, key + 2, address, sizeof(address)))
		return false;
	return bl_json_add_string(object, "kind", "inet") &&
	       bl_json_add_string(object, "address", address) &&
	       bl_json_add_u64(object, "port", (unsigned)port[0] << 8 | port[1]) &&
	       bl_json_add_string(object, "protocol", protocol ? protocol : "other");
}

static bool add_socket(struct json_object *object, uint8_t kind)
{
	const char *protocol = bl_socket_kind_name(kind);
	char number[16] = "other";

	if (kind >= BL_SOCKET_FAMILY(0))
		snprintf(number, sizeof(number), "family-%d", kind - BL_SOCKET_FAMILY(0));
	return bl_json_add_string(object, "kind", "socket") &&
	       bl_json_add_string(object, "protocol", protocol ? protocol : number);
}

/* Real-time signals have no names. */
static bool add_signal(struct json_object *object, uint8_t number)
{
	const char *abbreviation = sigabbrev_np(number);
	char name[16];

	if (!abbreviation)
		return bl_json_add_u64(object, "signal", number);
	snprintf(name, sizeof(name), "SIG%s", abbreviation);
	return bl_json_add_string(object, "signal", name);
}

static bool add_process(struct json_object *object, const uint8_t *key)
{
	const char *access = bl_access_name(key[1]);
	const char *relation = bl_relation_name(key[2]);
	uint32_t tgid =
		(uint32_t)key[4] << 24 | (uint32_t)key[5] << 16 | (uint32_t)key[6] << 8 | key[7];

	return bl_json_add_string(object, "kind", "process") &&
	       bl_json_add_string(object, "access", access ? access : "?") &&
	       bl_json_add_string(object, "relation", relation ? relation : "?") &&
	       (!tgid || bl_json_add_u64(object, "pid", tgid)) &&
	       (key[1] != BL_ACCESS_SIGNAL || add_signal(object, key[3]));
}

/* A number that is newer than the names is shown as it is. */
static bool add_facility(struct json_object *object, const char *kind, const char *name,
			 uint8_t number)
{
	char text[8];

	snprintf(text, sizeof(text), "%u", number);
	return bl_json_add_string(object, "kind", kind) &&
	       bl_json_add_string(object, "name", name ? name : text);
}

static bool add_object(struct json_object *record, const struct bl_event *event)
{
	const uint8_t *key = (const uint8_t *)event->key;
	size_t len = event->key_len;
	struct json_object *object;

	if (len == 0)
		return true; /* could not be named: fail says why */
	object = bl_json_add_object(record, "object");
	if (!object)
		return false;

	if (key[0] == '/')
		return bl_json_add_string(object, "kind",
					  event->section == BL_SECTION_NETWORK ? "unix" : "file") &&
		       bl_json_add_bytes(object, "path", key, len);
	if (key[0] == '@')
		return bl_json_add_string(object, "kind", "unix") &&
		       bl_json_add_bytes(object, "name", key + 1, len - 1);
	if (key[0] == BL_KEY_INET4 && len == BL_KEY_INET4_LEN)
		return add_inet(object, key, false);
	if (key[0] == BL_KEY_INET6 && len == BL_KEY_INET6_LEN)
		return add_inet(object, key, true);
	if (key[0] == BL_KEY_SOCKET && len == BL_KEY_SOCKET_LEN)
		return add_socket(object, key[1]);
	if (key[0] == BL_KEY_PROCESS && len == BL_KEY_PROCESS_LEN)
		return add_process(object, key);
	if (key[0] == BL_KEY_PRIVILEGE && len == BL_KEY_PRIVILEGE_LEN)
		return add_facility(object, "privilege", bl_privilege_name(key[1]), key[1]);
	if (key[0] == BL_KEY_CAPABILITY && len == BL_KEY_CAPABILITY_LEN)
		return add_facility(object, "capability", bl_capability_name(key[1]), key[1]);
	if (event->section == BL_SECTION_EXEC)
		return bl_json_add_string(object, "kind", "memory") &&
		       bl_json_add_bytes(object, "name", key, len);
	return bl_json_add_string(object, "kind", "unknown") &&
	       bl_json_add_bytes(object, "bytes", key, len);
}

/* Where the socket is bound; an IPv4 address in an IPv6 one as in keys. */
static bool add_source(struct json_object *record, const struct bl_event *event)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	bool is_mapped = !memcmp(event->source, mapped, sizeof(mapped));
	bool is_ipv6 = event->source_kind == BL_KEY_INET6 && !is_mapped;
	const uint8_t *bytes = event->source;
	char address[INET6_ADDRSTRLEN];
	struct json_object *source;

	if (!event->source_kind)
		return true;
	if (event->source_kind == BL_KEY_INET6 && is_mapped)
		bytes += sizeof(mapped);
	if (!inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, bytes, address, sizeof(address)))
		return false;
	source = bl_json_add_object(record, "source");
	return source && bl_json_add_string(source, "address", address) &&
	       bl_json_add_u64(source, "port", event->source_port);
}

static bool add_arguments(struct json_object *record, const struct bl_subject *subject)
{
	struct json_object *words = bl_json_add_array(record, "arguments");
	const char *at = subject->arguments;
	const char *end = at + subject->arguments_len;

	if (!words)
		return false;
	while (at < end) {
		size_t len = strnlen(at, (size_t)(end - at));

		if (!bl_json_append(words, bl_json_new_bytes(at, len)))
			return false;
		at += len + 1;
	}
	return !subject->is_cut || bl_json_add_bool(record, "arguments_cut", true);
}

static bool add_subject(struct json_object *record, const struct bl_event *event,
			const struct bl_subject *subject)
{
	struct json_object *object = bl_json_add_object(record, "subject");
	struct json_object *parent;

	if (!object || !bl_json_add_u64(object, "pid", event->tgid) ||
	    !bl_json_add_u64(object, "tid", event->tid) ||
	    !bl_json_add_u64(object, "uid", event->uid) ||
	    !bl_json_add_bytes(object, "comm", event->comm, strnlen(event->comm, BL_COMM_LEN)))
		return false;
	if (subject && subject->exe &&
	    !bl_json_add_bytes(object, "exe", subject->exe, strlen(subject->exe)))
		return false;
	if (subject && subject->arguments && !add_arguments(object, subject))
		return false;

	parent = bl_json_add_object(object, "parent");
	if (!parent || !bl_json_add_u64(parent, "pid", event->parent_tgid) ||
	    !bl_json_add_bytes(parent, "comm", event->parent_comm,
			       strnlen(event->parent_comm, BL_COMM_LEN)))
		return false;
	return !subject || !subject->parent_exe ||
	       bl_json_add_bytes(parent, "exe", subject->parent_exe, strlen(subject->parent_exe));
}

static bool add_container(struct json_object *record, const struct bl_event *event,
			  const struct bl_event_surroundings *around)
{
	const char *cgroup = around->container_cgroup;
	struct json_object *object;

	if (event->container == 0)
		return true; /* the label itself could not be made up */
	object = bl_json_add_object(record, "container");
	return object && bl_json_add_u64(object, "id", event->container) &&
	       (!cgroup || bl_json_add_bytes(object, "cgroup", cgroup, strlen(cgroup))) &&
	       (!around->container || bl_json_add_container(object, around->container));
}

/* A rule that no generation at hand knows any more is still named by its number. */
static bool add_rule(struct json_object *record, const struct bl_event *event,
		     const struct bl_rule_entry *rule)
{
	struct json_object *object;
	char key[17];

	if (event->rule == 0)
		return true;
	if (rule &&
	    !bl_json_add_bytes(record, "policy", rule->policy->name, strlen(rule->policy->name)))
		return false;

	snprintf(key, sizeof(key), "%016" PRIx64, (uint64_t)event->rule);
	object = bl_json_add_object(record, "rule");
	if (!object || !bl_json_add_string(object, "key", key))
		return false;
	return !rule ||
	       (bl_json_add_bytes(object, "file", rule->policy->file, strlen(rule->policy->file)) &&
		bl_json_add_u64(object, "line", rule->line) &&
		bl_json_add_bytes(object, "text", rule->text, strlen(rule->text)));
}

static const char *mode_name(const struct bl_event *event,
			     const struct bl_event_surroundings *around)
{
	if (event->is_would || around->is_audit_forced)
		return bl_mode_name(BL_MODE_AUDIT);
	/* What an audit rule records does not depend on the mode. */
	if (around->rule && event->verdict <= BL_VERDICT_AUDIT)
		return bl_mode_name(around->rule->policy->mode);
	return bl_mode_name(BL_MODE_ENFORCE);
}

static bool add_verdict(struct json_object *record, const struct bl_event *event,
			const struct bl_event_surroundings *around)
{
	enum bl_verdict verdict = (enum bl_verdict)event->verdict;
	enum bl_section section = (enum bl_section)event->section;
	struct json_object *permissions;

	if (!bl_json_add_string(record, "mode", mode_name(event, around)) ||
	    !bl_json_add_string(record, "verdict", bl_verdict_name(verdict)) ||
	    !bl_json_add_bool(record, "enforced", verdict >= BL_VERDICT_DENY && !event->is_would))
		return false;
	if (event->fail != BL_FAIL_NONE &&
	    !bl_json_add_string(record, "fail", bl_fail_name((enum bl_fail)event->fail)))
		return false;
	if (!bl_json_add_string(record, "operation",
				bl_operation_name((enum bl_operation)event->operation)))
		return false;
	permissions = bl_json_add_object(record, "permissions");
	return permissions && add_permissions(permissions, "asked", section, event->asked) &&
	       add_permissions(permissions, verdict >= BL_VERDICT_DENY ? "denied" : "audited",
			       section, event->denied);
}

int bl_event_to_json(const struct bl_event *event, const struct bl_event_surroundings *around,
		     struct json_object **ret_record)
{
	bl_cleanup_json struct json_object *record = json_object_new_object();
	char time[BL_TIME_TEXT_LEN];

	bl_time_format((int64_t)event->time_ns + around->realtime_offset_ns, time);
	if (!record || !bl_json_add_string(record, "time", time) ||
	    !bl_json_add_bytes(record, "node", around->node, strlen(around->node)) ||
	    !bl_json_add_string(record, "record", "access") ||
	    !add_container(record, event, around) || !add_rule(record, event, around->rule) ||
	    !add_verdict(record, event, around) || !add_object(record, event) ||
	    !add_source(record, event) || !add_subject(record, event, around->subject) ||
	    !bl_json_add_u64(record, "generation", event->generation) ||
	    !bl_json_add_u64(record, "repeat", 0))
		return -ENOMEM;

	*ret_record = TAKE(record);
	return 0;
}
